//! A cluster and its network, for tests.

use ipnet::Ipv4Net;
use proto::wire::Options;
use proto::{
    Cluster, Defaults, Desired as Want, Identity, ItemId, Kind, Network, NetworkMode, Placement,
    Provider, Strategy as Tier, Uid, WorkItem,
};

use super::desired::{Desired, Store, Target};
use super::known::Known;
use super::observed::{Observed, Tagged, Zone};
use super::plan::{Plan, Put, Report, plan};
use super::strategy::Strategy;
use crate::aws::SubnetGroup;
use crate::aws::ec2::{End, Peering, Route, RouteTable, Rule, SecurityGroup, Subnet, Vpc};
use crate::error::Error;
use crate::place::Place;

pub fn item(json: &str) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::Network,
            namespace: String::new(),
            name: "network".into(),
            uid: Uid::of_network("cluster"),
            generation: 0,
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
        secret_name: String::new(),
        options: Options::default(),
        network: Some(Network {
            mode: NetworkMode::Standalone.into(),
            cluster_cidrs: vec!["10.128.0.0/14".into(), "fd01::/48".into()],
            ..Network::default()
        }),
    }
}

pub fn desired(json: &str) -> Desired {
    desired_of(&item(json))
}

pub fn desired_of(item: &WorkItem) -> Desired {
    let strategy = Strategy::read(item.strategy.as_ref().unwrap()).unwrap().strategy;
    let place = Place { account: "1".into(), partition: "aws".into(), region: "eu-west-1".into() };
    Desired::new(Target::new(item, &item.placement, place), item, &strategy).unwrap()
}

pub fn range(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

/// A cluster without a network, in a region with three zones.
pub fn bare() -> Observed {
    let zone = |name: &str| Zone { name: name.into(), lacks: Vec::new() };
    let vpc = Vpc { id: "vpc-c".into(), ranges: vec![range("10.0.0.0/16")], ..Vpc::default() };
    Observed {
        vpcs: vec![vpc],
        cluster: vec!["vpc-c".into()],
        tables: vec![table("rtb-c", "vpc-c", "10.0.0.0/16")],
        zones: vec![zone("a"), zone("b"), zone("c")],
        ..Observed::default()
    }
}

fn table(id: &str, vpc: &str, local: &str) -> RouteTable {
    let local = Route { destination: local.into(), is_local: true, ..Route::default() };
    RouteTable {
        id: id.into(),
        vpc: vpc.into(),
        is_main: true,
        routes: vec![local],
        ..RouteTable::default()
    }
}

/// Does a step to what was observed, as AWS would.
pub fn apply(step: Plan, desired: &Desired, observed: &mut Observed) {
    let tags = desired.tags.clone();
    match step {
        Plan::MakeVpc(range) => {
            observed.vpcs.push(Vpc { id: "vpc-n".into(), ranges: vec![range], tags });
            observed.tables.push(table("rtb-n", "vpc-n", &range.to_string()));
        }
        Plan::Peer { vpc, cluster } => {
            let end = |vpc| End { vpc, ranges: Vec::new() };
            let (requester, accepter) = (end(vpc), end(cluster));
            let (id, status) = ("pcx-1".to_owned(), "pending-acceptance".to_owned());
            observed.peerings.push(Peering { id, status, requester, accepter, tags });
        }
        Plan::Put(put) => apply_put(put, desired, observed),
        step => panic!("{step:?}"),
    }
}

fn apply_put(put: Put, desired: &Desired, observed: &mut Observed) {
    let tags = desired.tags.clone();
    match put {
        Put::Tag { ids, tags } => observed.learn_tags(&ids, &tags),
        Put::Subnet { vpc, range, zone } => {
            let id = format!("subnet-{zone}");
            observed.subnets.push(Subnet { id, vpc, zone, range: Some(range), tags });
        }
        Put::Group { vpc, store } => {
            let (id, name) = (format!("sg-{}", store.as_str()), desired.target.group(store));
            observed.groups.push(SecurityGroup { id, name, vpc, tags, ingress: Vec::new() });
        }
        Put::Allow { group, port, sources } => {
            let protocol = "tcp".to_owned();
            observed.learn_rule(&group, Rule { protocol, from: port, to: port, sources });
        }
        Put::SubnetGroup { store, vpc, subnets } => {
            let name = desired.target.name.clone();
            let group = SubnetGroup { name, arn: "arn".into(), vpc, subnets };
            *observed.slot(store) = Some(Tagged { group, tags });
        }
        Put::ChangeSubnetGroup { store, subnets } => {
            observed.slot(store).as_mut().unwrap().group.subnets = subnets;
        }
        Put::TagSubnetGroup { store, .. } => {
            observed.slot(store).as_mut().unwrap().tags.extend(tags);
        }
        Put::Accept(id) => {
            let found = observed.peerings.iter_mut().find(|it| it.id == id).unwrap();
            found.status = "active".into();
        }
        Put::Route(new) => {
            let (destination, peering) = (new.destination, Some(new.peering));
            let route = Route { destination, peering, ..Route::default() };
            observed.learn_route(&new.table, route);
        }
    }
}

/// Steps until the network is ready.
pub fn finish(desired: &Desired, observed: &mut Observed) -> Result<(Vec<Plan>, Report), Error> {
    let mut steps = Vec::new();
    for _ in 0..40 {
        match plan(desired, observed, &Known::default())? {
            Plan::Ready(report) => return Ok((steps, report)),
            step => {
                steps.push(step.clone());
                apply(step, desired, observed);
            }
        }
    }
    panic!("it does not end: {steps:?}")
}

/// A network that is ready.
pub fn whole() -> (Desired, Observed) {
    let (desired, mut observed) = (desired("{}"), bare());
    finish(&desired, &mut observed).unwrap();
    (desired, observed)
}

/// The subnet group of a kind.
pub fn subnet_group(observed: &mut Observed, store: Store) -> &mut Tagged {
    observed.slot(store).as_mut().unwrap()
}
