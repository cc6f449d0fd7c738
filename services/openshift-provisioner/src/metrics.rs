//! What openshift-provisioner counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// A call of the Kubernetes API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Call {
    pub(crate) verb: &'static str,
    pub(crate) kind: String,
}

/// All counters. Cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics {
    pub(crate) calls: Family<Call, Counter>,
    pub(crate) wakes: Counter,
}

impl Metrics {
    /// Registers the counters.
    pub fn register(metrics: &service::metrics::Metrics) -> Self {
        let own = Self::default();
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("openshift_provisioner");
            registry.register(
                "kubernetes_calls",
                "Calls of the Kubernetes API, by verb and kind of object; the watches are not counted",
                own.calls.clone(),
            );
            registry.register(
                "wakes",
                "Turns that were asked for because an object of a claim changed",
                own.wakes.clone(),
            );
        });
        own
    }
}
