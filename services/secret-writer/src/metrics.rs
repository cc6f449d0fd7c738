//! What secret-writer counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// How a reconcile ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Reconciled {
    pub(crate) outcome: &'static str,
}

/// A write to the API server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Written {
    pub(crate) verb: &'static str,
}

/// A credential request and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Answered {
    pub(crate) request: &'static str,
    pub(crate) outcome: &'static str,
}

/// All counters. Cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics {
    pub(crate) reconciles: Family<Reconciled, Counter>,
    pub(crate) writes: Family<Written, Counter>,
    pub(crate) restored: Counter,
    pub(crate) answers: Family<Answered, Counter>,
}

impl Metrics {
    /// Registers the counters.
    pub fn register(metrics: &service::metrics::Metrics) -> Self {
        let own = Self::default();
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("secret_writer");
            registry.register(
                "reconciles",
                "Reconciles of one claim's Secrets, by outcome",
                own.reconciles.clone(),
            );
            registry.register("secret_writes", "Secrets written, by verb", own.writes.clone());
            registry.register(
                "secrets_restored",
                "Secrets written again after somebody deleted or edited them",
                own.restored.clone(),
            );
            registry.register(
                "credential_requests",
                "Credential requests, by request and outcome",
                own.answers.clone(),
            );
        });
        own
    }
}
