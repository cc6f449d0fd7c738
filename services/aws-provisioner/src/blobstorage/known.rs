//! What the record knows that looking cannot tell: calls of unknown outcome, and what was made a moment ago.

use worker::Work;

use crate::facts;
use crate::user;

use super::plan::Put;

/// The step that makes the bucket.
pub const CREATE_BUCKET: &str = "s3.create-bucket";
/// The step that deletes the bucket.
pub const DELETE_BUCKET: &str = "s3.delete-bucket";
const CREATED_AT: &str = "bucket-created-ms";
const UNTAGGED: &str = "bucket-untagged";

/// What the record knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Of the bucket.
    pub bucket: KnownBucket,
    /// Of its user.
    pub user: user::Known,
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
            user: user::Known::of(work),
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

/// A call has succeeded.
pub(super) fn learn(work: &mut Work<'_>, put: &Put) {
    if let Put::BucketTags(_) = put {
        work.record.facts.remove(UNTAGGED);
        facts::resolve(work, CREATE_BUCKET);
    }
}
