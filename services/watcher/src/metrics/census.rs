//! Claims by kind and phase, counted when somebody asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crds::Phase;
use kube::api::DynamicObject;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::claims::Claims;

const PHASES: [Phase; 5] =
    [Phase::InProgress, Phase::DeletionInProgress, Phase::Complete, Phase::Paused, Phase::Failed];

/// Counts what the leader watches. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Census(Arc<Mutex<Option<Claims>>>);

impl Census {
    /// From now on these are counted; `None` while this replica stands by.
    pub(crate) fn watch(&self, claims: Option<Claims>) {
        *self.lock() = claims;
    }

    fn count(&self) -> BTreeMap<(&'static str, &'static str), i64> {
        let mut counts = BTreeMap::new();
        for (kind, object) in self.lock().iter().flat_map(Claims::all) {
            *counts.entry((kind.as_str(), phase(&object))).or_default() += 1;
        }
        counts
    }

    fn lock(&self) -> MutexGuard<'_, Option<Claims>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Known texts only: labels must stay few.
fn phase(object: &DynamicObject) -> &'static str {
    let text = object.data["status"]["phase"].as_str();
    PHASES.iter().map(|phase| phase.as_str()).find(|known| Some(*known) == text).unwrap_or("none")
}

impl std::fmt::Debug for Census {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Census")
    }
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
