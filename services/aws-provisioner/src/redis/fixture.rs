//! One claim and its replication group, for tests.

use proto::wire::Options;
use proto::{
    Cluster, Defaults, Desired as Want, Identity, ItemId, Kind, Placement, Provider,
    Strategy as Tier, WorkItem,
};

use super::desired::{Desired, Target};
use super::observed::Observed;
use super::strategy::Strategy;
use crate::aws::elasticache::{Endpoint, Group, Member, Setting};
use crate::network::reference::Reference;
use crate::place::Place;

pub fn item(json: &str) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::Redis,
            namespace: "team".into(),
            name: "cache".into(),
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
        secret_name: "cache".into(),
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

/// The group as AWS shows it when it is just as desired.
pub fn group(desired: &Desired) -> Group {
    let of_members =
        ["createStrategy.PreferredMaintenanceWindow", "createStrategy.CacheParameterGroupName"];
    let mut settings = desired.settings.clone();
    settings.retain(|it| !of_members.contains(&it.field()));
    Group {
        id: desired.target.id.clone(),
        arn: desired.target.arn(),
        status: "available".into(),
        endpoint: Some(Endpoint { host: "cache.example".into(), port: 6379 }),
        primary: Some(format!("{}-001", desired.target.id)),
        engine: Some(desired.new_engine().to_owned()),
        nodes: 2,
        settings,
        pending: Vec::new(),
        has_auth: desired.has_auth,
        has_tls: desired.has_tls,
        is_encrypted_at_rest: true,
        kms_key: None,
    }
}

/// A member of it.
pub fn member(desired: &Desired, version: &str, pending: &[Setting]) -> Member {
    Member {
        id: format!("{}-001", desired.target.id),
        group: desired.target.id.clone(),
        settings: vec![
            Setting::EngineVersion(version.into()),
            Setting::MaintenanceWindow("mon:07:00-mon:08:00".into()),
            Setting::ParameterGroup("default.redis7".into()),
        ],
        pending: pending.to_vec(),
    }
}

/// What is seen of a group of ours.
pub fn observed(group: Group) -> Observed {
    Observed {
        tags: Some(desired("{}").tags),
        group: Some(group),
        has_password: true,
        ..Observed::default()
    }
}

/// The same with one other value.
pub fn with(mut group: Group, setting: Setting) -> Group {
    group.settings.retain(|it| it.field() != setting.field());
    group.settings.push(setting);
    group
}
