//! Claims by kind, phase and reason, counted when somebody asks.

use std::collections::BTreeMap;

use crds::conditions::{READY, reasons};
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
    fn count(&self) -> BTreeMap<[&'static str; 3], i64> {
        let mut counts = BTreeMap::new();
        for (kind, object) in self.0.stores().iter().flat_map(Claims::all) {
            *counts.entry([kind.as_str(), phase(&object), reason(&object)]).or_default() += 1;
        }
        counts
    }
}

/// Known texts only: labels must stay few.
fn phase(object: &DynamicObject) -> &'static str {
    let text = object.data["status"]["phase"].as_str();
    PHASES.iter().map(|phase| phase.as_str()).find(|known| Some(*known) == text).unwrap_or("none")
}

/// Why it is ready or not.
fn reason(object: &DynamicObject) -> &'static str {
    let conditions = object.data["status"]["conditions"].as_array();
    let ready = conditions.into_iter().flatten().find(|condition| condition["type"] == READY);
    let text = ready.and_then(|ready| ready["reason"].as_str());
    reasons::all().find(|known| Some(*known) == text).unwrap_or("none")
}

impl Collector for Census {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let mut claims = encoder.encode_descriptor(
            "claims",
            "Claims by kind, phase, and reason of the condition Ready",
            None,
            MetricType::Gauge,
        )?;
        for ([kind, phase, reason], count) in self.count() {
            let labels = [("kind", kind), ("phase", phase), ("reason", reason)];
            ConstGauge::new(count).encode(claims.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
