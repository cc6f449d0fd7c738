//! The kinds. Columns and validation are added by [`crate::definition()`].

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ClaimStatus, ResourceTypeSpec, SnapshotSpec};

/// A PostgreSQL database.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "integreatly.org", version = "v1alpha1", kind = "Postgres", namespaced)]
#[kube(singular = "postgres", plural = "postgres", category = "cloudresources")]
#[kube(status = "ClaimStatus", derive = "PartialEq", doc = "A PostgreSQL database.")]
pub struct PostgresSpec {
    /// Fields of every claim.
    #[serde(flatten)]
    pub claim: ResourceTypeSpec,
}

/// A Redis cache.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "integreatly.org", version = "v1alpha1", kind = "Redis", namespaced)]
#[kube(singular = "redis", plural = "redis", category = "cloudresources")]
#[kube(status = "ClaimStatus", derive = "PartialEq", doc = "A Redis cache.")]
#[serde(rename_all = "camelCase")]
pub struct RedisSpec {
    /// Fields of every claim.
    #[serde(flatten)]
    pub claim: ResourceTypeSpec,
    /// redis or valkey; left out, it is what the provider has or, for a new cache, redis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Engine version; changes only when it is named here or in the strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
}

/// An object store bucket.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "integreatly.org", version = "v1alpha1", kind = "BlobStorage", namespaced)]
#[kube(singular = "blobstorage", plural = "blobstorages", category = "cloudresources")]
#[kube(status = "ClaimStatus", derive = "PartialEq", doc = "An object store bucket.")]
pub struct BlobStorageSpec {
    /// Fields of every claim.
    #[serde(flatten)]
    pub claim: ResourceTypeSpec,
}

/// Credentials to send mail.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "integreatly.org", version = "v1alpha1", kind = "SMTPCredentialSet", namespaced)]
#[kube(root = "SmtpCredentialSet", singular = "smtpcredentialset", plural = "smtpcredentialsets")]
#[kube(category = "cloudresources", status = "ClaimStatus", derive = "PartialEq")]
#[kube(doc = "Credentials to send mail.")]
pub struct SmtpCredentialSetSpec {
    /// Fields of every claim.
    #[serde(flatten)]
    pub claim: ResourceTypeSpec,
}

/// A snapshot of the resource of a Postgres.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "integreatly.org", version = "v1alpha1", kind = "PostgresSnapshot", namespaced)]
#[kube(singular = "postgressnapshot", plural = "postgressnapshots", category = "cloudresources")]
#[kube(status = "ClaimStatus", derive = "PartialEq")]
#[kube(doc = "A snapshot of the resource of a Postgres.")]
pub struct PostgresSnapshotSpec {
    /// Fields of every snapshot.
    #[serde(flatten)]
    pub snapshot: SnapshotSpec,
}

/// A snapshot of the resource of a Redis.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "integreatly.org", version = "v1alpha1", kind = "RedisSnapshot", namespaced)]
#[kube(singular = "redissnapshot", plural = "redissnapshots", category = "cloudresources")]
#[kube(status = "ClaimStatus", derive = "PartialEq")]
#[kube(doc = "A snapshot of the resource of a Redis.")]
pub struct RedisSnapshotSpec {
    /// Fields of every snapshot.
    #[serde(flatten)]
    pub snapshot: SnapshotSpec,
}
