//! What the record knows that looking cannot tell: calls of unknown outcome, what was asked for, what was promised, and
//! whose it is.

mod learn;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proto::Record;
use sha2::{Digest as _, Sha256};
use worker::{ABSENCE_PROOF, Work};

use crate::aws::elasticache::{Group, Member, Setting};
use crate::tags::Tags;

pub(super) use learn::{
    created, deleted, keep_asked, lost, modified, name_taken, owned, pin, settled, snapshot_exists,
    tagged, updated, waiting,
};

/// The step that makes the group.
pub const CREATE: &str = "elasticache.create-replication-group";
/// The step that changes it.
pub const MODIFY: &str = "elasticache.modify-replication-group";
/// The step that gives it another token.
pub const ROTATE_TOKEN: &str = "elasticache.rotate-auth-token";
/// The step that applies a service update.
pub const UPDATE: &str = "elasticache.apply-update-action";
/// The step that deletes it.
pub const DELETE: &str = "elasticache.delete-replication-group";

const CREATED_AT: &str = "group-created-ms";
const DELETED: &str = "group-deleted";
const WAITING_SINCE: &str = "waiting-since-ms";
const OWNED: &str = "group-owned";
const TAGGED: &str = "tags";
const TAGS_READ: &str = "tags-read-ms";
const FINAL_SNAPSHOT: &str = "final-snapshot";
const HAS_SNAPSHOT: &str = "final-snapshot-exists";
const TAKEN: &str = "snapshot-name-taken";
const SEEN: &str = "group-seen";
const MEMBERS_SEEN: &str = "members-seen";
const ASKED: &str = "asked ";
const SERVICE_UPDATE: &str = "update ";
/// What AWS has accepted and does not show after this is asked for again.
const ASKED_FOR: Duration = Duration::from_hours(1);
/// Tags are read at every turn that comes once an hour.
const TAGS_KEPT: Duration = Duration::from_mins(50);

/// What the record knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// It was seen, or made by a call that succeeded.
    pub was_observed: bool,
    /// AWS may not show it yet.
    pub may_be_hidden: bool,
    /// Applications have been told of it.
    pub is_published: bool,
    /// For how long it has been waited for.
    pub age: Duration,
    /// What was asked for.
    pub asked: KnownAsked,
    /// Whose it is.
    pub owner: KnownOwner,
    /// Of its end.
    pub deletion: KnownDeletion,
}

/// What the record knows of what AWS was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAsked {
    /// What AWS has accepted a moment ago, by field: the value.
    pub recently: BTreeMap<String, String>,
    /// A change did not show yet, however long ago it was asked for.
    pub is_open: bool,
}

/// What the record knows of the group's tags, which no listing shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownOwner {
    /// It is ours: its tags said so, or we made it.
    pub is_ours: bool,
    /// Its creation was asked for, and had no answer.
    pub was_asked_for: bool,
    /// Digest of the tags that it had when they were read or written last, a moment ago.
    pub tags: Option<String>,
}

/// What the record knows of the end of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownDeletion {
    /// AWS was asked to delete it.
    pub is_asked: bool,
    /// The final snapshot that was asked for.
    pub final_snapshot: Option<String>,
    /// It is there, so another one is not needed.
    pub has_snapshot: bool,
    /// A name that a final snapshot cannot have.
    pub taken: Option<String>,
}

impl Known {
    /// What the record of this turn knows now.
    pub fn of(work: &Work<'_>) -> Self {
        let (record, now) = (&work.record, work.now);
        let has = |fact: &str| record.facts.contains_key(fact);
        let text = |fact: &str| record.facts.get(fact).cloned();
        let has_intent = record.intent.as_ref().is_some_and(|intent| intent.step == CREATE);
        let is_recent = is_younger(record, CREATED_AT, now, ABSENCE_PROOF);
        Self {
            was_observed: record.placement.observed,
            may_be_hidden: (has_intent && !work.absence_is_proof()) || is_recent,
            is_published: record.digest.is_some(),
            age: age(record, WAITING_SINCE, now).unwrap_or_default(),
            asked: KnownAsked {
                recently: asked(record, now),
                is_open: record.facts.keys().any(|key| is_change(key)),
            },
            owner: KnownOwner {
                is_ours: has(OWNED),
                was_asked_for: has_intent,
                tags: text(TAGGED).filter(|_| is_younger(record, TAGS_READ, now, TAGS_KEPT)),
            },
            deletion: KnownDeletion {
                is_asked: has(DELETED),
                final_snapshot: text(FINAL_SNAPSHOT),
                has_snapshot: has(HAS_SNAPSHOT),
                taken: text(TAKEN),
            },
        }
    }

    /// Whether AWS has accepted this already. `how` tells two ways of asking apart.
    pub fn has_asked(&self, how: &str, setting: &Setting) -> bool {
        let key = format!("{how}{}", setting.field());
        self.asked.recently.get(&key).is_some_and(|value| *value == setting.to_string())
    }

    /// Whether AWS has accepted to apply this service update already.
    pub fn has_asked_for_update(&self, name: &str) -> bool {
        self.asked.recently.contains_key(&format!("{SERVICE_UPDATE}{name}"))
    }

    /// Whether tags must be read: whose group it is is not known, or its tags are not known to be these.
    pub fn needs_tags(&self, desired: &Tags) -> bool {
        !self.owner.is_ours || self.owner.tags.as_deref() != Some(tags_digest(desired).as_str())
    }
}

/// Whether a listing shows a group otherwise than when it was last as desired. Members count if they were looked at
/// then.
pub fn differs(record: &Record, group: Option<&Group>, members: &[Member]) -> bool {
    let fact = |name: &str| record.facts.get(name).map(String::as_str);
    let shown = group.map(digest);
    let members = watches_members(record).then(|| members_digest(members));
    shown.as_deref() != fact(SEEN) || members.as_deref() != fact(MEMBERS_SEEN)
}

/// Whether members were looked at when the group was last as desired.
pub fn watches_members(record: &Record) -> bool {
    record.facts.contains_key(MEMBERS_SEEN)
}

/// One text for all that a listing shows of a group.
pub fn digest(group: &Group) -> String {
    short_hash(&format!("{group:?}"))
}

/// One text for all that a listing shows of a group's members.
pub fn members_digest(members: &[Member]) -> String {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by(|one, other| one.id.cmp(&other.id));
    short_hash(&format!("{members:?}"))
}

/// One text for tags.
pub fn tags_digest(tags: &Tags) -> String {
    short_hash(&format!("{tags:?}"))
}

fn short_hash(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16])
}

fn asked(record: &Record, now: SystemTime) -> BTreeMap<String, String> {
    let entry = |(key, value): (&String, &String)| {
        let field = key.strip_prefix(ASKED)?;
        let (at, value) = value.split_once(' ')?;
        let is_recent = unix_ms(now) < at.parse::<u128>().ok()? + ASKED_FOR.as_millis();
        is_recent.then(|| (field.to_owned(), value.to_owned()))
    };
    record.facts.iter().filter_map(entry).collect()
}

fn is_change(fact: &str) -> bool {
    fact.strip_prefix(ASKED).is_some_and(|asked| !asked.starts_with(SERVICE_UPDATE))
}

fn is_younger(record: &Record, fact: &str, now: SystemTime, than: Duration) -> bool {
    age(record, fact, now).is_some_and(|age| age < than)
}

fn age(record: &Record, fact: &str, now: SystemTime) -> Option<Duration> {
    let since: u128 = record.facts.get(fact)?.parse().ok()?;
    let age = unix_ms(now).saturating_sub(since);
    Some(Duration::from_millis(u64::try_from(age).unwrap_or(u64::MAX)))
}

fn unix_ms(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(value: &str) -> Tags {
        [("key".to_owned(), value.to_owned())].into()
    }

    #[test]
    fn w43_tags_are_read_when_they_are_not_known_and_once_an_hour() {
        let known = |is_ours, written: Option<&str>| {
            let tags = written.map(|value| tags_digest(&tags(value)));
            Known {
                owner: KnownOwner { is_ours, tags, ..KnownOwner::default() },
                ..Known::default()
            }
        };
        assert!(!known(true, Some("a")).needs_tags(&tags("a")));
        assert!(known(true, Some("b")).needs_tags(&tags("a")));
        assert!(known(true, None).needs_tags(&tags("a")));
        assert!(known(false, Some("a")).needs_tags(&tags("a")));
        assert!(TAGS_KEPT > Duration::from_mins(30) && TAGS_KEPT < Duration::from_hours(1));
    }

    #[test]
    fn the_order_of_members_is_no_difference() {
        let member = |id: &str| Member { id: id.into(), ..Member::default() };
        let (one, other) = (member("a"), member("b"));
        let digests = [[one.clone(), other.clone()], [other, one]].map(|it| members_digest(&it));
        assert_eq!(digests[0], digests[1]);
    }
}
