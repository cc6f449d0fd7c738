//! Claims by kind and phase, counted when somebody asks.

use std::collections::BTreeMap;

use kube::api::DynamicObject;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use super::watched::{PHASES, Watched};
use crate::claims::Claims;

/// Counts what the leader watches.
#[derive(Debug)]
pub(crate) struct Census(pub(crate) Watched);

impl Census {
    fn count(&self) -> BTreeMap<(&'static str, &'static str), i64> {
        let mut counts = BTreeMap::new();
        for (kind, object) in self.0.stores().iter().flat_map(Claims::all) {
            *counts.entry((kind.as_str(), phase(&object))).or_default() += 1;
        }
        counts
    }
}

/// Known texts only: labels must stay few.
fn phase(object: &DynamicObject) -> &'static str {
    let text = object.data["status"]["phase"].as_str();
    PHASES.iter().map(|phase| phase.as_str()).find(|known| Some(*known) == text).unwrap_or("none")
}

impl Collector for Census {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let mut claims = encoder.encode_descriptor(
            "claims",
            "Claims by kind and phase",
            None,
            MetricType::Gauge,
        )?;
        for ((kind, phase), count) in self.count() {
            let labels = [("kind", kind), ("phase", phase)];
            ConstGauge::new(count).encode(claims.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
