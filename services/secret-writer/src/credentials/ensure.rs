//! Pure: makes sure that the fields that a provisioner needs are held.

use crds::Claim;
use proto::Provider;
use proto::wire::credential_field::Source;
use proto::wire::{CredentialOutcome, EnsureRequest};
use secrecy::{ExposeSecret as _, SecretBox};

use super::recover::{Standing, standing};
use super::{Answer, Holding};
use crate::error::Error;
use crate::plan::credential_secret;
use crate::values::Values;

/// Shorter passwords can be guessed; longer ones some engines refuse.
const LENGTHS: std::ops::RangeInclusive<u32> = 16..=128;

/// A password is generated only when the caller knows that no resource exists yet: a new password for a resource that
/// exists would lock everybody out (W-04).
pub(super) fn decide(
    request: &EnsureRequest,
    holding: Holding<'_>,
    generate: impl Fn(usize) -> Result<SecretBox<Vec<u8>>, Error>,
) -> Result<Answer, Error> {
    if let Some(answer) = refuse(request, holding.builder.claim).or_else(|| holding.foreign()) {
        return Ok(answer);
    }
    let (provider, kind) = (holding.builder.provider, holding.identity.kind);
    let standing = standing(provider, kind, holding.present, holding.connection);
    let outcome = if standing == Standing::Lost {
        CredentialOutcome::Created
    } else {
        CredentialOutcome::Held
    };
    let held = holding.present.map(|it| it.values.clone()).unwrap_or_default();
    let held = match standing {
        Standing::Held => held,
        Standing::Recovered(values) => values,
        // Nothing uses them yet, so an edit does no harm.
        Standing::Lost | Standing::Edited if request.may_generate => held,
        Standing::Lost | Standing::Edited => return Ok(holding.lost()),
    };
    let Some(values) = fill(held, request, generate)? else { return Ok(holding.lost()) };
    let secret = credential_secret(holding.builder, holding.name, values.clone(), holding.present);
    let answer = Answer::holding(outcome, secret, holding);
    // In the cluster a name is enough: pods read the Secret themselves.
    Ok(if provider == Provider::Aws { Answer { values, ..answer } } else { answer })
}

fn refuse(request: &EnsureRequest, claim: &Claim) -> Option<Answer> {
    if claim.is_deleting() {
        return Some(Answer::refused("the claim is being deleted"));
    }
    let is_sound = |source: &Option<Source>| match source {
        Some(Source::GenerateLength(length)) => LENGTHS.contains(length),
        Some(Source::Literal(_)) => true,
        None => false,
    };
    let all_sound = request.fields.values().all(|field| is_sound(&field.source));
    (!all_sound).then(|| Answer::refused("a field has no source, or a password of unsafe length"))
}

/// Adds what is empty; what is there stays. `None` when a password is missing that must not be generated.
fn fill(
    mut values: Values,
    request: &EnsureRequest,
    generate: impl Fn(usize) -> Result<SecretBox<Vec<u8>>, Error>,
) -> Result<Option<Values>, Error> {
    for (key, field) in &request.fields {
        match &field.source {
            _ if values.filled(key).is_some() => {}
            Some(Source::Literal(text)) => values.set(key, text.as_str()),
            Some(Source::GenerateLength(length)) if request.may_generate => {
                let password = generate(usize::try_from(*length).unwrap_or(usize::MAX))?;
                values.set(key, password.expose_secret().as_slice());
            }
            Some(Source::GenerateLength(_)) | None => return Ok(None),
        }
    }
    Ok(Some(values))
}
