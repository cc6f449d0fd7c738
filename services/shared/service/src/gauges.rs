//! Gauges whose series are found as a whole, one period after the other: what is gone is gone from the series too.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::metrics::Metrics;

/// Names of labels and their values.
pub type Labels = Vec<(&'static str, String)>;

/// One series at this moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name of the metric.
    pub metric: &'static str,
    /// What tells it from the metric's other series.
    pub labels: Labels,
    /// In the unit that the metric's help names.
    pub value: f64,
}

/// Some metrics and their series. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gauges {
    metrics: &'static [(&'static str, &'static str)],
    series: Arc<Mutex<Vec<Series>>>,
}

impl Gauges {
    /// Registers metrics by name and help. They have no series yet.
    pub fn register(registry: &Metrics, metrics: &'static [(&'static str, &'static str)]) -> Self {
        let gauges = Self { metrics, series: Arc::default() };
        registry.register(|registry| registry.register_collector(Box::new(gauges.clone())));
        gauges
    }

    /// From now on these are all series that there are.
    pub fn replace(&self, series: Vec<Series>) {
        *self.series.lock().unwrap_or_else(PoisonError::into_inner) = series;
    }
}

impl Collector for Gauges {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, help) in self.metrics {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for series in series.iter().filter(|series| series.metric == *name) {
                let labels = metric.encode_family(&series.labels)?;
                ConstGauge::new(series.value).encode(labels)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w61_w62_the_first_value_is_shown_and_what_is_gone_is_not() {
        let registry = Metrics::default();
        let gauges = Gauges::register(&registry, &[("cro_memory", "Memory, bytes")]);
        let series = |of: &str| Series {
            metric: "cro_memory",
            labels: vec![("of", of.to_owned())],
            value: 7.0,
        };
        gauges.replace(vec![series("a")]);
        assert!(registry.render().unwrap().contains("cro_memory{of=\"a\"} 7.0"));
        gauges.replace(vec![series("b")]);
        let text = registry.render().unwrap();
        assert!(text.contains("of=\"b\"") && !text.contains("of=\"a\""), "{text}");
    }
}
