//! What workers count.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use service::metrics::{Durations, Metrics};

/// From a turn that finds all as it should be to one that waits out several calls.
const BUCKETS: [f64; 9] = [0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    pub(crate) kind: &'static str,
    pub(crate) outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfKind {
    pub(crate) kind: &'static str,
}

#[derive(Clone)]
pub(crate) struct WorkerMetrics {
    pub(crate) turns: Family<Outcome, Counter>,
    pub(crate) durations: Durations<OfKind>,
}

impl WorkerMetrics {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let durations = Durations::new_with_constructor(|| Histogram::new(BUCKETS));
        let worker = Self { turns: Family::default(), durations };
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("worker");
            registry.register(
                "turns",
                "Turns by kind and by what they came to (a state, or the class of a failure)",
                worker.turns.clone(),
            );
            let (help, durations) = ("Time that a turn took, s", worker.durations.clone());
            registry.register_with_unit("turn", help, Unit::Seconds, durations);
        });
        worker
    }
}
