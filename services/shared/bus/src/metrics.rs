//! What the bus counts.

use async_nats::jetstream::consumer::Info;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;
use service::metrics::Metrics;

use crate::topology::STREAMS;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Stream {
    pub(crate) stream: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Consumer {
    consumer: String,
}

#[derive(Clone, Default)]
pub(crate) struct BusMetrics {
    pub(crate) publishes: Family<Stream, Counter>,
    pub(crate) unverified: Family<Stream, Counter>,
    pub(crate) connects: Counter,
    pub(crate) connected: Gauge,
    pub(crate) epoch_changes: Counter,
    pub(crate) leases_held: Gauge,
    pub(crate) leases_lost: Counter,
    pub(crate) stored: Family<Stream, Gauge>,
    pub(crate) limit: Family<Stream, Gauge>,
    pub(crate) undelivered: Family<Consumer, Gauge>,
    pub(crate) unsettled: Family<Consumer, Gauge>,
}

impl BusMetrics {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let bus = Self::default();
        // What is counted from the first time on is seen the first time.
        for stream in STREAMS {
            drop(bus.unverified.get_or_create(&Stream { stream }));
        }
        metrics.register(|registry| {
            let registry = registry.sub_registry_with_prefix("bus");
            registry.register("publishes", "Messages stored", bus.publishes.clone());
            registry.register(
                "unverified",
                "Messages that were not written by the writer of their subject, or do not decode",
                bus.unverified.clone(),
            );
            registry.register("connects", "Connections made to NATS", bus.connects.clone());
            registry.register("connected", "1 while NATS answers, else 0", bus.connected.clone());
            registry.register(
                "epoch_changes",
                "Times that the streams were found made anew, which has everything published again",
                bus.epoch_changes.clone(),
            );
            registry.register(
                "leases_held",
                "Leases that this replica holds",
                bus.leases_held.clone(),
            );
            registry.register(
                "leases_lost",
                "Leases that could not be renewed in time: work on a claim was broken off",
                bus.leases_lost.clone(),
            );
            registry.register(
                "consumer_undelivered",
                "Messages that a consumer has not handed over yet, as the watcher's leader saw them within 30 s",
                bus.undelivered.clone(),
            );
            registry.register(
                "consumer_unsettled",
                "Messages that were handed over and are worked on, or come again after a delay",
                bus.unsettled.clone(),
            );
            let (stored, limit) = (bus.stored.clone(), bus.limit.clone());
            let (help, limits) = ("Size of a stream, bytes", "Size at which it is full, bytes");
            registry.register_with_unit("stream", help, Unit::Bytes, stored);
            registry.register_with_unit("stream_limit", limits, Unit::Bytes, limit);
        });
        bus
    }

    /// What the server says of a consumer.
    pub(crate) fn see(&self, info: &Info) {
        let consumer = Consumer { consumer: info.name.clone() };
        let undelivered = i64::try_from(info.num_pending).unwrap_or(i64::MAX);
        let unsettled = i64::try_from(info.num_ack_pending).unwrap_or(i64::MAX);
        self.undelivered.get_or_create(&consumer).set(undelivered);
        self.unsettled.get_or_create(&consumer).set(unsettled);
    }

    /// What the server says of a stream.
    pub(crate) fn look(&self, stream: &'static str, stored: u64, limit: i64) {
        let stored = i64::try_from(stored).unwrap_or(i64::MAX);
        self.stored.get_or_create(&Stream { stream }).set(stored);
        self.limit.get_or_create(&Stream { stream }).set(limit);
    }
}
