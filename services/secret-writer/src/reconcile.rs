//! Brings the Secrets of one claim to what its last result says.

use std::time::Duration;

use bus::{Bus, Stored};
use crds::Claim;
use crds::conditions::reasons;
use proto::{Connection, ErrorClass, Record, Service, Subject};
use tokio::time::timeout;

use crate::bucket::Buckets;
use crate::claim::{Claims, Pin, pin};
use crate::disposition::{SOON, UNTIL_GONE, UNTIL_PINNED, delay};
use crate::error::Error;
use crate::events::Events;
use crate::metrics::{Metrics, Reconciled};
use crate::plan::{Names, Observed, Plan, plan};
use crate::report::{self, Versions};
use crate::write::Secrets;

/// Other writers of one claim's Secrets are few, and each of them finishes.
const ATTEMPTS: usize = 5;
/// An API server that takes longer is not there.
const TURN_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the last traces of a claim that is gone are kept.
const ABSENT_TTL: Duration = Duration::from_hours(168);

/// What became of a reconcile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is left to do for this result.
    Settled,
    /// A newer result took its place.
    Replaced,
    /// Look again after this.
    Again(Duration),
}

/// Reconciles claims, one at a time or many at once.
pub struct Reconciler {
    bus: Bus,
    claims: Claims,
    secrets: Secrets,
    buckets: Buckets,
    events: Events,
    metrics: Metrics,
}

impl Reconciler {
    /// Works on these.
    pub fn new(
        bus: Bus,
        claims: Claims,
        secrets: Secrets,
        buckets: Buckets,
        events: Events,
        metrics: Metrics,
    ) -> Self {
        Self { bus, claims, secrets, buckets, events, metrics }
    }

    /// Reconciles with the result that was stored at `sequence` of `subject`.
    pub async fn reconcile(
        &self,
        subject: &Subject,
        sequence: u64,
        result: &Connection,
    ) -> Outcome {
        for _ in 0..ATTEMPTS {
            let turn = timeout(TURN_TIMEOUT, self.turn(subject, sequence, result)).await;
            match turn.unwrap_or(Err(Error::Unanswered { operation: "reconcile the Secrets" })) {
                Ok(outcome) => return outcome,
                Err(Error::Contended) => {}
                Err(error) => return self.fail(result, &error).await,
            }
        }
        self.count("contended");
        Outcome::Again(SOON)
    }

    /// The order matters. Record and Secrets are read before the question whether the result is still the last one:
    /// a writer with a newer result then either has written before we read, or fails our preconditions.
    async fn turn(
        &self,
        subject: &Subject,
        sequence: u64,
        result: &Connection,
    ) -> Result<Outcome, Error> {
        let record_subject = record_subject(result);
        let stored = self.bus.read::<Record>(&record_subject).await?;
        let Some(claim) = self.claims.read(&result.identity).await? else {
            return self.release(subject, sequence, result, &stored).await;
        };
        if let Some(outcome) = self.refuse(&claim, result) {
            return Ok(outcome);
        }
        let observed = self.observe(claim, result).await?;
        if self.bus.read::<Connection>(subject).await?.sequence != sequence {
            self.count("stale");
            return Ok(Outcome::Replaced);
        }
        let plan = plan(result, &observed);
        let versions = self.carry_out(&plan).await?;
        let previous = stored.value.as_ref();
        let record = report::record(previous, result, plan.verdict.clone(), versions);
        if previous != Some(&record) {
            self.bus.write(&record_subject, &record, stored.sequence, None).await?;
        }
        self.tell(&observed.claim, previous, &record, &plan, result).await;
        Ok(self.outcome(&record))
    }

    /// A result that is not to be written now, whatever it says.
    fn refuse(&self, claim: &Claim, result: &Connection) -> Option<Outcome> {
        match pin(claim, result.provider) {
            Pin::Same if claim.is_deleting() => {
                self.count("deleting");
                Some(Outcome::Again(UNTIL_GONE))
            }
            Pin::Same => None,
            Pin::Missing => {
                self.count("unpinned");
                Some(Outcome::Again(UNTIL_PINNED))
            }
            Pin::Other => {
                tracing::warn!(provider = %result.provider, "result of a provider that the claim is not pinned to");
                self.count("mismatch");
                Some(Outcome::Settled)
            }
        }
    }

    async fn observe(&self, claim: Claim, result: &Connection) -> Result<Observed, Error> {
        let names = Names::of(&claim, result.provider);
        let credentials = names.credentials.unwrap_or_default();
        let read = |name| self.secrets.read(&claim.namespace, name);
        let (connection, binding, credentials, bucket) = tokio::try_join!(
            async { read(&names.connection).await },
            async { read(&names.binding).await },
            async { read(&credentials).await },
            async { self.buckets.read(&claim, result).await },
        )?;
        Ok(Observed { claim, connection, binding, credentials, bucket })
    }

    async fn carry_out(&self, plan: &Plan) -> Result<Versions, Error> {
        let mut versions = Versions::new();
        for step in &plan.steps {
            versions.insert(step.secret().name().to_owned(), self.secrets.write(step).await?);
        }
        Ok(versions)
    }

    /// The claim is gone: Kubernetes collects its Secrets, and our traces of it expire.
    async fn release(
        &self,
        subject: &Subject,
        sequence: u64,
        result: &Connection,
        stored: &Stored<Record>,
    ) -> Result<Outcome, Error> {
        let record = report::absent(result);
        if stored.value.as_ref() != Some(&record) {
            let subject = record_subject(result);
            self.bus.write(&subject, &record, stored.sequence, Some(ABSENT_TTL)).await?;
        }
        match self.bus.blank(subject, sequence, ABSENT_TTL).await {
            // Somebody was faster to blank it.
            Ok(_) | Err(bus::Error::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        self.count("gone");
        Ok(Outcome::Settled)
    }

    async fn tell(
        &self,
        claim: &Claim,
        previous: Option<&Record>,
        record: &Record,
        plan: &Plan,
        result: &Connection,
    ) {
        for secret in report::restored(previous, &result.digest(), &plan.steps) {
            self.metrics.restored.inc();
            self.events.restored(claim, secret).await;
        }
        let is_news = previous.is_none_or(|previous| previous.message != record.message);
        if is_news && record.reason != reasons::SECRET_WRITTEN {
            self.events.obstructed(claim, &record.reason, &record.message).await;
        }
    }

    /// Stores what failed. When that fails too, the next attempt finds out.
    async fn fail(&self, result: &Connection, error: &Error) -> Outcome {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "failed to write the Secrets of a claim"
        );
        self.count(error.class().as_str());
        if matches!(error, Error::Bus(_)) {
            return Outcome::Again(SOON);
        }
        let subject = record_subject(result);
        let Ok(stored) = self.bus.read::<Record>(&subject).await else {
            return Outcome::Again(SOON);
        };
        let record = report::failure(stored.value.as_ref(), result, error);
        if stored.value.as_ref() != Some(&record)
            && let Err(error) = self.bus.write(&subject, &record, stored.sequence, None).await
        {
            tracing::debug!(error = %error, "failed to record a failure");
        }
        Outcome::Again(delay(error.class(), record.attempts, rand::random()))
    }

    fn outcome(&self, record: &Record) -> Outcome {
        self.count(record.error_class.map_or(record.state.as_str(), ErrorClass::as_str));
        match record.error_class {
            None => Outcome::Settled,
            Some(class) => Outcome::Again(delay(class, record.attempts, rand::random())),
        }
    }

    fn count(&self, outcome: &'static str) {
        self.metrics.reconciles.get_or_create(&Reconciled { outcome }).inc();
    }
}

fn record_subject(result: &Connection) -> Subject {
    Subject::Record(Service::SecretWriter, result.identity.uid.clone())
}
