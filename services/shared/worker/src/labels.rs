//! What every series of a claim carries, with the Go operator's names.

use bus::Bus;
use proto::{Record, Subject, WorkItem};
use service::gauges::Labels;

/// The labels of a claim, from its item on the bus; `None` where there is none that can be read. `strategy` is what
/// serves it, such as `aws-rds`.
pub async fn labels(bus: &Bus, record: &Record, strategy: &str) -> Option<Labels> {
    let identity = &record.identity;
    let subject = Subject::Work(record.provider, identity.kind, identity.uid.clone());
    let item = bus.read::<WorkItem>(&subject).await.ok()?.value?;
    Some(vec![
        ("clusterID", item.cluster.id),
        ("resourceID", identity.name.clone()),
        ("namespace", identity.namespace.clone()),
        ("instanceID", record.placement.identifier.clone().unwrap_or_default()),
        ("productName", item.options.product_name),
        ("strategy", strategy.to_owned()),
    ])
}
