//! What is stored in the record when a call has succeeded, or something was seen.

use worker::Work;

use crate::aws::rds::{Instance, Setting};

use super::super::desired::Target;
use super::{
    ASKED, CREATED_AT, DELETED, FINAL_SNAPSHOT, HAS_SNAPSHOT, MAINTENANCE, PROTECTED, SEEN, TAKEN,
    WAITING_SINCE, digest, unix_ms,
};

/// The instance was just made.
pub(in super::super) fn created(work: &mut Work<'_>, settings: &[Setting]) {
    mark(work, CREATED_AT);
    mark(work, WAITING_SINCE);
    work.record.placement.observed = true;
    learn_protection(work, settings);
}

/// It is waited for, from now on if not longer.
pub(in super::super) fn waiting(work: &mut Work<'_>) {
    if !work.record.facts.contains_key(WAITING_SINCE) {
        mark(work, WAITING_SINCE);
    }
}

/// AWS shows it, ready: when it does not any more, it is gone.
pub(in super::super) fn settled(work: &mut Work<'_>, instance: &Instance) {
    work.record.facts.remove(CREATED_AT);
    work.record.facts.remove(WAITING_SINCE);
    work.record.facts.insert(SEEN.to_owned(), digest(instance));
    work.record.placement.observed = true;
    work.resolve_intent();
}

/// It is made here under this name, or is there: whoever comes next looks there, for life.
pub(in super::super) fn pin(work: &mut Work<'_>, target: &Target) {
    let placement = &mut work.record.placement;
    placement.region.clone_from(&target.place.region);
    placement.account.clone_from(&target.place.account);
    placement.identifier = Some(target.id.clone());
}

/// AWS has accepted these.
pub(in super::super) fn modified(work: &mut Work<'_>, how: &str, settings: &[Setting]) {
    for setting in settings {
        ask(work, &format!("{how}{}", setting.field()), &setting.to_string());
    }
    learn_protection(work, settings);
}

/// AWS was told when to do what it plans.
pub(in super::super) fn maintained(work: &mut Work<'_>, action: &str, opt_in: &str) {
    ask(work, &format!("{MAINTENANCE}{action}"), opt_in);
}

/// Forgets what was asked for and shows now, so that a later drift of it is brought back.
pub(in super::super) fn keep_asked(work: &mut Work<'_>, fields: &[&str]) {
    let is_open =
        |key: &str| key.starts_with(MAINTENANCE) || fields.iter().any(|field| key.ends_with(field));
    work.record.facts.retain(|key, _| key.strip_prefix(ASKED).is_none_or(is_open));
}

/// AWS was asked to delete it, and deletes it if the call had its effect.
pub(in super::super) fn deleted(work: &mut Work<'_>, final_snapshot: Option<&str>) {
    let facts = &mut work.record.facts;
    facts.remove(CREATED_AT);
    let was_asked = facts.insert(DELETED.to_owned(), "true".to_owned()).is_some();
    if let Some(name) = final_snapshot {
        facts.insert(FINAL_SNAPSHOT.to_owned(), name.to_owned());
    }
    // The longer it takes, the less often it is asked for again.
    if !was_asked {
        mark(work, WAITING_SINCE);
    }
}

/// Its final snapshot of this name is there.
pub(in super::super) fn snapshot_exists(work: &mut Work<'_>, name: &str) {
    work.record.facts.insert(FINAL_SNAPSHOT.to_owned(), name.to_owned());
    work.record.facts.insert(HAS_SNAPSHOT.to_owned(), "true".to_owned());
}

/// Another snapshot has this name, or AWS does not accept it.
pub(in super::super) fn name_taken(work: &mut Work<'_>, name: &str) {
    work.record.facts.insert(TAKEN.to_owned(), name.to_owned());
}

fn learn_protection(work: &mut Work<'_>, settings: &[Setting]) {
    if settings.contains(&Setting::DeletionProtection(true)) {
        work.record.facts.insert(PROTECTED.to_owned(), "true".to_owned());
    } else if settings.contains(&Setting::DeletionProtection(false)) {
        work.record.facts.remove(PROTECTED);
    }
}

fn ask(work: &mut Work<'_>, key: &str, value: &str) {
    let asked = format!("{} {value}", unix_ms(work.now));
    work.record.facts.insert(format!("{ASKED}{key}"), asked);
}

fn mark(work: &mut Work<'_>, fact: &str) {
    let now = unix_ms(work.now).to_string();
    work.record.facts.insert(fact.to_owned(), now);
}
