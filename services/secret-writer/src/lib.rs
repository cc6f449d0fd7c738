//! secret-writer: every Secret, and nothing else.
//!
//! It owns three Secrets beside a claim: the *connection Secret* that the claim names, with the Go operator's keys;
//! the *binding Secret* beside that, with the keys of the Service Binding specification; and the *credential Secret*,
//! the only place where a password or a minted key is kept. Connection and credential Secret restore each other.
//!
//! - [`worker`]: a result arrives; [`reconcile`] brings the Secrets of its claim to what it says
//! - [`plan`], [`secret`], [`binding`], [`tls`](mod@tls): pure: from a result and what was observed to the Secrets as they should be
//! - [`bucket`]: the keys of a bucket in the cluster, from the Secret of the claim's own `ObjectBucketClaim`
//! - [`credentials`]: the three sealed requests of provisioners: ensure, store, read
//! - `credentials_request`: asks OpenShift for the operator's own AWS credentials, where it mints some
//! - [`restore`]: a Secret was deleted or edited by hand: its claim is reconciled from its last result
//! - [`write`](mod@write): reads and writes Secrets; every write under preconditions, so two replicas do no harm
//!
//! It never talks to AWS, never writes anything but Secrets, that request and events, never believes a result where the live claim
//! says otherwise, and never touches a Secret that is not ours. No value of a Secret reaches the bus, a record, a log
//! or an error: values live in [`values::Values`], which does not print.

pub mod binding;
pub mod bucket;
pub mod claim;
mod config;
pub mod credentials;
mod credentials_request;
mod disposition;
mod error;
mod events;
#[cfg(test)]
mod fixtures;
mod metrics;
pub mod plan;
pub mod reconcile;
pub mod report;
pub mod restore;
pub mod secret;
pub mod tls;
pub mod values;
pub mod worker;
pub mod write;

use std::sync::Arc;

use anyhow::Context as _;
use bus::{Bus, RecordFollower};
use proto::Service;
use service::Process;

pub use config::Config;
pub use error::Error;

use crate::bucket::Buckets;
use crate::claim::Claims;
use crate::credentials::Keeper;
use crate::events::Events;
use crate::metrics::Metrics;
use crate::reconcile::Reconciler;
use crate::restore::Restorer;
use crate::write::Secrets;

/// Runs until a termination signal.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut process = Process::start(Service::SecretWriter, &config.process).await?;
    let client = kube_client().await?;
    let bus = Bus::connect(Service::SecretWriter, &config.bus, &mut process).await?;
    start(&config, &client, &bus, &mut process);
    process.run().await
}

/// Adds all tasks of the service to a process.
pub fn start(config: &Config, client: &kube::Client, bus: &Bus, process: &mut Process) {
    let metrics = Metrics::register(&process.metrics);
    let records = RecordFollower::start(bus, &config.grpc, process);
    let secrets = Secrets::new(client.clone(), metrics.clone());
    let claims = Claims::new(client.clone());
    let keeper = Keeper::new(claims.clone(), secrets.clone(), metrics.clone());
    serve_credentials(bus, keeper, process);
    let events = Events::new(client.clone());
    credentials_request::start(client, config, &events, process);
    let buckets = Buckets::new(client.clone(), secrets.clone());
    let reconciler =
        Arc::new(Reconciler::new(bus.clone(), claims, secrets, buckets, events, metrics));
    worker::start(bus, config.concurrency, reconciler.clone(), process);
    Restorer::new(bus.clone(), records, reconciler).start(client, config, process);
}

/// Retries are ours: the client's own would hide how long the API server has been in trouble.
async fn kube_client() -> anyhow::Result<kube::Client> {
    let mut config = kube::Config::infer().await.context("failed to find the Kubernetes API")?;
    config.default_retry = false;
    kube::Client::try_from(config).context("failed to set up the Kubernetes client")
}

fn serve_credentials(bus: &Bus, keeper: Keeper, process: &mut Process) {
    let (bus, shutdown) = (bus.clone(), process.shutdown.clone());
    process.spawn("credentials", async move {
        let answer = move |sender, identity, request| {
            let keeper = keeper.clone();
            async move { keeper.answer(sender, identity, request).await }
        };
        Ok(bus.serve_credentials(shutdown, answer).await?)
    });
}
