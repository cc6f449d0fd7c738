//! What the record knows that looking cannot tell: calls of unknown outcome, what was asked for, what was promised, and
//! whose it is.

mod learn;

use std::collections::BTreeMap;
use std::time::Duration;

use proto::Record;
use sha2::{Digest as _, Sha256};
use worker::Work;

use crate::aws::elasticache::{Group, Member, Setting};
use crate::facts::deletion::KnownDeletion;
use crate::facts::{self, asked};
use crate::tags::Tags;

pub(super) use learn::{
    created, deleted, keep_asked, lost, modified, owned, settled, tagged, updated,
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
const OWNED: &str = "group-owned";
const TAGGED: &str = "tags";
const TAGS_READ: &str = "tags-read-ms";
const SEEN: &str = "group-seen";
const MEMBERS_SEEN: &str = "members-seen";
const SERVICE_UPDATE: &str = "update ";
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

impl Known {
    /// What the record of this turn knows now.
    pub fn of(work: &Work<'_>) -> Self {
        let facts = &work.record.facts;
        let read = facts::age(work, TAGS_READ).filter(|age| *age < TAGS_KEPT);
        Self {
            was_observed: work.record.placement.observed,
            may_be_hidden: facts::may_be_hidden(work, CREATE, CREATED_AT),
            is_published: work.record.digest.is_some(),
            age: facts::waited(work),
            asked: KnownAsked {
                recently: asked::recently(work),
                is_open: asked::fields(work).any(|field| !field.starts_with(SERVICE_UPDATE)),
            },
            owner: KnownOwner {
                is_ours: facts.contains_key(OWNED),
                was_asked_for: facts::is_open(work, CREATE),
                tags: read.and_then(|_| facts.get(TAGGED).cloned()),
            },
            deletion: KnownDeletion::of(&work.record),
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
