//! Keys: which ones secret-writer holds, and handing it a new one. No key is kept here.

use proto::wire::{CredentialOutcome, CredentialReply};
use secrecy::ExposeSecret as _;
use worker::{TurnError, Work};

use crate::aws::iam::AccessKey;
use crate::error::Error;

/// The key id's field of the credential Secret.
pub const KEY_ID: &str = "keyId";
/// The secret half's field of the credential Secret.
pub const SECRET_KEY: &str = "secretKey";

/// Ids of the keys that secret-writer holds for the claim.
pub async fn held(work: &Work<'_>) -> Result<Vec<String>, TurnError> {
    let reply = work.bus.read_credentials(work.provider(), &work.item.identity).await;
    let reply = reply.map_err(silent)?;
    match outcome(&reply) {
        CredentialOutcome::Held | CredentialOutcome::Created => Ok(reply.key_ids),
        CredentialOutcome::Missing => Ok(Vec::new()),
        refused => Err(Error::CredentialsRefused(refused).into()),
    }
}

/// What is kept of a key.
pub type Values = [(String, String); 2];

/// Both halves.
pub fn both(key: &AccessKey) -> Values {
    [
        (KEY_ID.to_owned(), key.id.clone()),
        (SECRET_KEY.to_owned(), key.secret.expose_secret().to_owned()),
    ]
}

/// Hands a key to secret-writer, to replace one that was `held`. `Err(None)`: whether it is kept is not known.
pub(super) async fn store(
    work: &Work<'_>,
    id: &str,
    values: Values,
    held: Option<&str>,
) -> Result<(), Option<CredentialOutcome>> {
    let identity = &work.item.identity;
    let reply = work.bus.store_credentials(work.provider(), identity, id, held, values).await;
    match reply.as_ref().map(outcome) {
        Ok(CredentialOutcome::Held | CredentialOutcome::Created) => Ok(()),
        Ok(CredentialOutcome::Unavailable) | Err(_) => Err(None),
        Ok(refused) => Err(Some(refused)),
    }
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
