//! Pure: which key ids are held? Never a value.

use proto::wire::CredentialOutcome;

use super::recover::{Standing, standing};
use super::{Answer, Holding};
use crate::plan::credential_secret;

/// Held means that the values are there too: an edited Secret that cannot be repaired counts as missing.
pub(super) fn decide(holding: Holding<'_>) -> Answer {
    if let Some(answer) = holding.foreign() {
        return answer;
    }
    let (provider, kind) = (holding.builder.provider, holding.identity.kind);
    let values = match standing(provider, kind, holding.present, holding.connection) {
        Standing::Held => holding.present.map(|it| it.values.clone()).unwrap_or_default(),
        Standing::Recovered(values) => values,
        Standing::Lost | Standing::Edited => return holding.lost(),
    };
    let secret = credential_secret(holding.builder, holding.name, values, holding.present);
    Answer::holding(CredentialOutcome::Held, secret, holding)
}
