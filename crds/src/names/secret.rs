//! Names of the Secrets that stand beside a claim.

use data_encoding::Specification;
use sha2::{Digest, Sha256};

use crate::ClaimKind;

/// Longest name that Kubernetes takes for a Secret, in characters.
const LONGEST: usize = 253;
/// Longest name of an `ObjectBucketClaim`: its provisioner makes other names and labels of it.
const LONGEST_BUCKET_CLAIM: usize = 63;
/// Characters of the hash in a shortened name: 80 bits in base32.
const HASH: usize = 16;

/// The credential Secret of a claim; `None` when its provider keeps no credentials for the kind.
///
/// Names are the Go operator's where it had such a Secret.
pub fn credential_secret(claim: &str, provider: &str, kind: ClaimKind) -> Option<String> {
    let suffix = match (provider, kind) {
        ("openshift", ClaimKind::Postgres) => "-postgres-credentials",
        ("openshift", ClaimKind::Redis) => "-redis-credentials",
        ("aws", ClaimKind::Postgres) => "-aws-rds-credentials",
        ("aws", ClaimKind::Redis) => "-aws-elasticache-credentials",
        ("aws", ClaimKind::BlobStorage) => "-aws-s3-credentials",
        ("aws", ClaimKind::SmtpCredentialSet) => "-aws-ses-credentials",
        _ => return None,
    };
    Some(fitted(claim, suffix, LONGEST))
}

/// The Service Binding Secret beside a connection Secret.
pub fn binding_secret(secret: &str) -> String {
    fitted(secret, "-binding", LONGEST)
}

/// The `ObjectBucketClaim` of a claim, and the Secret and the ConfigMap that its provisioner makes. Whoever knows the
/// claim knows the name, and no other claim has it, not even one of the same name that comes later.
pub fn bucket_claim(claim: &str, uid: &str) -> String {
    fitted(claim, &format!("-{}", hash(uid)), LONGEST_BUCKET_CLAIM)
}

/// `name` and `suffix`; when that is too long, the end of `name` gives way to a hash of all of it.
fn fitted(name: &str, suffix: &str, longest: usize) -> String {
    if name.len() + suffix.len() <= longest {
        return format!("{name}{suffix}");
    }
    let room = longest - suffix.len() - HASH - 1;
    let kept = &name[..name.floor_char_boundary(room)];
    // A dot or hyphen before our hyphen would not be a name any more.
    let kept = kept.trim_end_matches(['.', '-']);
    format!("{kept}-{}{suffix}", hash(name))
}

fn hash(name: &str) -> String {
    let mut base32 = Specification::new();
    base32.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    let base32 = base32.encoding().expect("32 distinct symbols make a base32 alphabet");
    base32.encode(&Sha256::digest(name.as_bytes())[..HASH * 5 / 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_people_know() {
        let table = [
            ("openshift", ClaimKind::Postgres, Some("my-db-postgres-credentials")),
            ("openshift", ClaimKind::Redis, Some("my-db-redis-credentials")),
            ("openshift", ClaimKind::BlobStorage, None),
            ("aws", ClaimKind::Postgres, Some("my-db-aws-rds-credentials")),
            ("aws", ClaimKind::Redis, Some("my-db-aws-elasticache-credentials")),
            ("aws", ClaimKind::BlobStorage, Some("my-db-aws-s3-credentials")),
            ("aws", ClaimKind::SmtpCredentialSet, Some("my-db-aws-ses-credentials")),
            ("aws", ClaimKind::PostgresSnapshot, None),
            ("gcp", ClaimKind::Postgres, None),
        ];
        for (provider, kind, name) in table {
            assert_eq!(credential_secret("my-db", provider, kind).as_deref(), name);
        }
        assert_eq!(binding_secret("my-secret"), "my-secret-binding");
    }

    #[test]
    fn a_bucket_claim_is_of_one_claim_for_life() {
        assert_eq!(bucket_claim("files", "u-1"), "files-ujfh6vpspdout6y7");
        assert_ne!(bucket_claim("files", "u-1"), bucket_claim("files", "u-2"));
        let long = bucket_claim(&"a.".repeat(126), "u-1");
        assert!(long.len() <= LONGEST_BUCKET_CLAIM && !long.contains(".-"), "{long}");
    }

    #[test]
    fn a_name_at_the_limit_is_shortened_and_stays_unique_and_valid() {
        let fits = "a".repeat(LONGEST - "-binding".len());
        assert_eq!(binding_secret(&fits), format!("{fits}-binding"));
        let one = format!("{}x", "a".repeat(252));
        let two = format!("{}y", "a".repeat(252));
        assert_eq!(binding_secret(&one).len(), LONGEST);
        assert_ne!(binding_secret(&one), binding_secret(&two));
        let dots = format!("{}z", "a.".repeat(126));
        let name = binding_secret(&dots);
        assert!(!name.contains(".-") && name.len() <= LONGEST, "{name}");
    }
}
