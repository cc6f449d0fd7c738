//! What the record knows that looking cannot tell.

use std::time::Duration;

use worker::Work;

use crate::facts;

/// The step that takes the snapshot.
pub const CREATE: &str = "snapshot.create";
/// The step that deletes it.
pub const DELETE: &str = "snapshot.delete";

const CREATED_AT: &str = "snapshot-created-ms";
const OWNED: &str = "snapshot-owned";
const SOURCE_MISSING: &str = "snapshot-source-missing-ms";

/// What the record knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// It was seen, or made by a call that succeeded.
    pub was_observed: bool,
    /// AWS may not show it yet.
    pub may_be_hidden: bool,
    /// It is ours: its tags said so, or we made it.
    pub is_ours: bool,
    /// For how long nothing was found that it could be taken of.
    pub source_missing: Duration,
}

impl Known {
    /// What the record of this turn knows now.
    pub fn of(work: &Work<'_>) -> Self {
        Self {
            was_observed: work.record.placement.observed,
            may_be_hidden: facts::may_be_hidden(work, CREATE, CREATED_AT),
            is_ours: work.record.facts.contains_key(OWNED),
            source_missing: facts::age(work, SOURCE_MISSING).unwrap_or_default(),
        }
    }
}

/// What it is to be taken of was looked for.
pub(super) fn looked_for_source(work: &mut Work<'_>, is_found: bool) {
    if is_found {
        work.record.facts.remove(SOURCE_MISSING);
    } else if !work.record.facts.contains_key(SOURCE_MISSING) {
        facts::mark(work, SOURCE_MISSING);
    }
}

/// A call of ours has begun to take it.
pub(super) fn created(work: &mut Work<'_>) {
    facts::mark(work, CREATED_AT);
    owned(work);
    facts::wait_anew(work);
}

/// It is there and ours.
pub(super) fn owned(work: &mut Work<'_>) {
    work.record.facts.insert(OWNED.to_owned(), "true".to_owned());
    work.record.placement.observed = true;
    facts::resolve(work, CREATE);
}

/// AWS shows it: when it does not any more, it is gone.
pub(super) fn seen(work: &mut Work<'_>) {
    work.record.facts.remove(CREATED_AT);
}
