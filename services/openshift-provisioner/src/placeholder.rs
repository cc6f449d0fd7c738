//! `BlobStorage` and `SMTPCredentialSet`: in the cluster nothing is made for them. Their Secret holds placeholders that
//! people fill in, and what they filled in is kept.
//!
//! A `BlobStorage` whose strategy asks for an `ObjectBucketClaim` is served by [`bucket`](crate::bucket) instead.

use crds::names::PLACEHOLDER;
use proto::{Desired, Field, Kind};
use worker::Step;

/// What a turn of a placeholder comes to; `None` for other kinds.
pub fn step(kind: Kind, desired: Desired) -> Option<Step> {
    let fields = fields(kind)?;
    Some(match desired {
        Desired::Present => {
            Step::Ready { message: "reconcile complete".to_owned(), fields, simulated: false }
        }
        Desired::Paused => Step::Paused,
        Desired::Absent | Desired::Released => {
            Step::Absent { message: "deletion complete".to_owned() }
        }
    })
}

fn fields(kind: Kind) -> Option<Vec<(&'static str, Field)>> {
    let keys: &[(&str, &str)] = match kind {
        Kind::BlobStorage => &[
            ("bucketName", PLACEHOLDER),
            ("bucketRegion", PLACEHOLDER),
            ("credentialKeyID", PLACEHOLDER),
            ("credentialSecretKey", PLACEHOLDER),
        ],
        Kind::SmtpCredentialSet => &[
            ("username", PLACEHOLDER),
            ("password", PLACEHOLDER),
            ("host", PLACEHOLDER),
            ("port", "587"),
            ("tls", "true"),
        ],
        _ => return None,
    };
    Some(keys.iter().map(|(key, text)| (*key, Field::KeepOr((*text).to_owned()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(kind: Kind) -> Vec<(&'static str, String)> {
        let Some(Step::Ready { fields, .. }) = step(kind, Desired::Present) else {
            panic!("{kind}")
        };
        let text = |field| match field {
            Field::KeepOr(text) => text,
            other => panic!("{other:?}"),
        };
        fields.into_iter().map(|(key, field)| (key, text(field))).collect()
    }

    #[test]
    fn secrets_hold_the_go_operators_keys_to_fill_in() {
        let blank = |key| (key, PLACEHOLDER.to_owned());
        let blob = ["bucketName", "bucketRegion", "credentialKeyID", "credentialSecretKey"];
        assert_eq!(keys(Kind::BlobStorage), blob.map(blank));
        let mail = keys(Kind::SmtpCredentialSet);
        assert_eq!(mail[..3], ["username", "password", "host"].map(blank));
        assert_eq!(mail[3..], [("port", "587".to_owned()), ("tls", "true".to_owned())]);
    }

    #[test]
    fn placeholders_are_gone_at_once_and_can_be_paused() {
        let kind = Kind::BlobStorage;
        assert_eq!(step(kind, Desired::Paused), Some(Step::Paused));
        assert!(matches!(step(kind, Desired::Absent), Some(Step::Absent { .. })));
        assert_eq!(step(Kind::Postgres, Desired::Present), None);
    }
}
