//! What a user writes, field for field as the Go operator reads it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Durations as the Go operator takes them; empty and `0` mean none.
const DURATION: &str = "^(0|(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?)$";

/// The Secret that shall hold the connection details.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretRef {
    /// Name of the Secret.
    pub name: String,
    /// Namespace of the Secret. Leave it out: only the claim's own namespace is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// The fields that all claims share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTypeSpec {
    /// Deployment type: a key of the ConfigMap cloud-resource-config, which maps it to a provider.
    #[serde(rename = "type")]
    pub type_: String,
    /// Tier: a key of the provider's strategy, such as development or production.
    pub tier: String,
    /// The Secret that shall hold the connection details.
    pub secret_ref: SecretRef,
    /// Pauses creation and change; what exists is observed only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_create: Option<bool>,
    /// AWS only: apply a change that restarts the resource at once, instead of in its maintenance window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_immediately: Option<bool>,
    /// AWS Postgres and Redis: permission to apply pending changes, those that restart or replace included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_window: Option<bool>,
    /// AWS Redis only: node type, such as cache.t3.micro; wins over the strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// How often a snapshot is taken, such as 1d12h. Kept for the Go operator's GCP provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DURATION))]
    pub snapshot_frequency: Option<String>,
    /// How long a snapshot is kept, such as 30d. Kept for the Go operator's GCP provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DURATION))]
    pub snapshot_retention: Option<String>,
}

/// The fields of both snapshot kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotSpec {
    /// Name of the claim, in the same namespace, whose resource is snapshotted.
    pub resource_name: String,
    /// Keep the provider's snapshot when this object is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_delete: Option<bool>,
}
