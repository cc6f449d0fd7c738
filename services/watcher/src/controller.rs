//! One controller for each kind and namespace, and what wakes it.

use std::sync::Arc;
use std::time::Duration;

use crds::ClaimKind;
use futures::{Stream, StreamExt as _};
use kube::api::{Api, DynamicObject};
use kube::runtime::controller::{Action, Controller};
use kube::runtime::events::{Recorder, Reporter};
use kube::runtime::reflector::{ObjectRef, Store, store::Writer};
use kube::runtime::{WatchStreamExt as _, watcher};
use proto::{Identity, Kind, Service};
use service::Gate;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

use crate::cluster::Facts;
use crate::configs::Configs;
use crate::context::{Claims, Context, Parts};
use crate::error::Error;
use crate::leader::Seen;
use crate::metrics;
use crate::publisher::Publisher;
use crate::reconcile::reconcile;
use crate::statuses::{Statuses, Wakes};
use crate::{audit, release, topology};

const RETRY: Duration = Duration::from_secs(1);
/// Somebody else wrote first; the event that says so is on its way, this is only in case it is lost.
const CONFLICT: Duration = Duration::from_millis(200);
/// Wakes of all claims that a controller may be behind.
const BACKLOG: usize = 16;

type Tasks = JoinSet<anyhow::Result<()>>;

/// Starts everything that the leader does.
pub(crate) fn start(parts: &Parts, seen: Seen, gate: Gate, tasks: &mut Tasks) {
    let parts = parts.clone();
    tasks.spawn(topology::keep(parts.bus.clone(), parts.config.nats_replicas));
    tasks.spawn(async move { lead(parts, seen, gate).await });
}

async fn lead(parts: Parts, seen: Seen, gate: Gate) -> anyhow::Result<()> {
    let mut tasks = Tasks::new();
    let cluster = Facts::look_up(&parts.client, &parts.config).await;
    let (configs, mut config_changes) = Configs::watch(&parts.client, &parts.config, seen);
    let (reconcile_all, _) = broadcast::channel(BACKLOG);
    let tell = reconcile_all.clone();
    tasks.spawn(async move {
        while config_changes.next().await.is_some() {
            let _ = tell.send(());
        }
        anyhow::bail!("the watches on ConfigMaps ended")
    });
    configs.listed().await;
    let mut watches = Vec::new();
    for kind in ClaimKind::ALL {
        for namespace in parts.config.namespaces() {
            watches.push(Watch::new(&parts, kind, namespace.as_deref()));
        }
    }
    let (publisher, publishing) = Publisher::new(parts.bus.clone());
    tasks.spawn(publishing);
    let statuses = Statuses::default();
    let stores = watches.iter().map(|watch| (watch.kind, watch.store.clone())).collect();
    let reporter = Reporter { controller: "cloud-resource-operator".into(), instance: None };
    let context = Arc::new(Context {
        recorder: Recorder::new(parts.client.clone(), reporter),
        claims: Claims::new(stores),
        client: parts.client.clone(),
        bus: parts.bus.clone(),
        metrics: parts.metrics.clone(),
        delete_orphans: parts.config.delete_orphans,
        statuses: statuses.clone(),
        cluster,
        configs,
        publisher,
    });
    let wakes = start_watches(watches, &context, &reconcile_all, &mut tasks);
    follow_workers(&parts, &statuses, &wakes, &mut tasks);
    let period = Duration::from_secs(parts.config.audit_period_seconds);
    context.claims.listed().await;
    gate.set(true);
    tasks.spawn(audit::run(context, period, reconcile_all));
    match tasks.join_next().await {
        Some(ended) => ended?,
        None => Ok(()),
    }
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

/// The watch of one kind in one namespace, or in all.
struct Watch {
    kind: ClaimKind,
    namespace: Option<String>,
    api: Api<DynamicObject>,
    store: Store<DynamicObject>,
    writer: Writer<DynamicObject>,
}

impl Watch {
    fn new(parts: &Parts, kind: ClaimKind, namespace: Option<&str>) -> Self {
        let resource = kind.api_resource();
        let client = parts.client.clone();
        let api = match namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, &resource),
            None => Api::all_with(client, &resource),
        };
        let writer = Writer::new(resource);
        let namespace = namespace.map(str::to_owned);
        Self { kind, namespace, api, store: writer.as_reader(), writer }
    }
}

/// Starts the controllers. What is returned wakes single claims.
fn start_watches(
    watches: Vec<Watch>,
    context: &Arc<Context>,
    reconcile_all: &broadcast::Sender<()>,
    tasks: &mut Tasks,
) -> Wakes {
    let mut wakes = Wakes::default();
    for watch in watches {
        let Ok(kind) = watch.kind.as_str().parse::<Kind>() else { continue };
        let (sender, wake) = mpsc::unbounded_channel();
        wakes.add(kind, watch.namespace.clone(), sender);
        let control =
            Control { kind, wake, all: reconcile_all.subscribe(), context: context.clone() };
        tasks.spawn(control.run(watch));
    }
    wakes
}

/// What one controller is given beside its watch.
struct Control {
    kind: Kind,
    wake: mpsc::UnboundedReceiver<Identity>,
    all: broadcast::Receiver<()>,
    context: Arc<Context>,
}

impl Control {
    async fn run(self, watch: Watch) -> anyhow::Result<()> {
        let Self { kind, wake, all, context } = self;
        let resource = watch.kind.api_resource();
        let told = context.clone();
        let mut first_list = true;
        let objects = watcher(watch.api, watcher::Config::default())
            .default_backoff()
            .modify(|object| object.metadata.managed_fields = None)
            .reflect(watch.writer)
            .inspect(move |event| match event {
                Ok(watcher::Event::Delete(object)) => vanish(object, kind, &told),
                Ok(watcher::Event::InitDone) if std::mem::take(&mut first_list) => {
                    told.claims.has_listed();
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(error = %error, "a watch was interrupted"),
            })
            .applied_objects();
        let named = resource.clone();
        let wake = tokio_stream(wake).map(move |identity: Identity| {
            ObjectRef::new_with(&identity.name, named.clone()).within(&identity.namespace)
        });
        let claim_kind = watch.kind;
        Controller::for_stream_with(objects, watch.store, resource)
            .reconcile_on(wake)
            .reconcile_all_on(lagging(all))
            .run(
                move |object, context| pass(claim_kind, object, context),
                |_, error, _| Action::requeue(if error.is_conflict() { CONFLICT } else { RETRY }),
                context,
            )
            .for_each(|_| std::future::ready(()))
            .await;
        anyhow::bail!("the watch on {} ended", claim_kind.plural())
    }
}

async fn pass(
    kind: ClaimKind,
    object: Arc<DynamicObject>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let labels = metrics::Kind { kind: kind.as_str() };
    context.metrics.reconciles.get_or_create(&labels).inc();
    if let Err(error) = Box::pin(reconcile(kind, &object, &context)).await {
        context.metrics.failures.get_or_create(&labels).inc();
        let name = object.metadata.name.as_deref().unwrap_or_default();
        if error.is_conflict() {
            tracing::debug!(claim.kind = kind.as_str(), claim.name = name, error = %error, "again");
        } else {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(claim.kind = kind.as_str(), claim.name = name, error = %error, source, "reconcile interrupted");
        }
        return Err(error);
    }
    Ok(Action::await_change())
}

/// A claim without finalizer leaves no other trace of its deletion. A lost event is left to the audit.
fn vanish(object: &DynamicObject, kind: Kind, context: &Arc<Context>) {
    let (object, context) = (object.clone(), context.clone());
    tokio::spawn(async move { release::vanished(&object, kind, &context).await });
}

fn tokio_stream<T: Send + 'static>(
    receiver: mpsc::UnboundedReceiver<T>,
) -> impl Stream<Item = T> + Send + 'static {
    futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|value| (value, receiver))
    })
}

/// Missed wakes of all claims are one wake of all claims.
fn lagging(receiver: broadcast::Receiver<()>) -> impl Stream<Item = ()> + Send + 'static {
    futures::stream::unfold(receiver, |mut receiver| async move {
        match receiver.recv().await {
            Ok(()) | Err(broadcast::error::RecvError::Lagged(_)) => Some(((), receiver)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    })
}
