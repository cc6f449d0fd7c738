//! openshift-provisioner: Postgres and Redis in the cluster itself, and placeholders for what people provide.
//!
//! It owns the Deployment, the Service and the `PersistentVolumeClaim` of a claim, or its `ObjectBucketClaim`, in the
//! claim's namespace. It never
//! reads or writes a Secret (passwords reach pods by reference only), never runs a command in a pod, never talks to
//! AWS, and never touches an object that is not the claim's.
//!
//! - [`provision`]: one turn: observe, plan, act. `deprovision`: the turn of a tombstone
//! - [`plan`](mod@plan), [`readiness`], [`drift`], [`render`](mod@render), [`strategy`], [`naming`]: pure
//! - [`apply`]: the only module that calls the Kubernetes API for objects
//! - [`watch`]: a change of an own object gives its claim a turn at once, unless a turn has [read](sightings) it
//! - [`credentials`]: credentials by name. [`placeholder`]: kinds for which nothing is made
//! - [`bucket`]: the `ObjectBucketClaim` of a `BlobStorage` whose strategy asks for one

pub mod apply;
pub mod bucket;
mod config;
pub mod credentials;
mod deprovision;
pub mod drift;
pub mod engine;
mod error;
#[cfg(test)]
mod fixtures;
mod metrics;
pub mod naming;
pub mod observed;
pub mod ownership;
pub mod placeholder;
pub mod plan;
pub mod provision;
pub mod quantity;
pub mod readiness;
pub mod render;
pub mod sightings;
pub mod strategy;
pub mod watch;

use std::time::Duration;

use anyhow::Context as _;
use bus::{Bus, RecordFollower};
use crds::{ClaimKind, names};
use proto::{Kind, Provider, Service};
use service::Process;
use worker::Worker;

pub use config::{Config, WorkloadConfig};
pub use error::Error;
pub use metrics::Metrics;

use crate::apply::Cluster;
use crate::provision::InCluster;
use crate::sightings::Sightings;
use crate::watch::Watch;

/// Runs until a termination signal.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut process = Process::start(Service::OpenshiftProvisioner, &config.process).await?;
    let client = kube_client().await?;
    let bus = Bus::connect(Service::OpenshiftProvisioner, &config.bus, &mut process).await?;
    start(&config, &client, &bus, &mut process)?;
    process.run().await
}

/// Adds everything that this service does to a process.
pub fn start(
    config: &Config,
    client: &kube::Client,
    bus: &Bus,
    process: &mut Process,
) -> anyhow::Result<()> {
    let metrics = Metrics::register(&process.metrics);
    let records = RecordFollower::start(bus, &config.grpc, process);
    let sightings = Sightings::default();
    let cluster = Cluster::new(client.clone(), metrics.clone(), sightings.clone());
    let provisioner = InCluster::new(cluster, config.workloads.clone(), config.simulated);
    let waker = Worker::start(bus, &config.work, provisioner, process)?;
    worker::resume(&records, &waker, process);
    let period = Duration::from_secs(config.connection_check_seconds);
    worker::check_connections(bus, &records, period, provider_name, process);
    Watch::start(client, config.watch.scopes(), records, sightings, waker, metrics, process);
    Ok(())
}

/// As the status of a claim says it.
fn provider_name(kind: Kind) -> Option<&'static str> {
    let kind = kind.as_str().parse().ok()?;
    let is_reached = matches!(kind, ClaimKind::Postgres | ClaimKind::Redis);
    names::provider_name(Provider::Openshift.as_str(), kind).filter(|_| is_reached)
}

/// Retries are ours: the client's own would repeat a create whose intent allows one attempt.
async fn kube_client() -> anyhow::Result<kube::Client> {
    let mut config = kube::Config::infer().await.context("failed to find the Kubernetes API")?;
    config.default_retry = false;
    kube::Client::try_from(config).context("failed to set up the Kubernetes client")
}
