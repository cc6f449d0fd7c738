//! What the bus counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use service::metrics::Metrics;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Stream {
    pub(crate) stream: &'static str,
}

#[derive(Clone, Default)]
pub(crate) struct BusMetrics {
    pub(crate) publishes: Family<Stream, Counter>,
    pub(crate) unverified: Family<Stream, Counter>,
    pub(crate) connects: Counter,
}

impl BusMetrics {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let bus = Self::default();
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("bus");
            registry.register("publishes", "Messages stored", bus.publishes.clone());
            registry.register(
                "unverified",
                "Messages that were not written by the writer of their subject, or do not decode",
                bus.unverified.clone(),
            );
            registry.register("connects", "Connections made to NATS", bus.connects.clone());
        });
        bus
    }
}
