//! What keeps the network of databases from being made or removed, told from its record when somebody asks.

use bus::RecordFollower;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use proto::{ErrorClass, Kind, Record};
use service::metrics::Metrics;

use crate::network::reference::CLOSING;

/// The Go operator's.
const NAME: &str = "cro_vpc_action";
const HELP: &str =
    "1 while the network of databases cannot be made or removed; error is the reason";

struct VpcAction(RecordFollower);

/// Registers the metric.
pub fn register(metrics: &Metrics, records: &RecordFollower) {
    let action = VpcAction(records.clone());
    metrics.register(|registry| registry.register_collector(Box::new(action)));
}

impl std::fmt::Debug for VpcAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VpcAction")
    }
}

impl Collector for VpcAction {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let mut metric = encoder.encode_descriptor(NAME, HELP, None, MetricType::Gauge)?;
        for labels in self.0.of_kind(Kind::Network).iter().filter_map(failed) {
            ConstGauge::new(1_i64).encode(metric.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

/// Labels of what fails; waiting is no failure.
fn failed(record: &Record) -> Option<[(&'static str, String); 3]> {
    record.error_class.filter(|class| *class != ErrorClass::Pending)?;
    let action = if record.facts.contains_key(CLOSING) { "delete" } else { "create" };
    Some([
        ("action", action.to_owned()),
        ("status", "failed".to_owned()),
        ("error", record.reason.clone()),
    ])
}

#[cfg(test)]
mod tests {
    use proto::{Identity, ItemId, Placement, Provider};

    use super::*;

    #[test]
    fn w61_the_first_failure_of_the_network_is_told_and_waiting_is_none() {
        let identity = Identity {
            kind: Kind::Network,
            namespace: String::new(),
            name: "network".into(),
            uid: "u".parse().unwrap(),
            generation: 1,
        };
        let record = Record::new(identity, Placement::at(Provider::Aws), ItemId::random());
        let told = |class, facts: &[&str]| {
            let facts = facts.iter().map(|fact| ((*fact).to_owned(), String::new())).collect();
            let reason = "Quota".to_owned();
            failed(&Record { error_class: class, reason, facts, ..record.clone() })
        };
        assert_eq!(told(None, &[]), None);
        assert_eq!(told(Some(ErrorClass::Pending), &[]), None);
        let expected = |action: &str| {
            Some([("action", action), ("status", "failed"), ("error", "Quota")])
                .map(|labels| labels.map(|(label, value)| (label, value.to_owned())))
        };
        assert_eq!(told(Some(ErrorClass::Quota), &[]), expected("create"));
        assert_eq!(told(Some(ErrorClass::Quota), &[CLOSING]), expected("delete"));
    }
}
