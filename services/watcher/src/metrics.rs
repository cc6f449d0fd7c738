//! What the watcher counts.

mod census;
mod fleet;
mod queue;
mod watched;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use service::metrics::{Durations, Metrics};

use census::Census;
use fleet::Fleet;
use queue::Queue;
use watched::Watched;

/// From a placeholder to a replication group on a bad day.
const BUCKETS: [f64; 12] =
    [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0];

/// One pass over a claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Pass {
    pub(crate) kind: &'static str,
    /// `done`, `conflict`, or what interrupted it: `bus`, `kubernetes` or `queued`.
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

/// Claims of a kind that one provider serves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Provided {
    pub(crate) kind: &'static str,
    pub(crate) provider: String,
}

#[derive(Clone)]
pub(crate) struct WatcherMetrics {
    pub(crate) reconciles: Family<Pass, Counter>,
    pub(crate) publishes: Family<Published, Counter>,
    pub(crate) writes: Family<Write, Counter>,
    pub(crate) time_to_ready: Durations<Provided>,
    pub(crate) orphans: Gauge,
    pub(crate) leader: Gauge,
    pub(crate) watched: Watched,
}

impl WatcherMetrics {
    fn new() -> Self {
        Self {
            reconciles: Family::default(),
            publishes: Family::default(),
            writes: Family::default(),
            time_to_ready: Durations::new_with_constructor(|| Histogram::new(BUCKETS)),
            orphans: Gauge::default(),
            leader: Gauge::default(),
            watched: Watched::default(),
        }
    }

    pub(crate) fn register(metrics: &Metrics) -> Self {
        let watcher = Self::new();
        metrics.register(|registry| {
            registry.register_collector(Box::new(Fleet(watcher.watched.clone())));
            let registry = registry.sub_registry_with_prefix("watcher");
            registry.register(
                "reconciles",
                "Passes over claims, by kind and by what they came to: done, conflict, or what interrupted them",
                watcher.reconciles.clone(),
            );
            registry.register("publishes", "Items published", watcher.publishes.clone());
            registry.register("writes", "Writes to Kubernetes", watcher.writes.clone());
            registry.register(
                "orphans",
                "Items whose claim vanished without being deleted",
                watcher.orphans.clone(),
            );
            registry.register_with_unit(
                "time_to_ready",
                "Time from the creation of a claim until it was ready for the first time, s",
                Unit::Seconds,
                watcher.time_to_ready.clone(),
            );
            registry.register("leader", "1 while this replica leads", watcher.leader.clone());
            registry.register_collector(Box::new(Census(watcher.watched.clone())));
            registry.register_collector(Box::new(Queue(watcher.watched.clone())));
        });
        watcher
    }
}
