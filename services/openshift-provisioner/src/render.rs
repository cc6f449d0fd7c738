//! Validated input to manifests: pure.
//!
//! - [`render`]: volume, Deployment and Service of one claim, all of the same name
//! - `postgres`, `redis`: what differs between the engines; `security`: what pods may do

mod postgres;
mod redis;
mod security;

use std::collections::BTreeMap;

use crds::names;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EmptyDirVolumeSource, EnvVar, ExecAction, LocalObjectReference,
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimVolumeSource, PodSpec,
    PodTemplateSpec, Probe, ResourceRequirements, Service, ServicePort, ServiceSpec,
    TCPSocketAction, Volume, VolumeMount, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use proto::{Defaults, Identity};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::config::WorkloadConfig;
use crate::engine::Engine;
use crate::ownership;
use crate::strategy::Overrides;

/// Annotation on the volume: what an unset field meant when it was made. It stays true for that data (W-48).
pub const MADE_WITH_DEFAULTS: &str = "integreatly.org/made-with-defaults";
/// Annotation: digest of what we rendered. It differs too when a field is no longer rendered, which no comparison of
/// fields would show.
pub const RENDERED: &str = "integreatly.org/rendered";
/// Size of a volume when the strategy names none.
const STORAGE: &str = "1Gi";
/// Name of the data volume inside the pod.
const DATA: &str = "data";

/// All that manifests are made from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Postgres or Redis.
    pub engine: Engine,
    /// The claim.
    pub claim: &'a Identity,
    /// The name of all three objects.
    pub name: &'a str,
    /// The administrator's wishes for all claims.
    pub workloads: &'a WorkloadConfig,
    /// The strategy's wishes.
    pub overrides: &'a Overrides,
    /// What unset fields mean for this volume.
    pub defaults: Defaults,
    /// The Secret with the credentials; `None` when there are none.
    pub secret: Option<&'a str>,
}

/// The objects of one claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifests {
    /// Where the data is.
    pub volume: PersistentVolumeClaim,
    /// What runs.
    pub deployment: Deployment,
    /// How it is reached.
    pub service: Service,
}

/// What one engine needs.
struct Recipe {
    image: String,
    port_name: &'static str,
    env: Vec<EnvVar>,
    data_path: &'static str,
    /// Folders that the image writes to besides its data: name and path.
    scratch: &'static [(&'static str, &'static str)],
    read_only_root: bool,
    /// Succeeds when the engine answers queries.
    answers: Vec<String>,
    resources: ResourceRequirements,
}

/// Renders the objects of a claim.
pub fn render(inputs: &Inputs<'_>) -> Manifests {
    let recipe = match inputs.engine {
        Engine::Postgres => postgres::recipe(inputs),
        Engine::Redis => redis::recipe(inputs),
    };
    Manifests {
        volume: volume(inputs),
        service: service(inputs, recipe.port_name),
        deployment: deployment(inputs, recipe),
    }
}

/// It has no owner reference: garbage collection must never delete data, for example when the definitions of the
/// kinds are reinstalled. Only a tombstone deletes a volume.
fn volume(inputs: &Inputs<'_>) -> PersistentVolumeClaim {
    let storage = inputs.overrides.storage.as_deref().unwrap_or(STORAGE);
    let mut metadata = metadata(inputs, None);
    let made_with = (MADE_WITH_DEFAULTS.to_owned(), inputs.defaults.as_str().to_owned());
    metadata.annotations.get_or_insert_default().extend([made_with]);
    PersistentVolumeClaim {
        metadata,
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(quantities(&[("storage", storage)])),
                limits: None,
            }),
            storage_class_name: inputs.overrides.storage_class.clone(),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}

fn service(inputs: &Inputs<'_>, port_name: &str) -> Service {
    let port = inputs.engine.port();
    let mut service = Service {
        metadata: metadata(inputs, Some(ownership::owner_reference(inputs.claim))),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(ownership::selector(inputs.claim)),
            ports: Some(vec![ServicePort {
                name: Some(port_name.to_owned()),
                port,
                target_port: Some(IntOrString::Int(port)),
                protocol: Some("TCP".to_owned()),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        status: None,
    };
    sign(&mut service.metadata, &service.spec);
    service
}

/// `spec.replicas` is left to the API server, which makes it 1: whoever scales it owns it, and we never force it back.
fn deployment(inputs: &Inputs<'_>, recipe: Recipe) -> Deployment {
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(ownership::labels(inputs.claim)),
            ..ObjectMeta::default()
        }),
        spec: Some(pod(inputs, recipe)),
    };
    let mut deployment = Deployment {
        metadata: metadata(inputs, Some(ownership::owner_reference(inputs.claim))),
        spec: Some(DeploymentSpec {
            // Two pods must never use one volume.
            strategy: Some(DeploymentStrategy {
                type_: Some("Recreate".to_owned()),
                rolling_update: None,
            }),
            selector: LabelSelector {
                match_labels: Some(ownership::selector(inputs.claim)),
                match_expressions: None,
            },
            template,
            ..DeploymentSpec::default()
        }),
        status: None,
    };
    sign(&mut deployment.metadata, &deployment.spec);
    deployment
}

fn pod(inputs: &Inputs<'_>, recipe: Recipe) -> PodSpec {
    let data = Volume {
        name: DATA.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: inputs.name.to_owned(),
            read_only: None,
        }),
        ..Volume::default()
    };
    let scratch = recipe.scratch.iter().map(|(name, _)| Volume {
        name: (*name).to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    });
    let overrides = inputs.overrides;
    let pull_secret = inputs.workloads.image_pull_secret.clone();
    PodSpec {
        volumes: Some(std::iter::once(data).chain(scratch).collect()),
        containers: vec![container(inputs, recipe)],
        security_context: Some(security::pod(inputs.workloads.fs_group)),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        image_pull_secrets: pull_secret.map(|name| vec![LocalObjectReference { name }]),
        node_selector: overrides.node_selector.clone(),
        tolerations: overrides.tolerations.clone(),
        affinity: overrides.affinity.clone(),
        priority_class_name: overrides.priority_class_name.clone(),
        topology_spread_constraints: overrides.topology_spread_constraints.clone(),
        ..PodSpec::default()
    }
}

fn container(inputs: &Inputs<'_>, recipe: Recipe) -> Container {
    let port = inputs.engine.port();
    let mount = |(name, path): (&str, &str)| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        ..VolumeMount::default()
    };
    let mounts = std::iter::once((DATA, recipe.data_path)).chain(recipe.scratch.iter().copied());
    Container {
        name: inputs.engine.container().to_owned(),
        image: Some(inputs.overrides.image.clone().unwrap_or(recipe.image)),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        ports: Some(vec![ContainerPort {
            name: Some(recipe.port_name.to_owned()),
            container_port: port,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        env: (!recipe.env.is_empty()).then_some(recipe.env),
        volume_mounts: Some(mounts.map(mount).collect()),
        resources: Some(inputs.overrides.resources.clone().unwrap_or(recipe.resources)),
        // The port opens only after recovery, which may take long: killing the container would start it over.
        startup_probe: Some(Probe { failure_threshold: Some(1800), ..listens(port, 2) }),
        // Whether it listens, not whether it answers: a busy database is not restarted.
        liveness_probe: Some(Probe { failure_threshold: Some(6), ..listens(port, 10) }),
        readiness_probe: Some(answers(recipe.answers)),
        security_context: Some(security::container(recipe.read_only_root)),
        ..Container::default()
    }
}

fn listens(port: i32, period_seconds: i32) -> Probe {
    Probe {
        tcp_socket: Some(TCPSocketAction { port: IntOrString::Int(port), host: None }),
        period_seconds: Some(period_seconds),
        timeout_seconds: Some(5),
        ..Probe::default()
    }
}

fn answers(command: Vec<String>) -> Probe {
    Probe {
        exec: Some(ExecAction { command: Some(command) }),
        period_seconds: Some(5),
        timeout_seconds: Some(5),
        ..Probe::default()
    }
}

fn metadata(inputs: &Inputs<'_>, owner: Option<OwnerReference>) -> ObjectMeta {
    let claim_name = (names::CLAIM_NAME.to_owned(), inputs.claim.name.clone());
    ObjectMeta {
        name: Some(inputs.name.to_owned()),
        namespace: Some(inputs.claim.namespace.clone()),
        labels: Some(ownership::labels(inputs.claim)),
        annotations: Some(BTreeMap::from([claim_name])),
        owner_references: owner.map(|owner| vec![owner]),
        ..ObjectMeta::default()
    }
}

fn sign<S: Serialize>(metadata: &mut ObjectMeta, spec: &S) {
    let text = serde_json::to_vec(&(&*metadata, spec)).expect("manifests are plain data");
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16]);
    metadata.annotations.get_or_insert_default().insert(RENDERED.to_owned(), digest);
}

/// An environment variable whose value only the kubelet reads: it never passes through this process.
fn from_secret(variable: &str, secret: &str, key: &str) -> EnvVar {
    use k8s_openapi::api::core::v1::{EnvVarSource, SecretKeySelector};
    EnvVar {
        name: variable.to_owned(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: secret.to_owned(),
                key: key.to_owned(),
                optional: None,
            }),
            ..EnvVarSource::default()
        }),
        value: None,
    }
}

fn quantities(amounts: &[(&str, &str)]) -> BTreeMap<String, Quantity> {
    amounts.iter().map(|(name, it)| ((*name).to_owned(), Quantity((*it).to_owned()))).collect()
}

fn resources(requests: &[(&str, &str)], limits: &[(&str, &str)]) -> ResourceRequirements {
    ResourceRequirements {
        requests: Some(quantities(requests)),
        limits: Some(quantities(limits)),
        claims: None,
    }
}

fn words(command: &[&str]) -> Vec<String> {
    command.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests;
