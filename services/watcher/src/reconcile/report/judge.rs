//! From records to facts. Pure.

use crds::conditions::{
    Fact, PROVISIONED, READY, SCHEDULED, SECRET_WRITTEN, Truth, is_true, reasons,
};
use proto::{ErrorClass, Record, State};

use crate::reconcile::observe::Observed;
use crate::reconcile::problem::Problem;

/// What is to be told.
pub(super) struct Verdict {
    pub(super) facts: Vec<Fact>,
    pub(super) message: String,
}

/// One step of a claim's way: whether it is done, and why not.
struct Stage {
    truth: Truth,
    reason: String,
    message: String,
}

impl Stage {
    fn new(truth: Truth, reason: &str, message: impl Into<String>) -> Self {
        Self { truth, reason: reason.to_owned(), message: message.into() }
    }

    fn fact(&self, type_: &'static str) -> Fact {
        Fact::new(type_, self.truth, &*self.reason, &*self.message)
    }
}

/// `None`: there is no news, so the status stays as it is.
pub(super) fn judge(observed: &Observed, problem: Option<&Problem>) -> Option<Verdict> {
    if let Some(problem) = problem {
        return Some(refused(observed, problem));
    }
    let last = observed.last.as_ref()?;
    let scheduled = Stage::new(Truth::True, reasons::SCHEDULED, "the desired state is published");
    let handled = observed.provisioner.as_ref().filter(|record| record.item_id == last.item_id);
    let was_ready = is_true(&observed.claim.status.conditions, READY);
    let Some(record) = handled else {
        // Not handled yet: that says nothing about what was there before.
        let is_told = was_ready || is_true(&observed.claim.status.conditions, SCHEDULED);
        let is_new_deletion = observed.claim.is_deleting();
        return (!is_told || is_new_deletion).then(|| waiting(observed, &scheduled));
    };
    let provisioned = provisioned(observed, record);
    if was_ready && !observed.claim.is_deleting() && leaves_it_working(record) {
        let message = provisioned.message.clone();
        return Some(Verdict {
            facts: vec![scheduled.fact(SCHEDULED), provisioned.fact(PROVISIONED)],
            message,
        });
    }
    let written = written(record, observed.secret_writer.as_ref());
    let ready = ready(&provisioned, &written, record);
    let facts = vec![
        ready.fact(READY),
        scheduled.fact(SCHEDULED),
        provisioned.fact(PROVISIONED),
        written.fact(SECRET_WRITTEN),
    ];
    Some(Verdict { facts, message: ready.message })
}

/// What runs goes on; only what cannot be followed is told.
fn refused(observed: &Observed, problem: &Problem) -> Verdict {
    let stage = Stage::new(Truth::False, problem.reason, &*problem.message);
    let mut facts = vec![stage.fact(SCHEDULED)];
    if !is_true(&observed.claim.status.conditions, READY) {
        facts.push(stage.fact(READY));
    }
    Verdict { facts, message: problem.message.clone() }
}

fn waiting(observed: &Observed, scheduled: &Stage) -> Verdict {
    let (reason, message) = if observed.claim.is_deleting() {
        (reasons::DELETING, "deletion in progress")
    } else {
        (reasons::PROVISIONING, "creation in progress")
    };
    let ready = Stage::new(Truth::False, reason, message);
    Verdict {
        facts: vec![ready.fact(READY), scheduled.fact(SCHEDULED)],
        message: message.to_owned(),
    }
}

/// A change that could not be made, or an answer that did not come, takes a working resource from nobody.
fn leaves_it_working(record: &Record) -> bool {
    matches!(
        record.error_class,
        Some(
            ErrorClass::Transient | ErrorClass::Throttled | ErrorClass::Quota | ErrorClass::Invalid
        )
    )
}

fn provisioned(observed: &Observed, record: &Record) -> Stage {
    let is_deleting = observed.claim.is_deleting();
    match (record.state, record.error_class) {
        (State::Ready, _) => Stage::new(Truth::True, reasons::PROVISIONED, &*record.message),
        (State::Paused, _) => {
            Stage::new(Truth::Unknown, reasons::PAUSED, "skipping create or update for maintenance")
        }
        (State::Absent, _) => Stage::new(Truth::False, reasons::DELETING, &*record.message),
        (_, Some(class)) => {
            let reason = reasons::of_class(class.as_str()).unwrap_or(reasons::TRANSIENT);
            Stage::new(Truth::False, reason, &*record.message)
        }
        _ if is_deleting => Stage::new(Truth::False, reasons::DELETING, &*record.message),
        _ => Stage::new(Truth::False, reasons::PROVISIONING, &*record.message),
    }
}

/// The Secret is good when it holds what the provider published last.
fn written(record: &Record, writer: Option<&Record>) -> Stage {
    let is_same = |writer: &Record| writer.digest.is_some() && writer.digest == record.digest;
    match writer {
        Some(writer) if writer.state == State::Ready && is_same(writer) => Stage::new(
            Truth::True,
            reasons::SECRET_WRITTEN,
            "the Secrets hold the connection details",
        ),
        Some(writer) if writer.error_class.is_some() => {
            Stage::new(Truth::False, &writer.reason, &*writer.message)
        }
        _ => Stage::new(Truth::False, reasons::PROVISIONING, "waiting for the Secret"),
    }
}

fn ready(provisioned: &Stage, written: &Stage, record: &Record) -> Stage {
    let first_open = if provisioned.truth == Truth::True { written } else { provisioned };
    if first_open.truth == Truth::True {
        return Stage::new(Truth::True, reasons::PROVISIONED, &*record.message);
    }
    Stage::new(Truth::False, &first_open.reason, &*first_open.message)
}

#[cfg(test)]
mod tests;
