//! Everything that the leader does while it leads. All of it ends with it.

use std::sync::Arc;
use std::time::Duration;

use crds::ClaimKind;
use futures::{Stream, StreamExt as _};
use proto::Service;
use service::Gate;
use tokio::sync::{Notify, Semaphore, broadcast, mpsc};
use tokio::task::JoinSet;

use crate::audit::{self, Occasions};
use crate::backoff::Backoff;
use crate::claims::Claims;
use crate::cluster::Cluster;
use crate::configs::Configs;
use crate::context::{Context, Parts};
use crate::controller::Watch;
use crate::events::Events;
use crate::intake::Intake;
use crate::items::Items;
use crate::publisher::Publisher;
use crate::seen::Seen;
use crate::statuses::Statuses;
use crate::wakes::Wakes;
use crate::{network, release, topology};

/// Wakes of all claims that a controller may be behind.
const BACKLOG: usize = 16;
/// Writes to Kubernetes at once; below what the API server's default priority level grants one client.
const WRITES: usize = 32;

type Tasks = JoinSet<anyhow::Result<()>>;

/// Leads until one of the duties ends; none should. The gate opens when every claim is known.
pub(crate) async fn lead(parts: Parts, seen: Seen, gate: Gate) -> anyhow::Result<()> {
    let mut tasks = Tasks::new();
    tasks.spawn(topology::keep(parts.bus.clone(), parts.config.nats_replicas));
    let occasions = Occasions::of(&parts.bus);
    let (configs, config_changes) = Configs::watch(&parts.client, &parts.config, seen.clone());
    let (reconcile_all, _) = broadcast::channel(BACKLOG);
    tasks.spawn(tell_changes(config_changes, reconcile_all.clone()));
    // Before this, a missing ConfigMap means nothing.
    configs.listed().await;
    let watches = watches(&parts);
    let stores = watches.iter().map(|watch| (watch.kind, watch.store.clone())).collect();
    let claims = Claims::new(stores, watches.iter().map(|watch| watch.scope.clone()).collect());
    let cluster = Cluster::look_up(&parts.client, &parts.config, seen).await;
    let context = context(&parts, cluster, configs, claims, &mut tasks);
    parts.metrics.watched.watch(Some(context.clone()));
    let network = Arc::new(Notify::new());
    let wakes = control(watches, &context, &reconcile_all, &network, &mut tasks);
    follow_workers(&parts, &context.statuses, &wakes, &mut tasks);
    context.claims.listed().await;
    gate.set(true);
    let (all, config) = (reconcile_all.subscribe(), parts.config.network.clone());
    tasks.spawn(network::keep(context.clone(), config, network, all));
    let period = Duration::from_secs(parts.config.audit_period_seconds);
    tasks.spawn(audit::run(context, occasions, period, reconcile_all));
    match tasks.join_next().await {
        Some(ended) => ended?,
        None => Ok(()),
    }
}

async fn tell_changes(
    changes: impl Stream<Item = ()> + Send,
    reconcile_all: broadcast::Sender<()>,
) -> anyhow::Result<()> {
    let mut changes = std::pin::pin!(changes);
    while changes.next().await.is_some() {
        // Nobody listening: then everything is still to be looked at.
        let _ = reconcile_all.send(());
    }
    anyhow::bail!("the watches on ConfigMaps ended")
}

fn watches(parts: &Parts) -> Vec<Watch> {
    let scopes = parts.config.watch.scopes();
    let of = |kind| scopes.iter().map(move |scope| Watch::new(parts, kind, scope.clone()));
    ClaimKind::ALL.into_iter().flat_map(of).collect()
}

fn context(
    parts: &Parts,
    cluster: Cluster,
    configs: Configs,
    claims: Claims,
    tasks: &mut Tasks,
) -> Arc<Context> {
    let (publisher, publishing) = Publisher::new(parts.bus.clone());
    tasks.spawn(publishing);
    let (events, telling) = Events::new(parts.client.clone());
    tasks.spawn(telling);
    Arc::new(Context {
        cluster,
        items: Items::new(parts.bus.clone()),
        statuses: Statuses::default(),
        backoff: Backoff::default(),
        writes: Semaphore::new(WRITES),
        client: parts.client.clone(),
        bus: parts.bus.clone(),
        metrics: parts.metrics.clone(),
        delete_orphans: parts.config.delete_orphans,
        configs,
        publisher,
        claims,
        events,
    })
}

/// Starts the controllers. What is returned wakes single claims.
fn control(
    watches: Vec<Watch>,
    context: &Arc<Context>,
    reconcile_all: &broadcast::Sender<()>,
    network: &Arc<Notify>,
    tasks: &mut Tasks,
) -> Wakes {
    let covered = watches.iter().map(|watch| (watch.kind, watch.scope.clone()));
    let (wakes, ears) = Wakes::new(covered);
    let (vanished, gone) = mpsc::unbounded_channel();
    tasks.spawn(release::follow(gone, context.clone()));
    for (watch, ear) in watches.into_iter().zip(ears) {
        let intake = Intake {
            kind: watch.kind,
            scope: watch.scope.clone(),
            claims: context.claims.clone(),
            wakes: wakes.clone(),
            vanished: vanished.clone(),
            reconcile_all: reconcile_all.clone(),
            network: network.clone(),
            has_listed: false,
        };
        tasks.spawn(watch.control(intake, ear, reconcile_all.subscribe(), context.clone()));
    }
    wakes
}

fn follow_workers(parts: &Parts, statuses: &Statuses, wakes: &Wakes, tasks: &mut Tasks) {
    let workers = [
        (Service::AwsProvisioner, &parts.config.aws_provisioner_url),
        (Service::OpenshiftProvisioner, &parts.config.openshift_provisioner_url),
        (Service::SecretWriter, &parts.config.secret_writer_url),
    ];
    for (worker, url) in workers {
        let (statuses, tls) = (statuses.clone(), parts.config.tls.clone());
        tasks.spawn(statuses.follow(worker, url.clone(), tls, wakes.clone()));
    }
}
