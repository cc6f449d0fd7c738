//! What is stored in the record when a call has succeeded, or something was seen.

use worker::Work;

use crate::aws::elasticache::{Group, Member, Setting};
use crate::facts::{self, asked, deletion};
use crate::tags::Tags;

use super::{
    CREATED_AT, MEMBERS_SEEN, OWNED, SEEN, SERVICE_UPDATE, TAGGED, TAGS_READ, digest,
    members_digest, tags_digest,
};

/// The group was just made.
pub(in super::super) fn created(work: &mut Work<'_>) {
    facts::mark(work, CREATED_AT);
    facts::wait_anew(work);
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
    facts::mark(work, TAGS_READ);
}

/// AWS shows it, ready: when it does not any more, it is gone.
pub(in super::super) fn settled(work: &mut Work<'_>, group: &Group, members: Option<&[Member]>) {
    facts::arrived(work);
    let facts = &mut work.record.facts;
    facts.remove(CREATED_AT);
    facts.insert(SEEN.to_owned(), digest(group));
    match members {
        Some(members) => facts.insert(MEMBERS_SEEN.to_owned(), members_digest(members)),
        None => facts.remove(MEMBERS_SEEN),
    };
    work.record.placement.observed = true;
    work.resolve_intent();
}

/// AWS has accepted these.
pub(in super::super) fn modified(work: &mut Work<'_>, how: &str, settings: &[Setting]) {
    for setting in settings {
        asked::ask(work, &format!("{how}{}", setting.field()), &setting.to_string());
    }
}

/// AWS has accepted to apply this service update.
pub(in super::super) fn updated(work: &mut Work<'_>, name: &str) {
    asked::ask(work, &format!("{SERVICE_UPDATE}{name}"), "");
}

/// Only these fields, and service updates, do not show yet.
pub(in super::super) fn keep_asked(work: &mut Work<'_>, fields: &[&str]) {
    asked::retain(work, |asked| {
        asked.starts_with(SERVICE_UPDATE) || fields.iter().any(|field| asked.ends_with(field))
    });
}

/// AWS was asked to delete it, and deletes it if the call had its effect.
pub(in super::super) fn deleted(work: &mut Work<'_>, final_snapshot: Option<&str>) {
    work.record.facts.remove(CREATED_AT);
    deletion::asked(work, final_snapshot);
}
