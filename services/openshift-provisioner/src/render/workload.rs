//! The Deployment: what runs.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EmptyDirVolumeSource, EnvVar, ExecAction, LocalObjectReference,
    PersistentVolumeClaimVolumeSource, PodSpec, PodTemplateSpec, Probe, ResourceRequirements,
    TCPSocketAction, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Inputs, metadata, security, sign};
use crate::ownership;

/// Name of the data volume inside the pod.
const DATA: &str = "data";

/// What one engine needs.
pub(super) struct Recipe {
    pub(super) image: String,
    pub(super) port_name: &'static str,
    pub(super) env: Vec<EnvVar>,
    pub(super) data_path: &'static str,
    /// Folders that the image writes to besides its data: name and path.
    pub(super) scratch: &'static [(&'static str, &'static str)],
    pub(super) read_only_root: bool,
    /// Succeeds when the engine answers queries.
    pub(super) answers: Vec<String>,
    pub(super) resources: ResourceRequirements,
}

/// `spec.replicas` is left to the API server, which makes it 1: whoever scales it owns it, and we never force it back.
pub(super) fn deployment(inputs: &Inputs<'_>, recipe: Recipe) -> Deployment {
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(ownership::labels(inputs.claim)),
            ..ObjectMeta::default()
        }),
        spec: Some(pod(inputs, recipe)),
    };
    let mut deployment = Deployment {
        metadata: metadata(
            inputs.claim,
            inputs.name,
            Some(ownership::owner_reference(inputs.claim)),
        ),
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
