//! What a strategy may change: typed, and everything else refused with its path.
//!
//! The Go operator put `deploymentSpec` and `serviceSpec` into the cluster as they were written, so whoever could edit
//! the ConfigMap could run anything. Here an allow-list decides, field by field.

mod allowed;
pub(crate) mod leaves;

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::{
    Affinity, Container, PersistentVolumeClaimSpec, ResourceRequirements, ServiceSpec, Toleration,
    TopologySpreadConstraint,
};
use proto::{ErrorClass, Strategy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use worker::Failure;

use crate::error::{failure, quote};

/// What the strategy asks for beyond the defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Replaces the default requests and limits.
    pub resources: Option<ResourceRequirements>,
    /// Where the pod may run.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Taints that it tolerates.
    pub tolerations: Option<Vec<Toleration>>,
    /// Nodes and pods that it prefers or avoids.
    pub affinity: Option<Affinity>,
    /// How important it is.
    pub priority_class_name: Option<String>,
    /// How pods of several claims spread.
    pub topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,
    /// Another version of the configured image.
    pub image: Option<String>,
    /// Size of the volume.
    pub storage: Option<String>,
    /// Class of the volume; counts when it is made.
    pub storage_class: Option<String>,
    /// Keys that mean nothing here.
    pub ignored: Vec<String>,
}

/// The value of `strategy`, in Kubernetes' own types.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Written {
    deployment_spec: DeploymentSpec,
    service_spec: ServiceSpec,
    pvc_spec: PersistentVolumeClaimSpec,
    secret_data: Map<String, Value>,
    config_map_data: Map<String, Value>,
}

/// Reads a strategy. `image` is the configured one: only its tag or digest may differ.
pub fn overrides(strategy: &Strategy, image: &str) -> Result<Overrides, Failure> {
    let mut document = document(&strategy.json)?;
    let value = document.remove("strategy").unwrap_or_else(|| Value::Object(Map::new()));
    if !value.is_object() {
        return Err(invalid("strategy: a JSON object is expected"));
    }
    let mut ignored: Vec<String> = document.into_iter().map(|(key, _)| key).collect();
    let written: Written = serde_path_to_error::deserialize(&value).map_err(|error| {
        invalid(&format!("strategy.{}: {}", error.path(), quote(&error.inner().to_string())))
    })?;
    let known = serde_json::to_value(&written).unwrap_or_default();
    let mut refused = Vec::new();
    for leaf in leaves::of(&value) {
        let path = format!("strategy.{}", leaf.path);
        if !leaves::contains(&known, &leaf.steps) {
            ignored.push(path);
        } else if let Err(reason) = allowed::check(&leaf.path, leaf.value, image) {
            refused.push(format!("{path}: {reason}"));
        }
    }
    if refused.is_empty() { Ok(take(written, ignored)) } else { Err(invalid(&refused.join("; "))) }
}

/// The JSON object of the tier. `null` and `""` are absent: consumers write whole structs full of them.
pub(crate) fn document(json: &str) -> Result<Map<String, Value>, Failure> {
    if json.trim().is_empty() {
        return Ok(Map::new());
    }
    let value: Value = serde_json::from_str(json)
        .map_err(|error| invalid(&format!("the tier is not JSON: {error}")))?;
    match leaves::prune(value) {
        Value::Object(document) => Ok(document),
        _ => Err(invalid("the tier is not a JSON object")),
    }
}

fn take(written: Written, ignored: Vec<String>) -> Overrides {
    let pod = written.deployment_spec.template.spec.unwrap_or_default();
    let container: Option<Container> = pod.containers.into_iter().next();
    let (resources, image) = container.map(|it| (it.resources, it.image)).unwrap_or_default();
    let requests = written.pvc_spec.resources.and_then(|resources| resources.requests);
    Overrides {
        resources,
        image,
        node_selector: pod.node_selector,
        tolerations: pod.tolerations,
        affinity: pod.affinity,
        priority_class_name: pod.priority_class_name,
        topology_spread_constraints: pod.topology_spread_constraints,
        storage: requests.and_then(|mut it| it.remove("storage")).map(|it| it.0),
        storage_class: written.pvc_spec.storage_class_name,
        ignored,
    }
}

pub(crate) fn invalid(message: &str) -> Failure {
    failure(ErrorClass::Invalid, message)
}

#[cfg(test)]
mod tests;
