//! What a strategy may say about a bucket.

use proto::Strategy as Tier;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::strategy::{Described, Field, Read, StrategyError, describe, looks_like_region, read};

const NO_GRANTS: &str = "buckets are private: access lists and grants are not accepted";
const NO_DIRECTORY: &str = "only general purpose buckets are made";

/// The fields of S3's `CreateBucketInput` that are accepted or refused; others are ignored.
const CREATE: &[Field] = &[
    Field::take("Bucket"),
    Field::nested(
        "CreateBucketConfiguration",
        &[
            Field::take("LocationConstraint"),
            Field::refuse("Location", NO_DIRECTORY),
            Field::refuse("Bucket", NO_DIRECTORY),
        ],
    ),
    Field::take("ObjectOwnership"),
    Field::take("ObjectLockEnabledForBucket"),
    Field::take("ACL"),
    Field::refuse("GrantFullControl", NO_GRANTS),
    Field::refuse("GrantRead", NO_GRANTS),
    Field::refuse("GrantReadACP", NO_GRANTS),
    Field::refuse("GrantWrite", NO_GRANTS),
    Field::refuse("GrantWriteACP", NO_GRANTS),
];

const TIER: &[Field] = &[
    Field::take("region"),
    Field::nested("createStrategy", CREATE),
    Field::nested("deleteStrategy", &[Field::take("forceBucketDeletion")]),
    Field::take("credentials"),
    // Written by the Go operator for every kind; it means nothing to a bucket.
    Field::take("serviceUpdates"),
];

/// How a workload gets access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Credentials {
    /// Keys of an IAM user of its own.
    Keys,
    /// A role that the workload has anyway; its Secret holds empty keys.
    Keyless,
}

/// Who owns objects that others write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum ObjectOwnership {
    /// The bucket's owner; access lists are off.
    BucketOwnerEnforced,
    /// The bucket's owner, when the writer agrees.
    BucketOwnerPreferred,
    /// The writer.
    ObjectWriter,
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

/// One tier for buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Strategy {
    /// Region of new buckets.
    pub region: Option<String>,
    /// How a bucket is made.
    pub create_strategy: Create,
    /// How a bucket is deleted.
    pub delete_strategy: Delete,
    /// How a workload gets access; unset keeps what a claim has.
    pub credentials: Option<Credentials>,
}

/// How a bucket is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Create {
    /// A bucket to adopt; it must exist and be the claim's own.
    pub bucket: Option<String>,
    /// Nested as in the API.
    pub create_bucket_configuration: Configuration,
    /// Who owns objects that others write.
    pub object_ownership: Option<ObjectOwnership>,
    /// Whether objects can be locked.
    pub object_lock_enabled_for_bucket: bool,
    /// Only `private` is accepted.
    #[serde(rename = "ACL")]
    pub acl: Option<Acl>,
}

/// Nested as in the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Configuration {
    /// Must be the region.
    pub location_constraint: Option<String>,
}

/// The access list of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Acl {
    /// Nobody but the owner.
    Private,
}

/// How a bucket is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Delete {
    /// Also when it holds objects; they are lost.
    pub force_bucket_deletion: bool,
}

impl Strategy {
    /// What a tier may say, for the reference.
    pub(crate) fn describe() -> Vec<Described> {
        describe::<Self>(TIER)
    }

    /// Reads a tier; an empty text is an empty object.
    pub fn read(tier: &Tier) -> Result<Read<Self>, StrategyError> {
        let json = if tier.json.trim().is_empty() { "{}" } else { &tier.json };
        let read = read::<Self>(json, TIER)?;
        read.strategy.check_region()?;
        Ok(read)
    }

    /// The region that it names, in either place.
    pub fn wanted_region(&self) -> Option<&str> {
        self.region.as_deref().or(self.create_strategy.location())
    }

    /// Refuses a region that no AWS region looks like, and two that differ.
    fn check_region(&self) -> Result<(), StrategyError> {
        let location = self.create_strategy.location();
        let path = "createStrategy.CreateBucketConfiguration.LocationConstraint";
        let error = |path: &str, problem: String| StrategyError { path: path.to_owned(), problem };
        for (path, region) in [("region", self.region.as_deref()), (path, location)] {
            if let Some(region) = region.filter(|region| !looks_like_region(region)) {
                return Err(error(path, format!("{region:?} is no AWS region")));
            }
        }
        match (&self.region, location) {
            (Some(region), Some(location)) if region != location => {
                Err(error(path, format!("must be the region, {region}")))
            }
            _ => Ok(()),
        }
    }
}

impl Create {
    fn location(&self) -> Option<&str> {
        self.create_bucket_configuration.location_constraint.as_deref()
    }
}

impl Configuration {
    /// The path and text of a location that is not where the bucket lives.
    pub fn check(&self, region: &str) -> Result<(), StrategyError> {
        match &self.location_constraint {
            Some(location) if location != region => Err(StrategyError {
                path: "createStrategy.CreateBucketConfiguration.LocationConstraint".to_owned(),
                problem: format!("must be the bucket's region, {region}"),
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
