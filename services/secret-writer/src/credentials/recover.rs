//! Credential and connection Secret restore each other (W-04): what one has lost, the other still holds.

use proto::{Kind, Provider};

use crate::secret::{CREDENTIALS_DIGEST, StoredSecret};
use crate::values::Values;

/// What became of a claim's credentials.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// The credential Secret holds them.
    Held,
    /// The credential Secret is gone or was edited; these are the values that it held.
    Recovered(Values),
    /// The credential Secret is gone, and nothing else holds the values.
    Lost,
    /// The credential Secret was edited, and nothing else holds the values that it held.
    Edited,
}

/// Looks at a credential Secret and the connection Secret beside it; both are the claim's, or `None`.
///
/// A credential Secret without our digest counts as held: the Go operator wrote it, or a person put right what we
/// could not, and removed the annotation.
pub fn standing(
    provider: Provider,
    kind: Kind,
    credentials: Option<&StoredSecret>,
    connection: Option<&StoredSecret>,
) -> Standing {
    let published = connection.and_then(|connection| published(provider, kind, connection));
    let Some(credentials) = credentials else {
        let mark = connection.and_then(|connection| connection.annotation(CREDENTIALS_DIGEST));
        let intact = published.filter(|values| mark.is_none_or(|mark| values.digest() == mark));
        return intact.map_or(Standing::Lost, Standing::Recovered);
    };
    let Some(mark) = credentials.annotation(CREDENTIALS_DIGEST) else { return Standing::Held };
    if credentials.values.digest() == mark {
        return Standing::Held;
    }
    let proven = |values: &Values| values.digest() == mark;
    published
        .and_then(|published| {
            let mut repaired = credentials.values.clone();
            repaired.overlay(&published);
            [published, repaired].into_iter().find(proven)
        })
        .map_or(Standing::Edited, Standing::Recovered)
}

/// The credentials as the connection Secret publishes them; `None` unless it publishes all of them.
fn published(provider: Provider, kind: Kind, connection: &StoredSecret) -> Option<Values> {
    let value = |(credential, key): &(&str, &str)| {
        Some(((*credential).to_owned(), connection.values.filled(key)?))
    };
    pairs(provider, kind)?.iter().map(value).collect()
}

type Pair = (&'static str, &'static str);

/// Key of the credential Secret, key of the connection Secret.
fn pairs(provider: Provider, kind: Kind) -> Option<&'static [Pair]> {
    Some(match (provider, kind) {
        (Provider::Aws, Kind::Postgres) => &[("user", "username"), ("password", "password")],
        (Provider::Openshift, Kind::Postgres) => {
            &[("user", "username"), ("password", "password"), ("database", "database")]
        }
        (_, Kind::Redis) => &[("password", "password")],
        (Provider::Aws, Kind::BlobStorage) => {
            &[("keyId", "credentialKeyID"), ("secretKey", "credentialSecretKey")]
        }
        (Provider::Aws, Kind::SmtpCredentialSet) => {
            &[("keyId", "username"), ("smtpPassword", "password")]
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
