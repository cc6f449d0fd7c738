//! What is left of a network, and the next parts to remove, in the reverse order of making. Pure.

use ipnet::Ipv4Net;

use crate::aws::ec2::{Peering, Route, RouteTable, SecurityGroup, Subnet, Vpc};

use super::super::desired::{Store, Target};
use super::super::known::Known;
use super::super::observed::Tagged;
use super::super::problem::Problem;

/// AWS makes one with each VPC, and removes it with the VPC.
const DEFAULT_GROUP: &str = "default";

/// What is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// The VPC, which is ours.
    pub vpc: Option<Vpc>,
    /// All subnets in it.
    pub subnets: Vec<Subnet>,
    /// All security groups in it.
    pub groups: Vec<SecurityGroup>,
    /// Route tables, of whatever VPC, with a route to its range.
    pub tables: Vec<RouteTable>,
    /// All peerings of the region.
    pub peerings: Vec<Peering>,
    /// The DB subnet group of our name.
    pub db_group: Option<Tagged>,
    /// The cache subnet group of our name.
    pub cache_group: Option<Tagged>,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The subnet group of a kind.
    SubnetGroup(Store),
    /// A route to the VPC.
    Route {
        /// Id of the table.
        table: String,
        /// The range of addresses.
        destination: String,
    },
    /// A peering.
    Peering(String),
    /// A subnet.
    Subnet(String),
    /// A security group.
    Group(String),
    /// The VPC.
    Vpc(String),
}

/// What becomes of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing of ours is left, and that is proven.
    Gone,
    /// AWS may not show yet what there is.
    Hidden,
    /// AWS is removing this, or not done with making it.
    Going(String),
    /// These can be removed now.
    Remove(Vec<Part>),
}

/// Whether a route leads through a peering of this VPC, or through one that does not exist any more.
pub fn is_own_route(route: &Route, vpc: &str, peerings: &[Peering]) -> bool {
    let Some(id) = &route.peering else { return false };
    match peerings.iter().find(|it| it.id == *id) {
        Some(peering) => peering.ends_in(vpc),
        None => route.is_dead,
    }
}

/// What to remove next.
pub fn fate(target: &Target, remains: &Remains, known: &Known) -> Result<Fate, Problem> {
    let groups = subnet_groups(target, remains);
    if !groups.is_empty() {
        return Ok(Fate::Remove(groups));
    }
    let Some(vpc) = &remains.vpc else {
        return Ok(if known.may_be_hidden { Fate::Hidden } else { Fate::Gone });
    };
    for parts in [routes(vpc, remains), peerings(target, vpc, remains)] {
        if !parts.is_empty() {
            return Ok(Fate::Remove(parts));
        }
    }
    if let Some(busy) = remains.peerings.iter().find(|it| it.ends_in(&vpc.id) && is_busy(it)) {
        return Ok(Fate::Going(format!("peering {}", busy.id)));
    }
    let inside = inside(target, vpc, remains);
    if !inside.is_empty() {
        return Ok(Fate::Remove(inside));
    }
    match foreign(target, vpc, remains) {
        Some(by) => Err(Problem::Held { vpc: vpc.id.clone(), by }),
        None => Ok(Fate::Remove(vec![Part::Vpc(vpc.id.clone())])),
    }
}

fn subnet_groups(target: &Target, remains: &Remains) -> Vec<Part> {
    let found = [(Store::Postgres, &remains.db_group), (Store::Redis, &remains.cache_group)];
    let is_own = |it: &Tagged| target.owner.may_delete(&it.tags);
    let own = found.into_iter().filter(|(_, it)| it.as_ref().is_some_and(is_own));
    own.map(|(store, _)| Part::SubnetGroup(store)).collect()
}

/// Routes of other VPCs; those of the VPC itself go with it.
fn routes(vpc: &Vpc, remains: &Remains) -> Vec<Part> {
    let is_ours = |route: &&Route| {
        let destination = route.destination.parse::<Ipv4Net>();
        destination.is_ok_and(|it| vpc.ranges.contains(&it))
            && is_own_route(route, &vpc.id, &remains.peerings)
    };
    let tables = remains.tables.iter().filter(|it| it.vpc != vpc.id);
    let routes = tables.flat_map(|table| {
        table.routes.iter().filter(is_ours).map(|route| Part::Route {
            table: table.id.clone(),
            destination: route.destination.clone(),
        })
    });
    routes.collect()
}

fn peerings(target: &Target, vpc: &Vpc, remains: &Remains) -> Vec<Part> {
    let is_own = |it: &&Peering| it.ends_in(&vpc.id) && target.owner.may_delete(&it.tags);
    let own = remains.peerings.iter().filter(is_own).filter(|it| it.lives() && !is_busy(it));
    own.map(|it| Part::Peering(it.id.clone())).collect()
}

/// AWS does not delete it in this state.
fn is_busy(peering: &Peering) -> bool {
    ["initiating-request", "provisioning", "deleting"].contains(&peering.status.as_str())
}

fn inside(target: &Target, vpc: &Vpc, remains: &Remains) -> Vec<Part> {
    let owner = &target.owner;
    let subnets = remains.subnets.iter();
    let subnets = subnets.filter(|it| it.vpc == vpc.id && owner.may_delete(&it.tags));
    let groups = remains.groups.iter();
    let groups = groups.filter(|it| it.vpc == vpc.id && owner.may_delete(&it.tags));
    let subnets = subnets.map(|it| Part::Subnet(it.id.clone()));
    subnets.chain(groups.map(|it| Part::Group(it.id.clone()))).collect()
}

/// What is not ours and keeps the VPC.
fn foreign(target: &Target, vpc: &Vpc, remains: &Remains) -> Option<String> {
    let subnets = remains.subnets.iter().map(|it| format!("subnet {}", it.id));
    let groups = remains.groups.iter().filter(|it| it.name != DEFAULT_GROUP);
    let groups = groups.map(|it| format!("security group {}", it.id));
    let peerings = remains
        .peerings
        .iter()
        .filter(|it| it.ends_in(&vpc.id) && it.lives() && !target.owner.may_delete(&it.tags));
    let peerings = peerings.map(|it| format!("peering {}", it.id));
    let all: Vec<String> = subnets.chain(groups).chain(peerings).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

#[cfg(test)]
mod tests;
