//! What there is, as far as it was looked at.

use ipnet::IpNet;

use crate::aws::SubnetGroup;
use crate::aws::ec2::{Peering, Route, RouteTable, Rule, SecurityGroup, Subnet, Vpc};
use crate::error::Error;
use crate::tags::{Owner, Tags};

use super::cidr::Taken;
use super::desired::{Standalone, Store, Target};
use super::problem::Problem;

/// A network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// All VPCs of the region.
    pub vpcs: Vec<Vpc>,
    /// VPCs with subnets that are tagged as the cluster's.
    pub cluster: Vec<String>,
    /// Subnets of the network's VPC.
    pub subnets: Vec<Subnet>,
    /// Security groups of the network's VPC.
    pub groups: Vec<SecurityGroup>,
    /// Route tables of the network's VPC and of the cluster's.
    pub tables: Vec<RouteTable>,
    /// All peerings of the region.
    pub peerings: Vec<Peering>,
    /// The DB subnet group of our name.
    pub db_group: Option<Tagged>,
    /// The cache subnet group of our name.
    pub cache_group: Option<Tagged>,
    /// Zones of the region; empty when nobody needs to know.
    pub zones: Vec<Zone>,
}

/// A subnet group with its tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tagged {
    /// The group.
    pub group: SubnetGroup,
    /// Its tags.
    pub tags: Tags,
}

/// A zone of the region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// Classes that were asked for and that it does not offer.
    pub lacks: Vec<String>,
}

impl Observed {
    /// The network's own VPC, found by its tags.
    pub fn own(&self, owner: &Owner) -> Result<Option<&Vpc>, Problem> {
        let own: Vec<&Vpc> = self.vpcs.iter().filter(|it| owner.owns(&it.tags)).collect();
        if own.len() > 1 {
            let ids: Vec<&str> = own.iter().map(|it| it.id.as_str()).collect();
            return Err(Problem::TwoVpcs(ids.join(" and ")));
        }
        Ok(own.first().copied())
    }

    /// The cluster's VPC: the one that was named, else the one whose subnets carry its tag.
    pub fn cluster_vpc(&self, target: &Target, named: Option<&String>) -> Result<&Vpc, Problem> {
        let id = match (named, self.cluster.as_slice()) {
            (Some(id), _) | (None, [id]) => id,
            (None, []) => {
                return Err(Problem::NoClusterVpc { cluster: target.cluster.clone() });
            }
            (None, several) => return Err(Problem::ClusterVpcs(several.join(" and "))),
        };
        let found = self.vpcs.iter().find(|it| it.id == *id);
        found.ok_or_else(|| Problem::MissingClusterVpc(id.clone()))
    }

    /// Ranges that a new VPC must not overlap, because the cluster reaches them otherwise.
    pub fn taken(&self, cluster: &Vpc, wanted: &Standalone) -> Vec<Taken> {
        let mut taken = wanted.taken.clone();
        let mut add = |range: IpNet, owner| taken.push(Taken { range, owner });
        cluster.ranges.iter().for_each(|it| add((*it).into(), "the cluster's VPC"));
        let peerings = self.peerings.iter().filter(|it| it.lives() && it.ends_in(&cluster.id));
        let ends = peerings.flat_map(|it| [&it.requester, &it.accepter]);
        for end in ends.filter(|it| it.vpc != cluster.id) {
            let known = self.vpcs.iter().find(|it| it.id == end.vpc).map(|it| &it.ranges);
            for range in known.into_iter().flatten().chain(&end.ranges) {
                add((*range).into(), "a VPC that is peered with the cluster's");
            }
        }
        taken
    }

    /// The same, and whatever else the cluster's route tables lead to.
    pub fn avoided(&self, cluster: &Vpc, wanted: &Standalone) -> Vec<Taken> {
        let tables = self.tables.iter().filter(|it| it.vpc == cluster.id);
        let routes = tables.flat_map(|it| &it.routes).filter(|it| !it.is_local);
        let ranges = routes.filter_map(|it| it.destination.parse::<IpNet>().ok());
        let ranges = ranges.filter(|it| it.prefix_len() > 0);
        let elsewhere = ranges.map(|range| Taken { range, owner: "a route of the cluster's VPC" });
        self.taken(cluster, wanted).into_iter().chain(elsewhere).collect()
    }

    /// The subnet group of our name, if it is ours.
    pub fn subnet_group(&self, store: Store, target: &Target) -> Result<Option<&Tagged>, Error> {
        let found = match store {
            Store::Postgres => self.db_group.as_ref(),
            Store::Redis => self.cache_group.as_ref(),
        };
        match found {
            Some(found) if !target.owner.owns(&found.tags) => {
                let (what, name) = (store.subnet_group(), target.name.clone());
                Err(Error::NotOwned { what, name })
            }
            found => Ok(found),
        }
    }
}

/// What was done counts as seen.
impl Observed {
    pub(super) fn slot(&mut self, store: Store) -> &mut Option<Tagged> {
        match store {
            Store::Postgres => &mut self.db_group,
            Store::Redis => &mut self.cache_group,
        }
    }

    pub(super) fn learn_tags(&mut self, ids: &[String], tags: &Tags) {
        let vpcs = self.vpcs.iter_mut().map(|it| (&it.id, &mut it.tags));
        let subnets = self.subnets.iter_mut().map(|it| (&it.id, &mut it.tags));
        let groups = self.groups.iter_mut().map(|it| (&it.id, &mut it.tags));
        let tables = self.tables.iter_mut().map(|it| (&it.id, &mut it.tags));
        let all = vpcs.chain(subnets).chain(groups).chain(tables);
        all.filter(|(id, _)| ids.contains(id)).for_each(|(_, found)| found.extend(tags.clone()));
    }

    pub(super) fn learn_rule(&mut self, group: &str, rule: Rule) {
        if let Some(group) = self.groups.iter_mut().find(|it| it.id == group) {
            group.ingress.push(rule);
        }
    }

    pub(super) fn learn_route(&mut self, table: &str, route: Route) {
        let Some(table) = self.tables.iter_mut().find(|it| it.id == table) else { return };
        table.routes.retain(|it| it.destination != route.destination);
        table.routes.push(route);
    }
}
