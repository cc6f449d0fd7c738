//! The password of a database or cache: made by secret-writer before the resource is, used here at its creation, and
//! replaced only where both Secrets are lost and the strategy says so. It is never stored or printed.

use proto::wire::credential_field::Source;
use proto::wire::{CredentialOutcome, CredentialReply};
use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret as _, SecretString};
use worker::{TurnError, Work};

use crate::error::Error;

/// The user's field of the credential Secret, as the Go operator named it.
pub const USER: &str = "user";
/// The password's field of the credential Secret.
pub const PASSWORD: &str = "password";
const LENGTH: u32 = 32;

/// The password for what does not exist yet; generated only if none is kept, so that a repeat uses the same one.
/// `username`: whose it is, where there are users.
pub async fn of_new(work: &Work<'_>, username: Option<&str>) -> Result<SecretString, TurnError> {
    let user = username.map(|name| (USER.to_owned(), Source::Literal(name.to_owned())));
    let password = (PASSWORD.to_owned(), Source::GenerateLength(LENGTH));
    let fields: Vec<_> = user.into_iter().chain([password]).collect();
    let identity = &work.item.identity;
    let reply = work.bus.ensure_credentials(work.provider(), identity, fields, true).await;
    let mut reply = reply.map_err(silent)?;
    let password = reply.values.remove(PASSWORD).filter(|it| !it.is_empty());
    reply.values.values_mut().for_each(Zeroize::zeroize);
    match (outcome(&reply), password) {
        (CredentialOutcome::Held | CredentialOutcome::Created, Some(password)) => {
            Ok(password.into())
        }
        (CredentialOutcome::Held | CredentialOutcome::Created, None) => {
            Err(Error::CredentialsRefused(CredentialOutcome::Unavailable).into())
        }
        (refused, _) => Err(Error::CredentialsRefused(refused).into()),
    }
}

/// Whether the claim's credentials are kept.
pub async fn is_kept(work: &Work<'_>) -> Result<bool, TurnError> {
    let reply = work.bus.read_credentials(work.provider(), &work.item.identity).await;
    let reply = reply.map_err(silent)?;
    match outcome(&reply) {
        CredentialOutcome::Held | CredentialOutcome::Created => Ok(true),
        CredentialOutcome::Missing => Ok(false),
        refused => Err(Error::CredentialsRefused(refused).into()),
    }
}

/// Hands a password that AWS has accepted to secret-writer. Whatever keeps it from being stored, the next turn finds
/// none and makes another.
pub async fn store(
    work: &Work<'_>,
    username: Option<&str>,
    password: &SecretString,
) -> Result<(), TurnError> {
    let user = username.map(|name| (USER.to_owned(), name.to_owned()));
    let password = (PASSWORD.to_owned(), password.expose_secret().to_owned());
    let values: Vec<_> = user.into_iter().chain([password]).collect();
    let (identity, id) = (&work.item.identity, work.item.item_id.as_str());
    // Only where none is kept, so none is replaced.
    let reply = work.bus.store_credentials(work.provider(), identity, id, None, values).await;
    match outcome(&reply.map_err(silent)?) {
        CredentialOutcome::Held | CredentialOutcome::Created => Ok(()),
        refused => Err(Error::CredentialsRefused(refused).into()),
    }
}

/// Letters and digits from the operating system's generator. `None` when it has none.
pub fn generate() -> Option<SecretString> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    /// Bytes from here on would make some letters likelier than others.
    const FAIR: u8 = 248;
    let length = usize::try_from(LENGTH).ok()?;
    let mut password = String::with_capacity(length);
    let mut random = [0; 64];
    while password.len() < length {
        SysRng.try_fill_bytes(&mut random).ok()?;
        let fair = random.iter().filter(|byte| **byte < FAIR).take(length - password.len());
        password.extend(fair.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
    }
    random.zeroize();
    Some(password.into())
}

/// What a reply says; an outcome that this version does not know is not good.
fn outcome(reply: &CredentialReply) -> CredentialOutcome {
    CredentialOutcome::try_from(reply.outcome).unwrap_or(CredentialOutcome::Unavailable)
}

fn silent(error: bus::Error) -> TurnError {
    match error {
        bus::Error::NoAnswer(_) => Error::SecretWriterSilent.into(),
        error => TurnError::Interrupted(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_random_and_of_characters_that_aws_takes() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert_eq!(one.expose_secret().len(), 32);
        assert!(one.expose_secret().bytes().all(|it| it.is_ascii_alphanumeric()));
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(!format!("{one:?}").contains(one.expose_secret()));
    }
}
