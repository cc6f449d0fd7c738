//! Items that no worker has handled yet, and for how long, looked up when somebody asks.

use std::collections::BTreeMap;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use proto::{Kind, Provider};

use super::watched::Watched;

/// Tells of what the leader has published and nobody has handled.
#[derive(Debug)]
pub(crate) struct Queue(pub(crate) Watched);

/// How many, and the age of the oldest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Waiting {
    count: i64,
    oldest: Duration,
}

/// By provider and kind; those with nothing that waits too, so that a queue that runs empty is seen to.
fn sum_up(
    items: impl IntoIterator<Item = (Provider, Kind, Option<Duration>)>,
) -> BTreeMap<(&'static str, &'static str), Waiting> {
    let mut sums: BTreeMap<_, Waiting> = BTreeMap::new();
    for (provider, kind, age) in items {
        let sum = sums.entry((provider.as_str(), kind.as_str())).or_default();
        if let Some(age) = age {
            sum.count += 1;
            sum.oldest = sum.oldest.max(age);
        }
    }
    sums
}

impl Collector for Queue {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let sums = sum_up(self.0.unhandled());
        let labels = |(provider, kind): (&'static str, &'static str)| {
            [("provider", provider), ("kind", kind)]
        };
        let help = "Items that no worker has handled yet";
        let mut items =
            encoder.encode_descriptor("unhandled_items", help, None, MetricType::Gauge)?;
        for (queue, waiting) in &sums {
            ConstGauge::new(waiting.count).encode(items.encode_family(&labels(*queue))?)?;
        }
        let (name, help) = ("oldest_unhandled_item_age", "Age of the oldest of them, s");
        let unit = Some(&Unit::Seconds);
        let mut ages = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (queue, waiting) in &sums {
            let age = waiting.oldest.as_secs_f64();
            ConstGauge::new(age).encode(ages.encode_family(&labels(*queue))?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_a_queue_counts_and_an_empty_queue_is_told() {
        let seconds = Duration::from_secs;
        let sums = sum_up([
            (Provider::Aws, Kind::Redis, Some(seconds(3))),
            (Provider::Aws, Kind::Redis, Some(seconds(7))),
            (Provider::Aws, Kind::Redis, None),
            (Provider::Openshift, Kind::Postgres, None),
        ]);
        assert_eq!(sums[&("aws", "redis")], Waiting { count: 2, oldest: seconds(7) });
        assert_eq!(sums[&("openshift", "postgres")], Waiting::default());
        assert_eq!(sums.len(), 2);
    }
}
