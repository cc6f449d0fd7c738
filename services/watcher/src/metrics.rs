//! What the watcher counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use service::metrics::Metrics;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Kind {
    pub(crate) kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Write {
    pub(crate) operation: &'static str,
}

#[derive(Clone, Default)]
pub(crate) struct WatcherMetrics {
    pub(crate) reconciles: Family<Kind, Counter>,
    pub(crate) failures: Family<Kind, Counter>,
    pub(crate) writes: Family<Write, Counter>,
    pub(crate) orphans: Gauge,
    pub(crate) leader: Gauge,
}

impl WatcherMetrics {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let watcher = Self::default();
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("watcher");
            registry.register("reconciles", "Reconciles", watcher.reconciles.clone());
            registry.register("failures", "Interrupted reconciles", watcher.failures.clone());
            registry.register("writes", "Writes to Kubernetes", watcher.writes.clone());
            registry.register(
                "orphans",
                "Items whose claim vanished without being deleted",
                watcher.orphans.clone(),
            );
            registry.register("leader", "1 while this replica leads", watcher.leader.clone());
        });
        watcher
    }
}
