//! What the record knows that looking cannot tell: calls of unknown outcome, and what was made a moment ago.

use worker::Work;

use crate::facts;

use super::plan::Put;

/// The step that makes the bucket.
pub const CREATE_BUCKET: &str = "s3.create-bucket";
/// The step that deletes the bucket.
pub const DELETE_BUCKET: &str = "s3.delete-bucket";
/// The step that mints a key.
pub const CREATE_ACCESS_KEY: &str = "iam.create-access-key";

const CREATED_AT: &str = "bucket-created-ms";
const UNTAGGED: &str = "bucket-untagged";
const MINTED_AT: &str = "access-key-created-ms";
const MINTED_ID: &str = "access-key-id";
const HAS_USER: &str = "iam-user";

/// What the record knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Of the bucket.
    pub bucket: KnownBucket,
    /// Of the key that was minted last.
    pub key: KnownKey,
    /// A user was made for this claim.
    pub has_user: bool,
}

/// What the record knows of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownBucket {
    /// It was seen, or made by a call that succeeded.
    pub was_observed: bool,
    /// Without tags it is ours: we made it, or may have, and did not come to tagging it.
    pub is_untagged_ours: bool,
    /// AWS may not show it yet.
    pub may_be_hidden: bool,
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
        let record = &work.record;
        let has = |fact| record.facts.contains_key(fact);
        Self {
            bucket: KnownBucket {
                was_observed: record.placement.observed,
                is_untagged_ours: facts::is_open(work, CREATE_BUCKET) || has(UNTAGGED),
                may_be_hidden: facts::may_be_hidden(work, CREATE_BUCKET, CREATED_AT),
            },
            key: KnownKey {
                id: record.facts.get(MINTED_ID).cloned(),
                may_be_hidden: facts::may_be_hidden(work, CREATE_ACCESS_KEY, MINTED_AT),
            },
            has_user: has(HAS_USER),
        }
    }
}

/// The bucket was just made, and has no tags yet.
pub(super) fn bucket_created(work: &mut Work<'_>) {
    facts::mark(work, CREATED_AT);
    let record = &mut work.record;
    record.facts.insert(UNTAGGED.to_owned(), "true".to_owned());
    record.placement.observed = true;
}

/// AWS shows the bucket: when it does not any more, the bucket is gone.
pub(super) fn bucket_seen(work: &mut Work<'_>) {
    work.record.facts.remove(CREATED_AT);
}

/// A key was just made.
pub(super) fn key_created(work: &mut Work<'_>, id: &str) {
    facts::mark(work, MINTED_AT);
    work.record.facts.insert(MINTED_ID.to_owned(), id.to_owned());
}

/// The user exists.
pub(super) fn user_seen(work: &mut Work<'_>) {
    work.record.facts.insert(HAS_USER.to_owned(), "true".to_owned());
}

/// A call has succeeded.
pub(super) fn learn(work: &mut Work<'_>, put: &Put) {
    match put {
        Put::BucketTags(_) => {
            work.record.facts.remove(UNTAGGED);
            facts::resolve(work, CREATE_BUCKET);
        }
        Put::CreateUser(_) => user_seen(work),
        Put::DeleteKey(_) => forget_key(work),
        Put::DeleteUser => {
            work.record.facts.remove(HAS_USER);
            forget_key(work);
        }
        _ => {}
    }
}

/// The outcome of the last mint was seen.
fn forget_key(work: &mut Work<'_>) {
    work.record.facts.remove(MINTED_AT);
    work.record.facts.remove(MINTED_ID);
    facts::resolve(work, CREATE_ACCESS_KEY);
}
