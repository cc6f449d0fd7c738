//! One claim and its instance, for tests.

use proto::wire::Options;
use proto::{
    Cluster, Defaults, Desired as Want, Identity, ItemId, Kind, Placement, Provider,
    Strategy as Tier, WorkItem,
};

use super::desired::{Desired, Target};
use super::strategy::Strategy;
use crate::aws::rds::{Endpoint, Instance, Setting};
use crate::network::reference::Reference;
use crate::place::Place;

pub fn item(json: &str) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::Postgres,
            namespace: "team".into(),
            name: "db".into(),
            uid: "6f1c7d0e-1111-2222-3333-444455556666".parse().unwrap(),
            generation: 1,
        },
        desired: Want::Present,
        placement: Placement::at(Provider::Aws),
        strategy: Some(Tier { tier: "production".into(), json: json.into() }),
        cluster: Cluster {
            id: "cluster".into(),
            defaults: Defaults::Secure,
            tag_prefix: "integreatly.org/".into(),
            tags: [].into(),
        },
        secret_name: "db".into(),
        options: Options::default(),
        network: None,
    }
}

pub fn place() -> Place {
    Place { account: "1".into(), partition: "aws".into(), region: "eu-west-1".into() }
}

pub fn desired(json: &str) -> Desired {
    desired_of(&item(json))
}

pub fn desired_of(item: &WorkItem) -> Desired {
    let tier = item.strategy.clone().unwrap();
    let strategy = Strategy::read(&tier, item.cluster.defaults).unwrap().strategy;
    Desired::new(Target::new(item, &item.placement, place()), item, &strategy).unwrap()
}

pub fn network() -> Reference {
    Reference {
        region: "eu-west-1".into(),
        subnet_group: "cro-subnets".into(),
        security_groups: vec!["sg-1".into()],
    }
}

/// The instance as AWS shows it when it is just as desired.
pub fn instance(desired: &Desired) -> Instance {
    let mut settings = desired.settings.clone();
    settings.push(Setting::EngineVersion("15.15".into()));
    Instance {
        id: desired.target.id.clone(),
        arn: format!("arn:aws:rds:eu-west-1:1:db:{}", desired.target.id),
        status: "available".into(),
        endpoint: Some(Endpoint { host: "db.example".into(), port: 5432 }),
        username: Some("postgres".into()),
        database: Some("postgres".into()),
        settings,
        pending: Vec::new(),
        is_encrypted: true,
        kms_key: None,
        tags: desired.tags.clone(),
    }
}

/// The same with one other value.
pub fn with(mut instance: Instance, setting: Setting) -> Instance {
    instance.settings.retain(|it| it.field() != setting.field());
    instance.settings.push(setting);
    instance
}
