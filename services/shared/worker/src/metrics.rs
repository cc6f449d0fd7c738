//! What workers count.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use service::metrics::Metrics;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    pub(crate) kind: &'static str,
    pub(crate) outcome: &'static str,
}

#[derive(Clone, Default)]
pub(crate) struct WorkerMetrics {
    pub(crate) turns: Family<Outcome, Counter>,
}

impl WorkerMetrics {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let worker = Self::default();
        metrics.register(|registry| {
            registry.sub_registry_with_prefix("worker").register(
                "turns",
                "Turns by kind and by what they came to (a state, or the class of a failure)",
                worker.turns.clone(),
            );
        });
        worker
    }
}
