//! Messages about one claim, and waiting.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::{Bus, BusConfig};
use proto::{
    Cluster, Defaults, Desired, Identity, ItemId, Kind, Options, Placement, Provider, Record,
    Service, Strategy, Subject, WorkItem,
};
use service::Process;
use stack::Nats;

/// Polls until there is a value.
pub async fn eventually<T>(what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
    stack::eventually(what, stack::PATIENCE, async || Ok(poll().await)).await.unwrap()
}

/// Whether a service with these settings could use the bus within two seconds.
pub async fn is_served(config: BusConfig) -> bool {
    let mut process = Process::new(Service::Watcher, Duration::ZERO);
    let Ok(bus) = Bus::connect(Service::Watcher, &config, &mut process).await else { return false };
    let usable = Nats::make_streams(&bus);
    tokio::time::timeout(Duration::from_secs(2), usable).await.is_ok_and(|made| made.is_ok())
}

pub fn item(uid: &str) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::Redis,
            namespace: "shop".into(),
            name: "cache".into(),
            uid: uid.parse().unwrap(),
            generation: 1,
        },
        desired: Desired::Present,
        placement: Placement::at(Provider::Openshift),
        strategy: Some(Strategy::default()),
        cluster: Cluster {
            id: "cluster".into(),
            defaults: Defaults::Secure,
            tag_prefix: "integreatly.org/".into(),
            tags: BTreeMap::new(),
        },
        secret_name: "cache".into(),
        options: Options::default(),
        network: None,
    }
}

pub fn work(item: &WorkItem) -> Subject {
    Subject::Work(item.placement.provider, item.identity.kind, item.identity.uid.clone())
}

pub fn record(uid: &str) -> Record {
    let item = item(uid);
    Record::new(item.identity, item.placement, item.item_id)
}

pub fn record_subject(uid: &str) -> Subject {
    Subject::Record(Service::OpenshiftProvisioner, uid.parse().unwrap())
}
