//! What the record knows of the user that looking cannot tell, or need not tell each time.

use std::time::Duration;

use proto::short_hash;
use worker::{ABSENCE_PROOF, Work};

use crate::facts;
use crate::tags::{self, Tags};

use super::plan::Put;

/// The step that mints a key.
pub const CREATE_ACCESS_KEY: &str = "iam.create-access-key";

const MINTED_AT: &str = "access-key-created-ms";
const MINTED_ID: &str = "access-key-id";
const HAS_USER: &str = "iam-user";
const ASKED_AT: &str = "iam-user-asked-ms";
const TAGS: &str = "iam-user-tags";
const TAGS_READ: &str = "iam-user-tags-read-ms";
/// Nobody but a person changes tags of a user, and then nothing breaks: they are read once a day.
const TAGS_KEPT: Duration = Duration::from_hours(24);

/// What the record knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// A user was made for this claim.
    pub exists: bool,
    /// AWS may not show it yet.
    pub may_be_hidden: bool,
    /// Of the key that was minted last.
    pub key: KnownKey,
}

/// What the record knows of the key that was minted last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownKey {
    /// Its id.
    pub id: Option<String>,
    /// AWS may not list it yet.
    pub may_be_hidden: bool,
}

impl Known {
    /// What the record of this turn knows now.
    pub fn of(work: &Work<'_>) -> Self {
        let facts = &work.record.facts;
        Self {
            exists: facts.contains_key(HAS_USER),
            may_be_hidden: facts::age(work, ASKED_AT).is_some_and(|age| age < ABSENCE_PROOF),
            key: KnownKey {
                id: facts.get(MINTED_ID).cloned(),
                may_be_hidden: facts::may_be_hidden(work, CREATE_ACCESS_KEY, MINTED_AT),
            },
        }
    }
}

/// Whether its tags were seen to hold these a short while ago.
pub(super) fn has_tags(work: &Work<'_>, desired: &Tags) -> bool {
    let is_recent = facts::age(work, TAGS_READ).is_some_and(|age| age < TAGS_KEPT);
    is_recent && work.record.facts.get(TAGS) == Some(&digest(desired))
}

/// It is about to be asked for.
pub(super) fn asked(work: &mut Work<'_>) {
    facts::mark(work, ASKED_AT);
}

/// AWS shows it: when it does not any more, it is gone.
pub(super) fn shown(work: &mut Work<'_>) {
    work.record.facts.remove(ASKED_AT);
}

/// The user exists with these tags.
pub(super) fn seen(work: &mut Work<'_>, found: &Tags, desired: &Tags) {
    work.record.facts.insert(HAS_USER.to_owned(), "true".to_owned());
    if tags::merge(found, desired) == Ok(None) {
        work.record.facts.insert(TAGS.to_owned(), digest(desired));
        facts::mark(work, TAGS_READ);
    }
}

/// A key was just made.
pub(super) fn key_created(work: &mut Work<'_>, id: &str) {
    facts::mark(work, MINTED_AT);
    work.record.facts.insert(MINTED_ID.to_owned(), id.to_owned());
}

/// A call has succeeded.
pub fn learn(work: &mut Work<'_>, put: &Put) {
    match put {
        Put::Create(tags) => {
            seen(work, tags, tags);
            // A user that was made now has no key of before.
            forget_key(work);
        }
        Put::Tag(tags) => seen(work, tags, tags),
        Put::DeleteKey(_) => forget_key(work),
        Put::Delete => {
            for fact in [HAS_USER, ASKED_AT, TAGS, TAGS_READ] {
                work.record.facts.remove(fact);
            }
            forget_key(work);
        }
        Put::Policy(_) => {}
    }
}

/// The outcome of the last mint was seen.
fn forget_key(work: &mut Work<'_>) {
    work.record.facts.remove(MINTED_AT);
    work.record.facts.remove(MINTED_ID);
    facts::resolve(work, CREATE_ACCESS_KEY);
}

fn digest(tags: &Tags) -> String {
    let parts: Vec<&str> =
        tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]).collect();
    short_hash(&parts)
}
