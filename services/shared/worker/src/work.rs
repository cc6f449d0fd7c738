//! What one turn works with.

use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bus::{Bus, Lease};
use proto::{Desired, Intent, Provider, Record, Subject, WorkItem};

/// One attempt of a call under an intent.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// What must be left of the lease when such a call starts, so that it ends before another replica may act.
const LEASE_FOR_CALL: Duration = Duration::from_secs(20);
/// After a create of unknown outcome, "not found" proves absence only when this has passed.
pub const ABSENCE_PROOF: Duration = Duration::from_mins(2);
/// How long the record of a claim that nobody asks for any more is kept.
const RELEASED_RECORD_TTL: Duration = Duration::from_hours(168);

/// The item, the record and the right to act, for one turn.
pub struct Work<'a> {
    /// What is desired.
    pub item: &'a WorkItem,
    /// What is known; a turn changes it and it is stored afterwards.
    pub record: Record,
    /// When the turn began.
    pub now: SystemTime,
    /// The bus, for credential requests.
    pub bus: &'a Bus,
    lease: &'a Lease,
    stored: Option<Record>,
    sequence: u64,
}

/// Why a turn must stop without a verdict on the claim.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// Another item has replaced this one.
    #[error("the item was replaced")]
    Stale,
    /// The lease is gone or the record was written by somebody else.
    #[error("another replica is at work")]
    Contended,
    /// The bus cannot be used.
    #[error("the bus cannot be used")]
    Bus(#[source] bus::Error),
}

impl From<bus::Error> for Interrupted {
    fn from(error: bus::Error) -> Self {
        match error {
            bus::Error::Conflict | bus::Error::LeaseLost => Self::Contended,
            error => Self::Bus(error),
        }
    }
}

/// An error of a call that may or may not have had its effect.
pub trait Outcome {
    /// True for timeouts, resets and server errors: the effect must be observed.
    fn is_unknown(&self) -> bool;
}

/// How a call under an intent ended.
#[derive(Debug)]
pub enum Call<T, E> {
    /// It succeeded; that counts as an observation.
    Done(T),
    /// It was refused and had no effect.
    Refused(E),
    /// It may have had its effect: the intent stays until that is observed.
    Unknown,
}

impl<'a> Work<'a> {
    pub(crate) async fn load(
        bus: &'a Bus,
        lease: &'a Lease,
        item: &'a WorkItem,
    ) -> Result<Self, Interrupted> {
        let stored = bus.read::<Record>(&record_subject(item)).await?;
        let known = stored.value.clone().unwrap_or_else(|| {
            Record::new(item.identity.clone(), item.placement.clone(), item.item_id.clone())
        });
        let record = Record {
            identity: item.identity.clone(),
            provider: item.placement.provider,
            placement: merge(&known.placement, &item.placement),
            ..known
        };
        let (now, sequence) = (SystemTime::now(), stored.sequence);
        Ok(Self { item, record, now, bus, lease, stored: stored.value, sequence })
    }

    /// Fails when another item has replaced this one. Asked of the stream leader.
    pub(crate) async fn check_current(&mut self) -> Result<(), Interrupted> {
        self.now = SystemTime::now();
        let last = self.bus.read::<WorkItem>(&work_subject(self.item)).await?;
        match last.value {
            Some(last) if last.item_id == self.item.item_id => Ok(()),
            _ => Err(Interrupted::Stale),
        }
    }

    /// Stores the record if it has changed.
    pub async fn remember(&mut self) -> Result<(), Interrupted> {
        if self.stored.as_ref() == Some(&self.record) {
            return Ok(());
        }
        self.store().await
    }

    /// Stores the record even when it has not changed. Fails when another replica has worked since it was loaded.
    pub(crate) async fn fence(&mut self) -> Result<(), Interrupted> {
        self.lease.ensure(LEASE_FOR_CALL).await?;
        self.store().await
    }

    async fn store(&mut self) -> Result<(), Interrupted> {
        let ttl = (self.item.desired == Desired::Released).then_some(RELEASED_RECORD_TTL);
        let subject = record_subject(self.item);
        self.sequence = self.bus.write(&subject, &self.record, self.sequence, ttl).await?;
        self.stored = Some(self.record.clone());
        Ok(())
    }

    /// Makes one call that is not safe to repeat: its intent is stored before, its outcome is told after.
    pub async fn call<T, E: Outcome>(
        &mut self,
        step: &'static str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<Call<T, E>, Interrupted> {
        self.lease.ensure(LEASE_FOR_CALL).await?;
        self.check_current().await?;
        self.record.intent = Some(Intent {
            step: step.to_owned(),
            item_id: self.item.item_id.clone(),
            at_ms: unix_ms(self.now),
        });
        self.remember().await?;
        self.lease.ensure(LEASE_FOR_CALL).await?;
        tracing::info!(call.step = step, "calling");
        Ok(match tokio::time::timeout(CALL_TIMEOUT, call).await {
            Ok(Ok(answer)) => {
                self.record.intent = None;
                Call::Done(answer)
            }
            Ok(Err(error)) if !error.is_unknown() => {
                self.record.intent = None;
                Call::Refused(error)
            }
            _ => Call::Unknown,
        })
    }

    /// Whether "not found" proves that the resource does not exist.
    pub fn absence_is_proof(&self) -> bool {
        let settled_ms =
            self.record.intent.as_ref().map_or(0, |intent| intent.at_ms + millis(ABSENCE_PROOF));
        unix_ms(self.now) >= settled_ms
    }

    /// Forgets an intent whose outcome was observed.
    pub fn resolve_intent(&mut self) {
        self.record.intent = None;
    }

    /// The provider that serves the claim.
    pub fn provider(&self) -> Provider {
        self.item.placement.provider
    }
}

pub(crate) fn work_subject(item: &WorkItem) -> Subject {
    let identity = &item.identity;
    Subject::Work(item.placement.provider, identity.kind, identity.uid.clone())
}

fn record_subject(item: &WorkItem) -> Subject {
    Subject::Record(item.placement.provider.into(), item.identity.uid.clone())
}

/// The pinned place is the item's; the rest is whatever either side has learned, the record first.
fn merge(record: &proto::Placement, item: &proto::Placement) -> proto::Placement {
    let first = |a: &String, b: &String| if a.is_empty() { b.clone() } else { a.clone() };
    proto::Placement {
        provider: item.provider,
        region: first(&item.region, &record.region),
        account: first(&item.account, &record.account),
        identifier: item.identifier.clone().or_else(|| record.identifier.clone()),
        observed: record.observed || item.observed,
    }
}

fn unix_ms(time: SystemTime) -> i64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
