//! Validated input to manifests: pure.
//!
//! - [`render`]: volume, Deployment and Service of one claim, all of the same name
//! - `volume`, `workload`: the larger two; `security`: what pods may do
//! - `postgres`, `redis`: what differs between the engines

mod postgres;
mod redis;
mod security;
mod volume;
mod workload;

use std::collections::BTreeMap;

use crds::names;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{
    EnvVar, EnvVarSource, PersistentVolumeClaim, ResourceRequirements, SecretKeySelector, Service,
    ServicePort, ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
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

/// Renders the objects of a claim.
pub fn render(inputs: &Inputs<'_>) -> Manifests {
    let recipe = match inputs.engine {
        Engine::Postgres => postgres::recipe(inputs),
        Engine::Redis => redis::recipe(inputs),
    };
    Manifests {
        volume: volume::volume(inputs),
        service: service(inputs, recipe.port_name),
        deployment: workload::deployment(inputs, recipe),
    }
}

fn service(inputs: &Inputs<'_>, port_name: &str) -> Service {
    let port = inputs.engine.port();
    let mut service = Service {
        metadata: metadata(
            inputs.claim,
            inputs.name,
            Some(ownership::owner_reference(inputs.claim)),
        ),
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

/// Metadata of an object of a claim.
pub(crate) fn metadata(claim: &Identity, name: &str, owner: Option<OwnerReference>) -> ObjectMeta {
    let claim_name = (names::CLAIM_NAME.to_owned(), claim.name.clone());
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(claim.namespace.clone()),
        labels: Some(ownership::labels(claim)),
        annotations: Some(BTreeMap::from([claim_name])),
        owner_references: owner.map(|owner| vec![owner]),
        ..ObjectMeta::default()
    }
}

/// Adds the digest of what is rendered.
pub(crate) fn sign<S: Serialize>(metadata: &mut ObjectMeta, spec: &S) {
    let text = serde_json::to_vec(&(&*metadata, spec)).expect("manifests are plain data");
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16]);
    metadata.annotations.get_or_insert_default().insert(RENDERED.to_owned(), digest);
}

/// An environment variable whose value only the kubelet reads: it never passes through this process.
fn from_secret(variable: &str, secret: &str, key: &str) -> EnvVar {
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
