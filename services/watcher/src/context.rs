//! What every reconcile is given.

use std::sync::Arc;

use bus::Bus;
use crds::{Claim, ClaimKind};
use kube::Client;
use kube::api::DynamicObject;
use kube::runtime::events::Recorder;
use kube::runtime::reflector::Store;
use tokio::sync::watch;

use crate::cluster::Facts;
use crate::config::Config;
use crate::configs::Configs;
use crate::metrics::WatcherMetrics;
use crate::publisher::Publisher;
use crate::statuses::Statuses;

/// What the process has before it leads.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) bus: Bus,
    pub(crate) metrics: WatcherMetrics,
}

/// What the leader has.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) bus: Bus,
    pub(crate) metrics: WatcherMetrics,
    pub(crate) cluster: Facts,
    pub(crate) configs: Configs,
    pub(crate) statuses: Statuses,
    pub(crate) publisher: Publisher,
    pub(crate) claims: Claims,
    pub(crate) recorder: Recorder,
    pub(crate) delete_orphans: bool,
}

/// Every claim that is watched, from the watches' own stores.
#[derive(Clone)]
pub(crate) struct Claims {
    stores: Arc<Vec<(ClaimKind, Store<DynamicObject>)>>,
    /// How many watches have listed. A store's own readiness wakes only one of those who wait for it, and the
    /// controller is one.
    listed: watch::Sender<usize>,
}

impl Claims {
    pub(crate) fn new(stores: Vec<(ClaimKind, Store<DynamicObject>)>) -> Self {
        Self { stores: Arc::new(stores), listed: watch::Sender::new(0) }
    }

    /// One more watch has listed for the first time.
    pub(crate) fn has_listed(&self) {
        self.listed.send_modify(|count| *count += 1);
    }

    /// Waits until every watch has listed once.
    pub(crate) async fn listed(&self) {
        let all = self.stores.len();
        // The sender is ours, so it outlives the wait.
        let _ = self.listed.subscribe().wait_for(|count| *count >= all).await;
    }

    /// Every object with its kind.
    pub(crate) fn all(&self) -> impl Iterator<Item = (ClaimKind, Arc<DynamicObject>)> {
        let of = |store: &Store<DynamicObject>| store.state();
        self.stores
            .iter()
            .flat_map(move |(kind, store)| of(store).into_iter().map(|it| (*kind, it)))
    }

    /// The claim of that kind and name.
    pub(crate) fn find(&self, kind: ClaimKind, namespace: &str, name: &str) -> Option<Claim> {
        let object = self
            .all()
            .filter(|(it, _)| *it == kind)
            .map(|(_, object)| object)
            .find(|it| is_named(it, namespace, name))?;
        Claim::try_from_dynamic(kind, &object).ok()
    }
}

fn is_named(object: &DynamicObject, namespace: &str, name: &str) -> bool {
    object.metadata.namespace.as_deref() == Some(namespace)
        && object.metadata.name.as_deref() == Some(name)
}
