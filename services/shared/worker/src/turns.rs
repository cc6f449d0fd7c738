//! From an item to a settled record, turn by turn, under the lease of its uid.

use std::future::Future;
use std::time::Duration;

use bus::{Bus, Disposition};
use proto::{Connection, Desired, ErrorClass, Field, Provider, State, Subject, WorkItem};
use tokio::time::Instant;

use crate::disposition::{CONTENDED, INTERRUPTED, after, jittered};
use crate::failure::{Failure, TurnError};
use crate::metrics::{Outcome, WorkerMetrics};
use crate::work::{Interrupted, Work};

/// A delivery runs turns for this long at most, then makes room for others.
const BUDGET: Duration = Duration::from_secs(25);

/// The provider's half: observe, plan, act.
pub trait Provisioner: Send + Sync + 'static {
    /// The provider that it serves.
    const PROVIDER: Provider;

    /// One turn: acts by all calls that are safe to repeat at once, or by one that is not.
    fn turn(&self, work: &mut Work<'_>) -> impl Future<Output = Result<Step, TurnError>> + Send;
}

/// What a turn came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Something was done: look again at once.
    Again,
    /// The provider is working: look again after this, unless an event comes first.
    Wait {
        /// When to look again.
        after: Duration,
        /// `CamelCase` reason for a condition.
        reason: &'static str,
        /// What is awaited.
        message: String,
    },
    /// It is as desired; these are its connection details.
    Ready {
        /// What became of it, for people.
        message: String,
        /// Keys of the connection Secret.
        fields: Vec<(&'static str, Field)>,
        /// Nothing real answers behind the details.
        simulated: bool,
    },
    /// Observed only, as asked.
    Paused,
    /// It does not exist, as asked.
    Absent {
        /// What became of its data, for people.
        message: String,
    },
}

/// Runs turns of one provisioner.
pub(crate) struct Turns<P> {
    pub(crate) bus: Bus,
    pub(crate) provisioner: P,
    pub(crate) metrics: WorkerMetrics,
}

impl<P: Provisioner> Turns<P> {
    /// Runs turns until the item is settled, must wait, or the budget is spent.
    pub(crate) async fn work_on(&self, item: &WorkItem) -> Disposition {
        let lease = match self.bus.lease(P::PROVIDER, &item.identity.uid).await {
            Ok(Some(lease)) => lease,
            Ok(None) => return jittered_nak(CONTENDED),
            Err(error) => return interrupted(&error.into()),
        };
        let disposition = match Work::load(&self.bus, &lease, item).await {
            Ok(work) => self.run(work).await.unwrap_or_else(|stop| interrupted(&stop)),
            Err(stop) => interrupted(&stop),
        };
        lease.release().await;
        disposition
    }

    async fn run(&self, mut work: Work<'_>) -> Result<Disposition, Interrupted> {
        let started = Instant::now();
        loop {
            work.check_current().await?;
            if work.item.desired == Desired::Released {
                return release(&mut work).await;
            }
            let turn = self.provisioner.turn(&mut work).await;
            let verdict = match turn {
                Ok(step) => self.advance(&mut work, step).await?,
                Err(TurnError::Failed(failure)) => Some(fail(&mut work, failure)),
                Err(TurnError::Interrupted(stop)) => return Err(stop),
            };
            self.count(&work);
            work.remember().await?;
            match verdict {
                Some(disposition) => return Ok(disposition),
                None if started.elapsed() > BUDGET => return Ok(Disposition::Nak(Duration::ZERO)),
                None => {}
            }
        }
    }

    /// Writes into the record what a turn came to. `None`: another turn at once.
    async fn advance(
        &self,
        work: &mut Work<'_>,
        step: Step,
    ) -> Result<Option<Disposition>, Interrupted> {
        let (state, reason, message) = match step {
            Step::Again => return Ok(None),
            Step::Wait { after, reason, message } => {
                settle(work, State::Pending, reason, message);
                return Ok(Some(jittered_nak(after)));
            }
            Step::Ready { message, fields, simulated } => {
                self.publish(work, fields, simulated).await?;
                (State::Ready, "Provisioned", message)
            }
            Step::Paused => (State::Paused, "Paused", String::new()),
            Step::Absent { message } => (State::Absent, "Deleted", message),
        };
        settle(work, state, reason, message);
        Ok(Some(Disposition::Ack))
    }

    /// Publishes the connection unless the same one is there already.
    async fn publish(
        &self,
        work: &mut Work<'_>,
        fields: Vec<(&'static str, Field)>,
        simulated: bool,
    ) -> Result<(), Interrupted> {
        let identity = work.item.identity.clone();
        let subject = Subject::Result(P::PROVIDER, identity.kind, identity.uid.clone());
        let connection = Connection {
            item_id: work.item.item_id.clone(),
            identity,
            provider: P::PROVIDER,
            fields: fields.into_iter().map(|(key, field)| (key.to_owned(), field)).collect(),
            simulated,
        };
        let digest = connection.digest();
        let last = self.bus.read::<Connection>(&subject).await?;
        if last.value.is_none_or(|last| last.digest() != digest) {
            self.bus.write(&subject, &connection, last.sequence, None).await?;
        }
        work.record.digest = Some(digest);
        Ok(())
    }

    fn count(&self, work: &Work<'_>) {
        let record = &work.record;
        let outcome = record.error_class.map_or(record.state.as_str(), ErrorClass::as_str);
        let kind = record.identity.kind.as_str();
        self.metrics.turns.get_or_create(&Outcome { kind, outcome }).inc();
    }
}

/// The record now speaks of this item.
fn settle(work: &mut Work<'_>, state: State, reason: &str, message: String) {
    let record = &mut work.record;
    record.item_id = work.item.item_id.clone();
    record.state = state;
    record.error_class = None;
    reason.clone_into(&mut record.reason);
    record.message = message;
    record.attempts = 0;
}

fn fail(work: &mut Work<'_>, failure: Failure) -> Disposition {
    let (class, attempts) = (failure.class, work.record.attempts.saturating_add(1));
    if class == ErrorClass::Pending {
        tracing::debug!(failure.reason, "waiting");
    } else {
        tracing::warn!(failure.class = %class, failure.reason, failure.message, "turn failed");
    }
    let state = if class == ErrorClass::Invalid { State::Refused } else { State::Pending };
    settle(work, state, failure.reason, failure.message);
    work.record.error_class = Some(class);
    work.record.attempts = attempts;
    after(class, attempts, rand::random())
}

/// Nobody asks any more: what is recorded expires with the item.
async fn release(work: &mut Work<'_>) -> Result<Disposition, Interrupted> {
    settle(work, State::Absent, "Released", String::new());
    work.remember().await?;
    Ok(Disposition::Ack)
}

fn jittered_nak(delay: Duration) -> Disposition {
    Disposition::Nak(jittered(delay, rand::random()))
}

fn interrupted(stop: &Interrupted) -> Disposition {
    match stop {
        // The ack of a replaced item could free another one's delivery, after the bus was wiped.
        Interrupted::Stale => Disposition::Leave,
        Interrupted::Contended => jittered_nak(CONTENDED),
        Interrupted::Bus(error) => {
            tracing::warn!(error = %error, "turn interrupted");
            jittered_nak(INTERRUPTED)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_that_was_replaced_is_not_settled() {
        assert_eq!(interrupted(&Interrupted::Stale), Disposition::Leave);
    }
}
