//! What a bucket shall be: from the item, its strategy and where it lives. Pure.

use proto::{Placement, WorkItem};

use crate::error::Error;
use crate::naming::external_name;
use crate::place::Place;
use crate::policy;
use crate::tags::{self, Owner, Tags};

use super::strategy::{Credentials, ObjectOwnership, Strategy};
use crate::aws::s3::{Bucket, NewBucket};

/// What a bucket, its user and its keys shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Name of the bucket.
    pub name: String,
    /// Name of the IAM user.
    pub user: String,
    /// The name comes from the strategy: the bucket must exist and be ours.
    pub is_adoption: bool,
    /// Where it lives.
    pub place: Place,
    /// How it is made.
    pub new: NewBucket,
    /// What marks it as ours.
    pub tags: Tags,
    /// Whose it is.
    pub owner: Owner,
    /// How the workload gets access.
    pub credentials: Credentials,
    /// Deleted also when it holds objects.
    pub force_deletion: bool,
}

impl Desired {
    /// `has_role`: we act as a role and the claim has no keys yet, so workloads are expected to have roles too.
    pub fn new(
        item: &WorkItem,
        placement: &Placement,
        strategy: &Strategy,
        place: Place,
        has_role: bool,
    ) -> Result<Self, Error> {
        let create = &strategy.create_strategy;
        create.create_bucket_configuration.check(&place.region)?;
        let own_name = external_name(&item.cluster.id, &item.identity);
        let pinned = placement.identifier.clone();
        let adopted = create.bucket.clone().filter(|_| pinned.is_none());
        let default = if has_role { Credentials::Keyless } else { Credentials::Keys };
        Ok(Self {
            is_adoption: adopted.is_some(),
            name: pinned.or(adopted).unwrap_or_else(|| own_name.clone()),
            user: own_name,
            new: NewBucket {
                region: place.region.clone(),
                object_ownership: create.object_ownership.map(ObjectOwnership::as_str),
                object_lock: create.object_lock_enabled_for_bucket,
            },
            tags: tags::desired(item)?,
            owner: Owner::of(item),
            credentials: strategy.credentials.unwrap_or(default),
            force_deletion: strategy.delete_strategy.force_bucket_deletion,
            place,
        })
    }

    /// The bucket, for calls.
    pub fn bucket(&self) -> Bucket<'_> {
        Bucket { name: &self.name, account: &self.place.account }
    }

    /// The bucket's ARN.
    pub fn arn(&self) -> String {
        policy::bucket_arn(&self.place.partition, &self.name)
    }
}

impl ObjectOwnership {
    /// The text of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}
