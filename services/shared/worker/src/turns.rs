//! From an item to a settled record, turn by turn, under the lease of its uid.

use std::future::Future;
use std::time::Duration;

use bus::{Bus, Disposition};
use proto::{Desired, ErrorClass, Field, Provider, State, WorkItem};
use tokio::time::Instant;

use crate::disposition::{CONTENDED, INTERRUPTED, after, jittered};
use crate::failure::{Failure, TurnError};
use crate::metrics::{OfKind, Outcome, WorkerMetrics};
use crate::publish::{connection, publish};
use crate::work::{Interrupted, Work};

/// A delivery runs turns for this long at most, then makes room for others.
const BUDGET: Duration = Duration::from_secs(25);

/// What people read of a claim is shorter than this, unless a strategy has a thousand mistakes.
const MESSAGE_BYTES: usize = 2048;
const ELLIPSIS: &str = "…";

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
    /// What users were given works as it is; a change of it must wait: look again after this.
    ChangeWaits {
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

impl Step {
    /// The same wait for something that works meanwhile.
    #[must_use]
    pub fn of_a_change(self) -> Self {
        match self {
            Self::Wait { after, reason, message } => Self::ChangeWaits { after, reason, message },
            step => step,
        }
    }
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
            let begun = Instant::now();
            let turn = self.provisioner.turn(&mut work).await;
            self.time(&work, begun);
            let verdict = match turn {
                Ok(step) => self.advance(&mut work, step).await?,
                Err(TurnError::Failed(failure)) => Some(fail(&mut work, failure)),
                Err(TurnError::Interrupted(stop)) => {
                    // What the turn has done so far stays known, unless another replica has written since.
                    let _ = work.remember().await;
                    return Err(stop);
                }
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
            Step::ChangeWaits { after, reason, message } => {
                settle(work, State::Pending, reason, message);
                work.record.error_class = Some(ErrorClass::Pending);
                return Ok(Some(jittered_nak(after)));
            }
            Step::Ready { message, fields, simulated } => {
                if work.item.identity.kind.has_secret() {
                    let connection = connection(work.item, fields, simulated);
                    publish(work, &connection).await?;
                }
                (State::Ready, "Provisioned", message)
            }
            Step::Paused => (State::Paused, "Paused", String::new()),
            Step::Absent { message } => (State::Absent, "Deleted", message),
        };
        settle(work, state, reason, message);
        Ok(Some(Disposition::Ack))
    }

    fn time(&self, work: &Work<'_>, begun: Instant) {
        let kind = OfKind { kind: work.record.identity.kind.as_str() };
        self.metrics.durations.get_or_create(&kind).observe(begun.elapsed().as_secs_f64());
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
    tell(work, state, reason, message);
    work.record.item_id = work.item.item_id.clone();
    work.record.attempts = 0;
}

/// What the record says to people.
pub(crate) fn tell(work: &mut Work<'_>, state: State, reason: &str, message: String) {
    let record = &mut work.record;
    record.state = state;
    record.error_class = None;
    reason.clone_into(&mut record.reason);
    record.message = capped(message);
}

/// A record must fit into a message of the bus and of gRPC, or nobody hears of it, nor of any other.
fn capped(mut message: String) -> String {
    if message.len() > MESSAGE_BYTES {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES - ELLIPSIS.len()));
        message.push_str(ELLIPSIS);
    }
    message
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
        Interrupted::Contended => {
            tracing::debug!(why = %stop, "turn interrupted");
            jittered_nak(CONTENDED)
        }
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

    #[test]
    fn a_message_that_is_too_long_is_cut_between_characters() {
        let fits = "ä".repeat(MESSAGE_BYTES / 2);
        assert_eq!(capped(fits.clone()), fits);
        let cut = capped(format!("{fits}ä"));
        assert!(cut.len() <= MESSAGE_BYTES && cut.ends_with("ä…"), "{} bytes", cut.len());
    }
}
