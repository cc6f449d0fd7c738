//! What aws-provisioner counts.

mod budgets;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Unit;

pub use budgets::Budgets;

/// One call to AWS and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Call {
    /// Service, such as `s3`.
    pub service: &'static str,
    /// Operation, such as `CreateBucket`.
    pub operation: &'static str,
    /// `ok`, or the class of the error.
    pub outcome: &'static str,
}

/// A service of AWS, such as `s3`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfService {
    service: &'static str,
}

/// All counters. Cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics {
    /// Calls to AWS; what the SDK repeats by itself counts once.
    pub calls: Family<Call, Counter>,
    /// Claims that got a turn because something outside may have changed.
    pub drift_turns: Counter,
    /// How fast each service may be called.
    pub budgets: Budgets,
    waits: Family<OfService, Counter<f64, AtomicU64>>,
}

impl Metrics {
    /// Registers the counters.
    pub fn register(metrics: &service::metrics::Metrics) -> Self {
        let own = Self::default();
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("aws_provisioner");
            registry.register(
                "calls",
                "Calls to AWS by service, operation and outcome (ok, or the class of the error)",
                own.calls.clone(),
            );
            registry.register(
                "drift_turns",
                "Turns given to settled claims to look for drift",
                own.drift_turns.clone(),
            );
            let (help, waits) = ("Time that calls waited for our own limit, s", own.waits.clone());
            registry.register_with_unit("budget_wait", help, Unit::Seconds, waits);
            registry.register_collector(Box::new(own.budgets.clone()));
        });
        own
    }

    /// A call has waited for its budget.
    pub fn waited(&self, service: &'static str, wait: Duration) {
        self.waits.get_or_create(&OfService { service }).inc_by(wait.as_secs_f64());
    }
}
