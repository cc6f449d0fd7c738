//! What is there: a bucket, a user and keys, as values.

use crate::tags::Tags;

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

/// A user that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Its tags.
    pub tags: Tags,
    /// Our inline policy.
    pub policy: Option<String>,
    /// Ids of its keys.
    pub keys: Vec<String>,
}

impl Observed {
    /// A call has succeeded: that counts as an observation.
    pub fn learn(&mut self, put: &Put) {
        match (put, &mut self.bucket, &mut self.user) {
            (Put::BucketTags(tags), Some(bucket), _) => bucket.tags.clone_from(tags),
            (Put::BlockPublicAccess, Some(bucket), _) => bucket.blocks_public_access = true,
            (Put::Encrypt, Some(bucket), _) => bucket.is_encrypted = true,
            (Put::BucketPolicy(document), Some(bucket), _) => {
                bucket.policy = Some(document.clone());
            }
            (Put::CreateUser(tags), _, user) => {
                *user = Some(User { tags: tags.clone(), ..User::default() });
            }
            (Put::UserTags(tags), _, Some(user)) => user.tags.extend(tags.clone()),
            (Put::UserPolicy(document), _, Some(user)) => user.policy = Some(document.clone()),
            (Put::DeleteKey(id), _, Some(user)) => user.keys.retain(|key| key != id),
            (Put::DeleteUser, _, user) => *user = None,
            _ => {}
        }
    }
}
