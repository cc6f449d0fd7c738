//! Keeps credentials: answers the sealed requests of provisioners from the credential Secret beside the claim.
//!
//! Whatever a request says, the live claim decides: it exists with that uid and is pinned to the sender. The name of
//! the Secret follows from the claim; no sender can name one. A compromised aws-provisioner can ask for the passwords
//! of claims that are pinned to AWS, and no others; openshift-provisioner never gets a value.

mod ensure;
mod generate;
mod read;
pub(crate) mod recover;
mod store;

use std::time::Duration;

use bus::credentials::Request;
use proto::wire::{CredentialOutcome, CredentialReply};
use proto::{Identity, Provider};
use tokio::time::timeout;

use crate::claim::{Claims, Pin, pin};
use crate::error::Error;
use crate::metrics::{Answered, Metrics};
use crate::plan::{Names, Step};
use crate::secret::{Builder, KEY_ID, StoredSecret};
use crate::values::Values;
use crate::write::Secrets;

const ATTEMPTS: usize = 5;
/// Shorter than the caller's patience, so that it hears why.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Answers credential requests. Cheap to clone.
#[derive(Clone)]
pub struct Keeper {
    claims: Claims,
    secrets: Secrets,
    metrics: Metrics,
}

/// What a decision rests on.
#[derive(Clone, Copy)]
struct Holding<'a> {
    builder: Builder<'a>,
    identity: &'a Identity,
    name: &'a str,
    /// The credential Secret, whosever it is.
    present: Option<&'a StoredSecret>,
    /// The connection Secret, if it is the claim's.
    connection: Option<&'a StoredSecret>,
}

/// A decision: the answer, and what must be written before it is given.
#[derive(Debug)]
struct Answer {
    outcome: CredentialOutcome,
    step: Option<Step>,
    values: Values,
    message: String,
}

impl Answer {
    fn plain(outcome: CredentialOutcome, message: impl Into<String>) -> Self {
        Self { outcome, step: None, values: Values::default(), message: message.into() }
    }

    fn refused(message: impl Into<String>) -> Self {
        Self::plain(CredentialOutcome::Refused, message)
    }

    /// `desired` is held once it is written.
    fn holding(outcome: CredentialOutcome, desired: StoredSecret, holding: Holding<'_>) -> Self {
        let step = Step::to(desired, holding.present);
        Self { step: Some(step), ..Self::plain(outcome, "") }
    }

    fn key_ids(&self) -> Vec<String> {
        let key_id = self.step.as_ref().and_then(|step| step.secret().annotation(KEY_ID));
        key_id.map(str::to_owned).into_iter().collect()
    }
}

impl Holding<'_> {
    /// The answer when the name is taken by a Secret that is not the claim's.
    fn foreign(&self) -> Option<Answer> {
        let is_foreign = self.present.is_some_and(|it| !it.is_of(&self.builder.claim.uid));
        is_foreign.then(|| {
            let message = format!(
                "the Secret {} exists and does not belong to this claim: delete it",
                self.name
            );
            Answer::plain(CredentialOutcome::Foreign, message)
        })
    }

    fn lost(&self) -> Answer {
        let message =
            format!("the credentials are lost: nothing holds what the Secret {} held", self.name);
        Answer::plain(CredentialOutcome::Missing, message)
    }
}

impl Keeper {
    /// Answers from these claims and Secrets.
    pub fn new(claims: Claims, secrets: Secrets, metrics: Metrics) -> Self {
        Self { claims, secrets, metrics }
    }

    /// Answers one request of `sender`, whose signature was verified.
    pub async fn answer(
        &self,
        sender: Provider,
        identity: Identity,
        request: Request,
    ) -> CredentialReply {
        let asked = timeout(TIMEOUT, self.ask(sender, &identity, &request)).await;
        let asked = asked.unwrap_or(Err(Error::Unanswered { operation: "look the Secrets up" }));
        let reply = asked.unwrap_or_else(|error| {
            tracing::warn!(
                claim.uid = %identity.uid,
                error = &error as &dyn std::error::Error,
                "failed to answer a credential request"
            );
            reply(&Answer::plain(CredentialOutcome::Unavailable, error.advice()), "")
        });
        let outcome = reply.outcome().as_str_name();
        let answered = Answered { request: verb(&request), outcome };
        self.metrics.answers.get_or_create(&answered).inc();
        tracing::debug!(claim.uid = %identity.uid, request = verb(&request), outcome, "answered");
        reply
    }

    async fn ask(
        &self,
        sender: Provider,
        identity: &Identity,
        request: &Request,
    ) -> Result<CredentialReply, Error> {
        for _ in 0..ATTEMPTS {
            match self.attempt(sender, identity, request).await {
                Err(Error::Contended) => {}
                asked => return asked,
            }
        }
        Err(Error::Contended)
    }

    async fn attempt(
        &self,
        sender: Provider,
        identity: &Identity,
        request: &Request,
    ) -> Result<CredentialReply, Error> {
        let Some(claim) = self.claims.read(identity).await? else {
            return Ok(reply(&Answer::refused("the claim is gone"), ""));
        };
        if pin(&claim, sender) != Pin::Same {
            return Ok(reply(&Answer::refused("the claim is not pinned to this provider"), ""));
        }
        let names = Names::of(&claim, sender);
        let Some(name) = names.credentials else {
            return Ok(reply(&Answer::refused("no credentials are kept for this kind"), ""));
        };
        let (present, connection) = tokio::try_join!(
            self.secrets.read(&claim.namespace, &name),
            self.secrets.read(&claim.namespace, &names.connection),
        )?;
        let holding = Holding {
            builder: Builder { claim: &claim, provider: sender },
            identity,
            name: &name,
            present: present.as_ref(),
            connection: connection.as_ref().filter(|it| it.is_of(&claim.uid)),
        };
        let answer = match request {
            Request::Ensure(request) => ensure::decide(request, holding, generate::password)?,
            Request::Store(request) => store::decide(request, holding),
            Request::Read(_) => read::decide(holding),
        };
        if let Some(step) = &answer.step {
            self.secrets.write(step).await?;
        }
        Ok(reply(&answer, &name))
    }
}

fn reply(answer: &Answer, secret_name: &str) -> CredentialReply {
    let text = |key: &str| {
        let value = answer.values.get(key).unwrap_or_default();
        String::from_utf8_lossy(value).into_owned()
    };
    CredentialReply {
        context: None,
        outcome: answer.outcome.into(),
        secret_name: secret_name.to_owned(),
        key_ids: answer.key_ids(),
        values: answer.values.keys().map(|key| (key.to_owned(), text(key))).collect(),
        message: answer.message.clone(),
    }
}

fn verb(request: &Request) -> &'static str {
    match request {
        Request::Ensure(_) => "ensure",
        Request::Store(_) => "store",
        Request::Read(_) => "read",
    }
}

#[cfg(test)]
mod tests;
