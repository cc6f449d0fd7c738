//! Pure: keeps what a provider minted.

use proto::wire::{CredentialOutcome, StoreRequest};

use super::{Answer, Holding, read};
use crate::plan::credential_secret;
use crate::secret::KEY_ID;
use crate::values::Values;

/// A newer key replaces the one that its sender has read; keys that the request does not name stay.
pub(super) fn decide(request: &StoreRequest, holding: Holding<'_>) -> Answer {
    if request.key_id.is_empty() || request.values.values().any(String::is_empty) {
        return Answer::refused("a minted key needs an id and values");
    }
    if let Some(answer) = holding.foreign() {
        return answer;
    }
    let held = read::decide(holding).key_ids().pop().unwrap_or_default();
    if held != request.replaces && held != request.key_id {
        return Answer::refused(format!("another key is held by now: {held}"));
    }
    let mut values = holding.present.map(|it| it.values.clone()).unwrap_or_default();
    let minted: Values =
        request.values.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    values.overlay(&minted);
    let mut secret = credential_secret(holding.builder, holding.name, values, holding.present);
    secret.annotate(KEY_ID, Some(&request.key_id));
    let outcome = match holding.present {
        None => CredentialOutcome::Created,
        Some(_) => CredentialOutcome::Held,
    };
    Answer::holding(outcome, secret, holding)
}
