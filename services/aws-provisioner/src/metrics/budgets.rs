//! What is left of the budgets of calls, looked up when somebody asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::time::Instant;

use crate::aws::Budget;

/// The budget of each service. Cheap to clone.
#[derive(Clone, Default)]
pub struct Budgets(Arc<Mutex<BTreeMap<&'static str, Arc<Budget>>>>);

impl Budgets {
    /// From now on this is the budget of a service.
    pub fn show(&self, service: &'static str, budget: Arc<Budget>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(service, budget);
    }
}

impl std::fmt::Debug for Budgets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Budgets")
    }
}

impl Collector for Budgets {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let help = "Calls that could be made at once; 0 while AWS has asked to slow down";
        let mut tokens =
            encoder.encode_descriptor("budget_tokens", help, None, MetricType::Gauge)?;
        let now = Instant::now();
        for (service, budget) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let labels = [("service", *service)];
            ConstGauge::new(budget.tokens(now)).encode(tokens.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
