//! Facts that a record keeps whatever the resource is: where it is, since when, and whether AWS may not show it yet.

pub mod asked;
pub mod deletion;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use worker::{ABSENCE_PROOF, Step, Work};

use crate::error::Error;
use crate::place::Place;

const WAITING_SINCE: &str = "waiting-since-ms";

/// It is made here under this name, or is there: whoever comes next looks there, for life.
pub fn pin(work: &mut Work<'_>, place: &Place, identifier: &str) {
    let placement = &mut work.record.placement;
    placement.region.clone_from(&place.region);
    placement.account.clone_from(&place.account);
    placement.identifier = Some(identifier.to_owned());
}

/// No name was ever chosen and no call begun.
pub fn owns_nothing(work: &Work<'_>) -> bool {
    let (record, item) = (&work.record, work.item);
    let is_unnamed = record.placement.identifier.is_none() && item.placement.identifier.is_none();
    is_unnamed && record.intent.is_none()
}

/// The end of a claim that owns nothing.
pub fn nothing_was_made() -> Step {
    Step::Absent { message: "nothing was provisioned".to_owned() }
}

/// What becomes of a deletion that cannot look: the end, if there is nothing to look for.
pub fn unseen(work: &Work<'_>, error: Error) -> Result<Step, Error> {
    if owns_nothing(work) && error.keeps_out() { Ok(nothing_was_made()) } else { Err(error) }
}

/// This has happened now.
pub fn mark(work: &mut Work<'_>, fact: &str) {
    let now = unix_ms(work.now).to_string();
    work.record.facts.insert(fact.to_owned(), now);
}

/// How long ago this has happened.
pub fn age(work: &Work<'_>, fact: &str) -> Option<Duration> {
    let since: u128 = work.record.facts.get(fact)?.parse().ok()?;
    let age = unix_ms(work.now).saturating_sub(since);
    Some(Duration::from_millis(u64::try_from(age).unwrap_or(u64::MAX)))
}

/// It is waited for, from now on if not longer.
pub fn waiting(work: &mut Work<'_>) {
    if !work.record.facts.contains_key(WAITING_SINCE) {
        wait_anew(work);
    }
}

/// It is waited for, from now on.
pub fn wait_anew(work: &mut Work<'_>) {
    mark(work, WAITING_SINCE);
}

/// It is not waited for any more.
pub fn arrived(work: &mut Work<'_>) {
    work.record.facts.remove(WAITING_SINCE);
}

/// For how long it has been waited for.
pub fn waited(work: &Work<'_>) -> Duration {
    age(work, WAITING_SINCE).unwrap_or_default()
}

/// Whether this step was begun and its outcome was not seen.
pub fn is_open(work: &Work<'_>, step: &str) -> bool {
    work.record.intent.as_ref().is_some_and(|intent| intent.step == step)
}

/// Whether AWS may not show what this step makes: its outcome is unknown, or it was `made_at` a moment ago.
pub fn may_be_hidden(work: &Work<'_>, step: &str, made_at: &str) -> bool {
    (is_open(work, step) && !work.absence_is_proof())
        || age(work, made_at).is_some_and(|age| age < ABSENCE_PROOF)
}

/// The outcome of this step was seen.
pub fn resolve(work: &mut Work<'_>, step: &str) {
    if is_open(work, step) {
        work.resolve_intent();
    }
}

fn unix_ms(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis()
}
