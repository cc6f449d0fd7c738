//! Pure: from a result and what was observed to the Secrets as they should be.

use crds::conditions::reasons;
use crds::{Claim, names};
use proto::{Connection, ErrorClass, Field, Provider, State};

use crate::binding::{binding, binding_type, secret_type};
use crate::bucket::{self, Bucket};
use crate::credentials::recover::{Standing, standing};
use crate::secret::{Builder, CREDENTIALS_DIGEST, KEY_ID, OPAQUE, StoredSecret, mark_simulated};
use crate::tls::tls;
use crate::values::Values;

/// Reason of the event, and of the record: the Secret is good, and is not what the provider says.
const KEPT: &str = "SecretKept";

/// The names of a claim's three Secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Named by the claim.
    pub connection: String,
    /// Beside it.
    pub binding: String,
    /// `None` when the provider keeps no credentials for the kind.
    pub credentials: Option<String>,
}

impl Names {
    /// The names follow from the live claim and its provider alone.
    pub fn of(claim: &Claim, provider: Provider) -> Self {
        let connection = claim.spec.secret_name().to_owned();
        Self {
            binding: names::binding_secret(&connection),
            connection,
            credentials: names::credential_secret(&claim.name, provider.as_str(), claim.kind),
        }
    }
}

/// A live claim and its Secrets, whosever they are.
#[derive(Debug)]
pub struct Observed {
    /// The live claim.
    pub claim: Claim,
    /// The Secret that the claim names.
    pub connection: Option<StoredSecret>,
    /// The Secret beside it.
    pub binding: Option<StoredSecret>,
    /// The credential Secret.
    pub credentials: Option<StoredSecret>,
    /// The Secret of its `ObjectBucketClaim`, if the result refers to it.
    pub bucket: Option<Bucket>,
}

/// What is to be done, and what the record says when it is done.
#[derive(Debug)]
pub struct Plan {
    /// In this order.
    pub steps: Vec<Step>,
    /// How far the claim's Secrets then are.
    pub verdict: Verdict,
}

/// One Secret.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// It is as it should be.
    Keep(StoredSecret),
    /// It does not exist.
    Create(StoredSecret),
    /// It differs.
    Replace(StoredSecret),
}

impl Step {
    /// The step that brings `present` to `desired`.
    pub fn to(desired: StoredSecret, present: Option<&StoredSecret>) -> Self {
        match present {
            None => Self::Create(desired),
            Some(present) if *present == desired => Self::Keep(desired),
            Some(_) => Self::Replace(desired),
        }
    }

    /// The Secret as it should be.
    pub fn secret(&self) -> &StoredSecret {
        let (Self::Keep(secret) | Self::Create(secret) | Self::Replace(secret)) = self;
        secret
    }
}

/// What the record, and through it the claim's status, says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How far the Secrets are.
    pub state: State,
    /// Why they are not further.
    pub class: Option<ErrorClass>,
    /// Reason of a condition.
    pub reason: &'static str,
    /// For people: what is wrong and what to do. No values.
    pub message: String,
}

impl Verdict {
    fn written(connection: &str) -> Self {
        let message = format!("the Secret {connection} is written");
        Self { state: State::Ready, class: None, reason: reasons::SECRET_WRITTEN, message }
    }

    fn refused(reason: &'static str, message: String) -> Self {
        Self { state: State::Refused, class: Some(ErrorClass::Invalid), reason, message }
    }

    fn taken(name: &str) -> Self {
        let message = format!(
            "the Secret {name} exists and does not belong to this claim; it stays untouched: \
             delete it, or choose another name"
        );
        let (state, class) = (State::Pending, Some(ErrorClass::Foreign));
        Self { state, class, reason: reasons::SECRET_TAKEN, message }
    }

    /// A provisioner that is not ours has something to do first.
    pub(crate) fn awaited(message: String) -> Self {
        let (state, class) = (State::Pending, Some(ErrorClass::Transient));
        Self { state, class, reason: reasons::TRANSIENT, message }
    }

    /// What people filled in stays, and works as before.
    fn kept(connection: &str) -> Self {
        let message = format!(
            "the Secret {connection} holds what people filled in, and keeps it; to have the bucket's values instead, \
             save what you need and delete the Secret: it is then written anew"
        );
        Self { message, reason: KEPT, ..Self::written(connection) }
    }

    pub(crate) fn foreign(message: String) -> Self {
        let (state, class) = (State::Pending, Some(ErrorClass::Foreign));
        Self { state, class, reason: reasons::FOREIGN, message }
    }

    fn needs_person(message: String) -> Self {
        let (state, class) = (State::Pending, Some(ErrorClass::NeedsPerson));
        Self { state, class, reason: reasons::NEEDS_PERSON, message }
    }
}

/// Decides what becomes of the claim's Secrets.
pub fn plan(result: &Connection, observed: &Observed) -> Plan {
    let mut steps = Vec::new();
    let verdict = match plan_into(&mut steps, result, observed) {
        Ok(verdict) | Err(verdict) => verdict,
    };
    Plan { steps, verdict }
}

/// Steps that were planned before an obstacle stay: a binding Secret whose name is taken must not keep the connection
/// Secret from the application.
fn plan_into(
    steps: &mut Vec<Step>,
    result: &Connection,
    observed: &Observed,
) -> Result<Verdict, Verdict> {
    let claim = &observed.claim;
    let names = Names::of(claim, result.provider);
    let type_ = accept(claim, &names)?;
    let connection = own(observed.connection.as_ref(), claim)?;
    let builder = Builder { claim, provider: result.provider };

    let is_kept = observed.bucket.is_some() && bucket::is_filled_by_hand(connection);
    let credentials = match &observed.bucket {
        Some(_) if is_kept => None,
        Some(bucket) => {
            let secret = bucket.clone()?;
            let values = secret.values.clone();
            // Not ours to change; its version tells when its keys are new.
            steps.push(Step::Keep(secret));
            Some(values)
        }
        None => plan_credentials(steps, result, observed, &names, builder)?,
    };
    let values = match connection.filter(|_| is_kept) {
        Some(connection) => connection.values.clone(),
        None => resolve(result, credentials.as_ref(), connection)
            .map_err(|key| Verdict::needs_person(lacking(&names, &key)))?,
    };
    let mut desired = builder.build(&names.connection, OPAQUE, values, connection);
    let mark = credentials.as_ref().map(Values::digest);
    desired.annotate(CREDENTIALS_DIGEST, mark.as_deref());
    mark_simulated(&mut desired, result.simulated);
    let tls = tls(result, &desired.values);
    let values = binding(claim.kind, type_, result.provider, &desired.values, tls);
    steps.push(Step::to(desired, connection));

    let present = own(observed.binding.as_ref(), claim)?;
    let mut desired = builder.build(&names.binding, &secret_type(type_), values, present);
    mark_simulated(&mut desired, result.simulated);
    steps.push(Step::to(desired, present));
    let verdict = if is_kept { Verdict::kept } else { Verdict::written };
    Ok(verdict(&names.connection))
}

/// What a claim may ask of us; returns the type of its binding.
fn accept(claim: &Claim, names: &Names) -> Result<&'static str, Verdict> {
    let asked = claim.spec.secret_ref.as_ref().and_then(|secret| secret.namespace.as_deref());
    if let Some(asked) = asked.filter(|asked| !asked.is_empty() && *asked != claim.namespace) {
        return Err(Verdict::refused(
            reasons::NAMESPACE_REFUSED,
            format!(
                "spec.secretRef.namespace is {asked}, but a Secret is written only beside its claim: \
                 leave it out, and read the Secret in {}",
                claim.namespace
            ),
        ));
    }
    if names.connection.is_empty() {
        let message = "spec.secretRef.name is missing: name the Secret to write".to_owned();
        return Err(Verdict::refused(reasons::INVALID, message));
    }
    if names.credentials.as_ref() == Some(&names.connection) {
        return Err(Verdict::refused(
            reasons::INVALID,
            format!(
                "spec.secretRef.name is {}, where the credentials of this claim are kept: \
                 choose another name",
                names.connection
            ),
        ));
    }
    binding_type(claim.kind).ok_or_else(|| {
        let message = format!("a {} has no connection", claim.kind.kind());
        Verdict::refused(reasons::INVALID, message)
    })
}

/// The Secret, if it is there; refuses one that is not the claim's.
fn own<'a>(
    secret: Option<&'a StoredSecret>,
    claim: &Claim,
) -> Result<Option<&'a StoredSecret>, Verdict> {
    match secret {
        Some(secret) if !secret.is_of(&claim.uid) => Err(Verdict::taken(secret.name())),
        secret => Ok(secret),
    }
}

/// The credentials, if the result refers to them; restores their Secret from the connection Secret where it must.
fn plan_credentials(
    steps: &mut Vec<Step>,
    result: &Connection,
    observed: &Observed,
    names: &Names,
    builder: Builder<'_>,
) -> Result<Option<Values>, Verdict> {
    let is_needed = result.fields.values().any(|field| matches!(field, Field::Credential(_)));
    let Some(name) = names.credentials.as_deref().filter(|_| is_needed) else { return Ok(None) };
    let present = own(observed.credentials.as_ref(), &observed.claim)?;
    let connection = own(observed.connection.as_ref(), &observed.claim)?;
    let values = match standing(result.provider, result.identity.kind, present, connection) {
        Standing::Held => present.map(|it| it.values.clone()).unwrap_or_default(),
        Standing::Recovered(values) => values,
        Standing::Lost => return Err(Verdict::needs_person(lost(name, &names.connection))),
        Standing::Edited => return Err(Verdict::needs_person(edited(name))),
    };
    let desired = credential_secret(builder, name, values.clone(), present);
    steps.push(Step::to(desired, present));
    Ok(Some(values))
}

/// The credential Secret with these values, marked as ours.
pub fn credential_secret(
    builder: Builder<'_>,
    name: &str,
    values: Values,
    present: Option<&StoredSecret>,
) -> StoredSecret {
    let digest = values.digest();
    let key_id = values.filled("keyId").map(|id| String::from_utf8_lossy(id).into_owned());
    let mut secret = builder.build(name, OPAQUE, values, present);
    secret.annotate(CREDENTIALS_DIGEST, Some(&digest));
    if let Some(key_id) = key_id {
        secret.annotate(KEY_ID, Some(&key_id));
    }
    secret
}

fn lacking(names: &Names, key: &str) -> String {
    let holder = names.credentials.as_ref().map_or_else(
        || "the Secret of the bucket".to_owned(),
        |credentials| format!("the credential Secret {credentials}"),
    );
    format!("{holder} holds no {key}: the provider must make a new one")
}

fn lost(credentials: &str, connection: &str) -> String {
    format!(
        "the credentials are lost: neither the Secret {credentials} nor the Secret {connection} holds them; \
         restore either from a backup, or make the claim again"
    )
}

fn edited(credentials: &str) -> String {
    format!(
        "the Secret {credentials} was edited, and nothing else holds what was in it: write the values that the \
         resource really has, then remove its annotation {CREDENTIALS_DIGEST}"
    )
}

/// The values of the connection Secret. Fails with the key that the credentials lack.
fn resolve(
    result: &Connection,
    credentials: Option<&Values>,
    present: Option<&StoredSecret>,
) -> Result<Values, String> {
    let is_placeholder = result.fields.values().any(|field| matches!(field, Field::KeepOr(_)));
    // Keys that people added to a placeholder are theirs.
    let kept = present.map(|it| &it.values).filter(|_| is_placeholder);
    let mut values = kept.cloned().unwrap_or_default();
    for (key, field) in &result.fields {
        match field {
            Field::Literal(text) => values.set(key, text.as_str()),
            Field::Credential(name) | Field::Bucket(name) => {
                let value =
                    credentials.and_then(|it| it.filled(name)).ok_or_else(|| name.clone())?;
                values.set(key, value);
            }
            Field::KeepOr(text) => {
                if values.get(key).is_none() {
                    values.set(key, text.as_str());
                }
            }
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
