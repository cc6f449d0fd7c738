//! From records to facts. Pure.

use crds::Phase;
use crds::conditions::{
    Fact, PROVISIONED, READY, SCHEDULED, SECRET_WRITTEN, Truth, find, is_true, reasons,
};
use proto::{ErrorClass, Record, State};

use crate::reconcile::Outcome;
use crate::reconcile::observe::Observed;
use crate::reconcile::problem::Problem;

/// What is to be told.
pub(super) struct Verdict {
    pub(super) facts: Vec<Fact>,
    /// `None`: there is no news, so phase and message stay as they are.
    pub(super) message: Option<String>,
    /// The Secret is written and works, as of this very pass.
    pub(super) is_complete: bool,
}

impl Verdict {
    fn new(facts: Vec<Fact>, message: impl Into<String>) -> Self {
        Self { facts, message: Some(message.into()), is_complete: false }
    }
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

pub(super) fn judge(observed: &Observed, outcome: &Outcome) -> Verdict {
    match outcome {
        Err(problem) if problem.is_untouchable => untouched(observed, problem),
        Err(problem) => refused(observed, problem),
        Ok(warning) => accepted(observed, warning.as_ref()),
    }
}

/// Phase and message are the other operator's; Ready too, unless we have said something of it.
fn untouched(observed: &Observed, problem: &Problem) -> Verdict {
    let stage = |truth| Stage::new(truth, problem.reason, &*problem.message);
    let mut facts = vec![stage(Truth::False).fact(SCHEDULED)];
    let status = &observed.claim.status;
    if status.phase.is_none() || find(&status.conditions, READY).is_some() {
        facts.push(stage(Truth::Unknown).fact(READY));
    }
    Verdict { facts, message: None, is_complete: false }
}

/// What runs goes on; only what cannot be followed is told.
fn refused(observed: &Observed, problem: &Problem) -> Verdict {
    let stage = Stage::new(Truth::False, problem.reason, &*problem.message);
    let mut facts = vec![stage.fact(SCHEDULED)];
    if !is_working(observed) {
        facts.push(stage.fact(READY));
    }
    Verdict::new(facts, &*problem.message)
}

fn accepted(observed: &Observed, warning: Option<&Problem>) -> Verdict {
    let scheduled = scheduled(observed, warning).fact(SCHEDULED);
    let last = observed.last.as_ref();
    let is_handled = |record: &&Record| last.is_some_and(|last| last.item_id == record.item_id);
    let Some(record) = observed.provisioner.as_ref().filter(is_handled) else {
        return unhandled(observed, scheduled);
    };
    let provisioned = provisioned(observed, record);
    let facts = vec![scheduled, provisioned.fact(PROVISIONED)];
    if is_working(observed) && leaves_it_working(record) {
        return Verdict::new(facts, provisioned.message);
    }
    // A snapshot has no Secret.
    let written = (!observed.claim.kind.is_snapshot())
        .then(|| written(record, observed.secret_writer.as_ref()));
    let ready = ready(&provisioned, written.as_ref(), record);
    let of_secret = written.map(|written| written.fact(SECRET_WRITTEN));
    Verdict {
        facts: facts.into_iter().chain(of_secret).chain([ready.fact(READY)]).collect(),
        is_complete: ready.truth == Truth::True,
        message: Some(ready.message),
    }
}

fn scheduled(observed: &Observed, warning: Option<&Problem>) -> Stage {
    if let Some(problem) = warning {
        return Stage::new(Truth::True, problem.reason, problem.message.clone());
    }
    let provider = observed.provider.as_ref().map_or("nobody", |provider| provider.as_str());
    let message = match observed.tier() {
        Some(tier) if !observed.claim.is_deleting() => {
            format!("{provider} serves it with the tier {tier}; the desired state is published")
        }
        _ => format!("{provider} serves it; the desired state is published"),
    };
    Stage::new(Truth::True, reasons::SCHEDULED, message)
}

/// That an item waits says nothing about what was there before. Only who was told nothing yet is told to wait.
fn unhandled(observed: &Observed, scheduled: Fact) -> Verdict {
    let status = &observed.claim.status;
    let is_go_operators = status.phase.is_some() && find(&status.conditions, READY).is_none();
    let is_told = is_go_operators
        || is_true(&status.conditions, READY)
        || is_true(&status.conditions, SCHEDULED);
    let is_silent =
        if observed.claim.is_deleting() { is_told_of_deletion(observed) } else { is_told };
    if is_silent {
        return Verdict { facts: vec![scheduled], message: None, is_complete: false };
    }
    let (reason, message) = progress(observed);
    let ready = Stage::new(Truth::False, reason, message);
    Verdict::new(vec![ready.fact(READY), scheduled], message)
}

/// What was last said of a deletion holds while no worker says anything: after a change of the leader none has yet.
fn is_told_of_deletion(observed: &Observed) -> bool {
    let told = [Phase::DeletionInProgress, Phase::Failed];
    let is_told = |phase: &String| told.iter().any(|told| told.as_str() == phase);
    observed.provisioner.is_none() && observed.claim.status.phase.as_ref().is_some_and(is_told)
}

fn progress(observed: &Observed) -> (&'static str, &'static str) {
    if observed.claim.is_deleting() {
        (reasons::DELETING, "deletion in progress")
    } else {
        (reasons::PROVISIONING, "creation in progress")
    }
}

fn is_working(observed: &Observed) -> bool {
    is_true(&observed.claim.status.conditions, READY) && !observed.claim.is_deleting()
}

/// A change that could not be made, or an answer that did not come, takes a working resource from nobody.
fn leaves_it_working(record: &Record) -> bool {
    matches!(
        record.error_class,
        Some(
            ErrorClass::Pending
                | ErrorClass::Transient
                | ErrorClass::Throttled
                | ErrorClass::Quota
                | ErrorClass::Invalid
        )
    )
}

fn provisioned(observed: &Observed, record: &Record) -> Stage {
    let (reason, text) = progress(observed);
    let text = if record.message.is_empty() { text } else { &*record.message };
    match (record.state, record.error_class) {
        (State::Ready, _) => Stage::new(Truth::True, reasons::PROVISIONED, &*record.message),
        (State::Paused, _) => {
            Stage::new(Truth::Unknown, reasons::PAUSED, "skipping create or update for maintenance")
        }
        (State::Absent, _) => Stage::new(Truth::False, reasons::DELETING, text),
        (_, Some(class)) => Stage::new(Truth::False, of_class(class, &record.reason), text),
        _ if observed.claim.is_deleting() => Stage::new(Truth::False, reason, text),
        _ if !reasons::is_known(&record.reason) => Stage::new(Truth::False, reason, text),
        _ => Stage::new(Truth::False, &record.reason, text),
    }
}

/// The worker's own word if users know it, unless it hides that somebody must change something.
fn of_class(class: ErrorClass, word: &str) -> &str {
    let general = reasons::of_class(class.as_str()).unwrap_or(reasons::TRANSIENT);
    let says_as_much = reasons::needs_change(word) == reasons::needs_change(general);
    if says_as_much && reasons::is_known(word) { word } else { general }
}

/// The Secret is good when it holds what the provider published last.
fn written(record: &Record, writer: Option<&Record>) -> Stage {
    let is_same = |writer: &Record| writer.digest.is_some() && writer.digest == record.digest;
    match writer {
        Some(writer) if writer.state == State::Ready && is_same(writer) => {
            Stage::new(Truth::True, reasons::SECRET_WRITTEN, &*writer.message)
        }
        Some(Record { error_class: Some(class), reason, message, .. }) => {
            Stage::new(Truth::False, of_class(*class, reason), message)
        }
        _ => Stage::new(Truth::False, reasons::PROVISIONING, "waiting for the Secret"),
    }
}

fn ready(provisioned: &Stage, written: Option<&Stage>, record: &Record) -> Stage {
    let mut stages = std::iter::once(provisioned).chain(written);
    match stages.find(|stage| stage.truth != Truth::True) {
        Some(open) => Stage::new(Truth::False, &open.reason, &*open.message),
        None => Stage::new(Truth::True, reasons::PROVISIONED, &*record.message),
    }
}

#[cfg(test)]
mod tests;
