//! Which bucket is meant, and what it shall be: from the item, its strategy and where it lives. Pure.

use proto::{Placement, WorkItem};

use crate::aws::s3::{Bucket, NewBucket};
use crate::error::Error;
use crate::naming::external_name;
use crate::place::Place;
use crate::policy;
use crate::tags::{self, Owner, Tags};
use crate::user::Which;

use super::strategy::{Credentials, ObjectOwnership, Strategy};

/// Name of the user's inline policy.
const USER_POLICY: &str = "bucket-access";

/// Which bucket and user are meant. Deletion needs no more, so nothing here can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Name of the bucket.
    pub name: String,
    /// Name of the IAM user.
    pub user: String,
    /// The name comes from the strategy: the bucket must exist and be ours.
    pub is_adoption: bool,
    /// Where it lives.
    pub place: Place,
    /// Whose it is.
    pub owner: Owner,
    /// How the workload gets access.
    pub credentials: Credentials,
}

/// What a bucket, its user and its keys shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Which.
    pub target: Target,
    /// How the bucket is made.
    pub new: NewBucket,
    /// What marks bucket and user as ours.
    pub tags: Tags,
}

impl Target {
    /// `has_role`: we act as a role and the claim has no keys yet, so workloads are expected to have roles too.
    pub fn new(
        item: &WorkItem,
        placement: &Placement,
        strategy: &Strategy,
        place: Place,
        has_role: bool,
    ) -> Self {
        let user = external_name(&item.cluster.id, &item.identity);
        let pinned = placement.identifier.clone();
        let adopted = strategy.create_strategy.bucket.clone().filter(|_| pinned.is_none());
        let default = if has_role { Credentials::Keyless } else { Credentials::Keys };
        Self {
            is_adoption: adopted.is_some(),
            name: pinned.or(adopted).unwrap_or_else(|| user.clone()),
            user,
            place,
            owner: Owner::of(item),
            credentials: strategy.credentials.unwrap_or(default),
        }
    }

    /// The bucket, for calls.
    pub fn bucket(&self) -> Bucket<'_> {
        Bucket { name: &self.name, account: &self.place.account }
    }

    /// Its user, for calls.
    pub fn user(&self) -> Which<'_> {
        Which { name: &self.user, policy: USER_POLICY }
    }

    /// The bucket's ARN.
    pub fn arn(&self) -> String {
        policy::bucket_arn(&self.place.partition, &self.name)
    }
}

impl Desired {
    /// Fails for what AWS would refuse.
    pub fn new(target: Target, item: &WorkItem, strategy: &Strategy) -> Result<Self, Error> {
        let create = &strategy.create_strategy;
        create.create_bucket_configuration.check(&target.place.region)?;
        let new = NewBucket {
            region: target.place.region.clone(),
            object_ownership: create.object_ownership.map(ObjectOwnership::as_str),
            object_lock: create.object_lock_enabled_for_bucket,
        };
        Ok(Self { target, new, tags: tags::desired(item)? })
    }
}
