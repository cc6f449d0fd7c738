//! What is there: a bucket, a user and keys, as values.

use crate::tags::Tags;
use crate::user::User;

use super::plan::Put;

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The bucket, if it exists.
    pub bucket: Option<Bucket>,
    /// The user, if it exists.
    pub user: Option<User>,
    /// Ids of the keys that secret-writer holds.
    pub held: Vec<String>,
}

/// A bucket that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its tags.
    pub tags: Tags,
    /// Whether all public access is blocked.
    pub blocks_public_access: bool,
    /// Whether a default encryption is set.
    pub is_encrypted: bool,
    /// Its policy document.
    pub policy: Option<String>,
}

impl Observed {
    /// A call has succeeded: that counts as an observation.
    pub fn learn(&mut self, put: &Put) {
        match (put, &mut self.bucket) {
            (Put::User(put), _) => put.learn(&mut self.user),
            (Put::BucketTags(tags), Some(bucket)) => bucket.tags.clone_from(tags),
            (Put::BlockPublicAccess, Some(bucket)) => bucket.blocks_public_access = true,
            (Put::Encrypt, Some(bucket)) => bucket.is_encrypted = true,
            (Put::BucketPolicy(document), Some(bucket)) => bucket.policy = Some(document.clone()),
            _ => {}
        }
    }
}
