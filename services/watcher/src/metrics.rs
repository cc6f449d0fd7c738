//! What the watcher counts.

mod census;
mod fleet;
mod watched;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use service::metrics::Metrics;

use census::Census;
use fleet::Fleet;
use watched::Watched;

/// One pass over a claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Pass {
    pub(crate) kind: &'static str,
    /// `done`, `conflict` or `interrupted`.
    pub(crate) result: &'static str,
}

/// One item on WORK.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Published {
    pub(crate) provider: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) desired: &'static str,
}

/// One write to Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Write {
    /// `status` or `object`.
    pub(crate) operation: &'static str,
}

#[derive(Clone, Default)]
pub(crate) struct WatcherMetrics {
    pub(crate) reconciles: Family<Pass, Counter>,
    pub(crate) publishes: Family<Published, Counter>,
    pub(crate) writes: Family<Write, Counter>,
    pub(crate) orphans: Gauge,
    pub(crate) leader: Gauge,
    pub(crate) watched: Watched,
}

impl WatcherMetrics {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let watcher = Self::default();
        metrics.register(|registry| {
            registry.register_collector(Box::new(Fleet(watcher.watched.clone())));
            let registry = registry.sub_registry_with_prefix("watcher");
            registry.register("reconciles", "Passes over claims", watcher.reconciles.clone());
            registry.register("publishes", "Items published", watcher.publishes.clone());
            registry.register("writes", "Writes to Kubernetes", watcher.writes.clone());
            registry.register(
                "orphans",
                "Items whose claim vanished without being deleted",
                watcher.orphans.clone(),
            );
            registry.register("leader", "1 while this replica leads", watcher.leader.clone());
            registry.register_collector(Box::new(Census(watcher.watched.clone())));
        });
        watcher
    }
}
