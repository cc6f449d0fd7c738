//! Messages about one claim, and waiting.

use std::collections::BTreeMap;

use proto::{
    Cluster, Defaults, Desired, Identity, ItemId, Kind, Options, Placement, Provider, Record,
    Service, Strategy, Subject, WorkItem,
};

/// Polls until there is a value.
pub async fn eventually<T>(what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
    stack::eventually(what, stack::PATIENCE, async || Ok(poll().await)).await.unwrap()
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
