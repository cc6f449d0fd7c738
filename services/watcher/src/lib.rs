//! The watcher owns claims: it reads them and the ConfigMaps, resolves type and tier, publishes work items, makes
//! streams and consumers, and writes finalizers, statuses and events. It never touches Secrets, workloads or AWS.
//!
//! One replica leads and writes; the others stand by.
//!
//! - [`reconcile`](mod@reconcile): the loop of one claim; its modules decide purely, and act thinly
//! - [`duties`]: everything that the leader does; [`leader`] says who that is
//! - [`controller`], [`intake`], [`relist`]: what a watch says, and the passes that follow from it
//! - [`configs`], [`cluster`], [`statuses`], [`items`]: what a pass rests on beside the claim
//! - [`publisher`]: who may publish next; [`audit`] and [`release`]: items without a claim

mod audit;
mod backoff;
mod claims;
mod cluster;
mod config;
mod configs;
mod context;
mod controller;
mod deadline;
mod duties;
mod error;
mod events;
mod intake;
mod items;
mod leader;
mod metrics;
mod network;
mod publisher;
mod reconcile;
mod release;
mod relist;
mod seen;
mod statuses;
mod topology;
mod wakes;

use std::time::Duration;

use anyhow::Context as _;
use bus::Bus;
use proto::Service;
use service::{CancellationToken, Gate, Process};
use tokio::task::JoinSet;

pub use config::Config;

use crate::context::Parts;
use crate::deadline::WRITE_TIMEOUT;
use crate::leader::Election;
use crate::metrics::WatcherMetrics;

/// Longer than the API server keeps a watch open; single calls have deadlines of their own.
const WATCH_TIMEOUT: Duration = Duration::from_secs(300);

/// Runs until shutdown, or until something that may not end ends.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut process = Process::start(Service::Watcher, &config.process).await?;
    let metrics = WatcherMetrics::register(&process.metrics);
    let bus = Bus::connect(Service::Watcher, &config.bus, &mut process).await?;
    let client = client().await.context("failed to set up the Kubernetes client")?;
    let gate = process.readiness.gate("claims");
    let shutdown = process.shutdown.clone();
    config.tls.end_when_renewed(&mut process);
    let parts = Parts { config, client, bus, metrics };
    process.spawn("leader", stand_or_lead(parts, gate, shutdown));
    process.run().await
}

/// Stands by until this replica leads; leads until it loses the Lease; and again. What it did as a leader ends with
/// that, so it starts as clean as a new process.
async fn stand_or_lead(
    parts: Parts,
    gate: Gate,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let mut election = Election::new(parts.client.clone(), &parts.config);
    loop {
        let Some(mut lead) = election.win(&gate, &shutdown).await else { return Ok(()) };
        gate.set(false);
        parts.metrics.leader.set(1);
        let mut duties = JoinSet::new();
        duties.spawn(duties::lead(parts.clone(), lead.seen(), gate.clone()));
        let is_lost = tokio::select! {
            () = lead.keep() => true,
            ended = duties.join_next() => {
                lead.release().await;
                return unexpected(ended);
            }
            () = shutdown.cancelled() => false,
        };
        duties.shutdown().await;
        gate.set(false);
        parts.metrics.watched.watch(None);
        parts.bus.forget_backlog();
        parts.metrics.leader.set(0);
        if !is_lost {
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
        _ => Err(anyhow::anyhow!("a duty of the leader ended")),
    }
}

async fn client() -> anyhow::Result<kube::Client> {
    let mut config = kube::Config::infer().await?;
    config.read_timeout = Some(WATCH_TIMEOUT);
    config.write_timeout = Some(WRITE_TIMEOUT);
    // A retried write may meet its own success; every reconcile starts from what is there instead.
    config.default_retry = false;
    Ok(kube::Client::try_from(config)?)
}
