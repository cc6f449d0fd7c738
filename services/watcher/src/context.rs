//! What every reconcile is given.

use bus::Bus;
use kube::Client;
use tokio::sync::Semaphore;

use crate::backoff::Backoff;
use crate::claims::Claims;
use crate::cluster::Cluster;
use crate::config::Config;
use crate::configs::Configs;
use crate::events::Events;
use crate::items::Items;
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
    pub(crate) cluster: Cluster,
    pub(crate) configs: Configs,
    pub(crate) statuses: Statuses,
    pub(crate) items: Items,
    pub(crate) publisher: Publisher,
    pub(crate) claims: Claims,
    pub(crate) events: Events,
    pub(crate) backoff: Backoff,
    /// Writes to Kubernetes at once: thousands of claims may start together.
    pub(crate) writes: Semaphore,
    pub(crate) delete_orphans: bool,
}
