//! What is stored in the record when a call has succeeded, or something was seen.

use worker::Work;

use crate::aws::elasticache::{Group, Member, Setting};
use crate::tags::Tags;

use super::super::desired::Target;
use super::{
    ASKED, CREATED_AT, DELETED, FINAL_SNAPSHOT, HAS_SNAPSHOT, MEMBERS_SEEN, OWNED, SEEN,
    SERVICE_UPDATE, TAGGED, TAGS_READ, TAKEN, WAITING_SINCE, digest, members_digest, tags_digest,
    unix_ms,
};

/// The group was just made.
pub(in super::super) fn created(work: &mut Work<'_>) {
    mark(work, CREATED_AT);
    mark(work, WAITING_SINCE);
    work.record.placement.observed = true;
}

/// It is ours, by its tags or because we made it.
pub(in super::super) fn owned(work: &mut Work<'_>) {
    work.record.facts.insert(OWNED.to_owned(), "true".to_owned());
}

/// It is not there: another of its name may not be ours.
pub(in super::super) fn lost(work: &mut Work<'_>) {
    for fact in [OWNED, TAGGED, TAGS_READ] {
        work.record.facts.remove(fact);
    }
}

/// It has all of these tags.
pub(in super::super) fn tagged(work: &mut Work<'_>, tags: &Tags) {
    work.record.facts.insert(TAGGED.to_owned(), tags_digest(tags));
    mark(work, TAGS_READ);
}

/// It is waited for, from now on if not longer.
pub(in super::super) fn waiting(work: &mut Work<'_>) {
    if !work.record.facts.contains_key(WAITING_SINCE) {
        mark(work, WAITING_SINCE);
    }
}

/// AWS shows it, ready: when it does not any more, it is gone.
pub(in super::super) fn settled(work: &mut Work<'_>, group: &Group, members: Option<&[Member]>) {
    let facts = &mut work.record.facts;
    facts.remove(CREATED_AT);
    facts.remove(WAITING_SINCE);
    facts.insert(SEEN.to_owned(), digest(group));
    match members {
        Some(members) => facts.insert(MEMBERS_SEEN.to_owned(), members_digest(members)),
        None => facts.remove(MEMBERS_SEEN),
    };
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
}

/// AWS has accepted to apply this service update.
pub(in super::super) fn updated(work: &mut Work<'_>, name: &str) {
    ask(work, &format!("{SERVICE_UPDATE}{name}"), "");
}

/// Forgets what was asked for and shows now, so that a later drift of it is brought back.
pub(in super::super) fn keep_asked(work: &mut Work<'_>, fields: &[&str]) {
    let is_open = |key: &str| {
        key.starts_with(SERVICE_UPDATE) || fields.iter().any(|field| key.ends_with(field))
    };
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

fn ask(work: &mut Work<'_>, key: &str, value: &str) {
    let asked = format!("{} {value}", unix_ms(work.now));
    work.record.facts.insert(format!("{ASKED}{key}"), asked);
}

fn mark(work: &mut Work<'_>, fact: &str) {
    let now = unix_ms(work.now).to_string();
    work.record.facts.insert(fact.to_owned(), now);
}
