//! The watcher owns claims: it reads them and the ConfigMaps, resolves type and tier, publishes work items, makes
//! streams and consumers, and writes finalizers, statuses and events. It never touches Secrets, workloads or AWS.
//!
//! One replica leads and writes; the others stand by. [`reconcile`] is the loop.

mod audit;
mod cluster;
mod config;
mod configs;
mod context;
mod controller;
mod error;
mod leader;
mod metrics;
mod publisher;
mod reconcile;
mod release;
mod statuses;
mod topology;

use std::time::Duration;

use anyhow::Context as _;
use bus::Bus;
use proto::Service;
use service::{CancellationToken, Gate, Process};
use tokio::task::JoinSet;

pub use config::Config;

use crate::context::Parts;
use crate::leader::Election;
use crate::metrics::WatcherMetrics;

const READ_TIMEOUT: Duration = Duration::from_secs(10);
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// Runs until shutdown, or until something that may not end ends.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut process = Process::start(Service::Watcher, &config.process).await?;
    let metrics = WatcherMetrics::register(&process.metrics);
    let bus = Bus::connect(Service::Watcher, &config.bus, &mut process).await?;
    let client = client().await.context("failed to set up the Kubernetes client")?;
    let gate = process.readiness.gate("claims");
    let shutdown = process.shutdown.clone();
    let parts = Parts { config, client, bus, metrics };
    process.spawn("leader", stand_or_lead(parts, gate, shutdown));
    process.run().await
}

/// Stands by until this replica leads; leads until it loses the Lease; and again.
async fn stand_or_lead(
    parts: Parts,
    gate: Gate,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let election = Election::new(parts.client.clone(), &parts.config);
    loop {
        // A replica that stands by is ready to take over.
        gate.set(true);
        let Some(mut lead) = election.win(&shutdown).await else { return Ok(()) };
        gate.set(false);
        parts.metrics.leader.set(1);
        let mut tasks = JoinSet::new();
        controller::start(&parts, lead.seen(), gate.clone(), &mut tasks);
        let lost = tokio::select! {
            () = lead.keep() => true,
            ended = tasks.join_next() => return unexpected(ended),
            () = shutdown.cancelled() => false,
        };
        tasks.shutdown().await;
        parts.metrics.leader.set(0);
        if !lost {
            lead.release().await;
            return Ok(());
        }
        tracing::warn!("the leader's Lease was lost; standing by");
    }
}

fn unexpected(
    ended: Option<Result<anyhow::Result<()>, tokio::task::JoinError>>,
) -> anyhow::Result<()> {
    match ended {
        Some(Ok(Err(error))) => Err(error),
        Some(Err(error)) => Err(error.into()),
        _ => Err(anyhow::anyhow!("a task of the leader ended")),
    }
}

async fn client() -> anyhow::Result<kube::Client> {
    let mut config = kube::Config::infer().await?;
    config.read_timeout = Some(READ_TIMEOUT * 30);
    config.write_timeout = Some(WRITE_TIMEOUT);
    // A retried write may meet its own success; every reconcile starts from what is there instead.
    config.default_retry = false;
    Ok(kube::Client::try_from(config)?)
}
