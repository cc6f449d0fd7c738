//! What the operator answers: the Go operator's fields, and ours beside them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SecretRef;

// One type for all kinds; `definition` offers each kind only the fields that it uses.
/// What the operator says about the object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimStatus {
    /// One word for people, derived from the conditions: in progress, complete, paused, deletion in progress or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// What the phase means here and what to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Provider that serves the object, such as aws or openshift; once set, it stays for life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Name of the provider's implementation, such as aws-rds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Copy of spec.secretRef while the Secret is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretRef>,
    /// Engine version that the provider reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The provider's name of the snapshot.
    #[serde(default, rename = "snapshotID", skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<String>,
    /// Uid of the claim whose resource is snapshotted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_uid: Option<String>,
    /// Ready sums up; the others say how far the object is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// metadata.generation that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Where the external resource lives; pinned before anything is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// The Service Binding Secret beside the connection Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
}

/// Where an external resource lives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// aws or openshift.
    pub provider: String,
    /// Region; absent in the cluster, or while not looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Account; absent in the cluster, or while not looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// External name; absent until it is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// True once the provider has confirmed that the resource exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<bool>,
}

/// Reference by the Service Binding specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// Name of the Secret.
    pub name: String,
}

impl ClaimStatus {
    /// Reads field by field: one that does not fit its type reads as absent, and takes no other with it.
    pub fn from_value(status: &Value) -> Self {
        Self {
            phase: field(status, "phase"),
            message: field(status, "message"),
            strategy: field(status, "strategy"),
            provider: field(status, "provider"),
            secret_ref: field(status, "secretRef"),
            version: field(status, "version"),
            snapshot_id: field(status, "snapshotID"),
            resource_uid: field(status, "resourceUid"),
            conditions: conditions(status),
            observed_generation: field(status, "observedGeneration"),
            placement: field(status, "placement"),
            binding: field(status, "binding"),
        }
    }
}

fn field<T: DeserializeOwned>(status: &Value, name: &str) -> Option<T> {
    status.get(name).and_then(|value| T::deserialize(value).ok())
}

fn conditions(status: &Value) -> Vec<Condition> {
    let list = status.get("conditions").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|it| Condition::deserialize(it).ok()).collect()
}
