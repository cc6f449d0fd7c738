//! A VPC of its own, part by part.

use crate::aws::ec2::{RouteTable, SecurityGroup, Vpc};
use crate::error::Error;

use super::super::desired::{Desired, Standalone, Store};
use super::super::known::Known;
use super::super::observed::Observed;
use super::parts::{Members, missing_tags, subnet_groups};
use super::{Plan, Put, Report, connect, subnets, vpc};

pub(super) const MODE: &str = "standalone";

/// All that the steps after the VPC look at.
pub(super) struct Parts<'a> {
    pub(super) desired: &'a Desired,
    pub(super) wanted: &'a Standalone,
    pub(super) observed: &'a Observed,
    pub(super) known: &'a Known,
    pub(super) vpc: &'a Vpc,
    pub(super) cluster: &'a Vpc,
}

type StepOf = fn(&Parts<'_>) -> Result<Option<Plan>, Error>;

/// In this order: each step needs those before it.
const STEPS: [StepOf; 7] = [
    tags,
    make_subnets,
    make_groups,
    make_subnet_groups,
    connect::peering,
    connect::routes,
    connect::rules,
];

pub(super) fn plan(
    desired: &Desired,
    wanted: &Standalone,
    observed: &Observed,
    known: &Known,
) -> Result<Plan, Error> {
    let Some(vpc) = observed.own(&desired.target.owner)? else {
        return vpc::missing(desired, wanted, observed, known);
    };
    let cluster = observed.cluster_vpc(&desired.target, wanted.cluster_vpc.as_ref())?;
    let parts = Parts { desired, wanted, observed, known, vpc, cluster };
    for step in STEPS {
        if let Some(plan) = step(&parts)? {
            return Ok(plan);
        }
    }
    Ok(Plan::Ready(parts.report()))
}

impl<'a> Parts<'a> {
    /// The security group of a kind, by name in this VPC.
    pub(super) fn group(&self, store: Store) -> Result<Option<&'a SecurityGroup>, Error> {
        let name = self.desired.target.group(store);
        let groups = &self.observed.groups;
        match groups.iter().find(|it| it.vpc == self.vpc.id && it.name == name) {
            Some(found) if !self.desired.target.owner.owns(&found.tags) => {
                Err(Error::NotOwned { what: "security group", name })
            }
            found => Ok(found),
        }
    }

    fn main_table(&self) -> Option<&'a RouteTable> {
        self.observed.tables.iter().find(|it| it.vpc == self.vpc.id && it.is_main)
    }

    fn own_subnets(&self) -> Vec<String> {
        let own = subnets::own(self.desired, self.observed, self.vpc);
        own.into_iter().map(|it| it.id.clone()).collect()
    }

    fn report(&self) -> Report {
        let group = |store| self.group(store).ok().flatten().map(|it| it.id.clone());
        let ranges = &self.vpc.ranges;
        let other = self.wanted.range.as_ref().filter(|wanted| {
            ranges
                .iter()
                .all(|it| wanted.parse().map(|wanted: ipnet::Ipv4Net| wanted.trunc()) != Ok(*it))
        });
        let note = other.map(|wanted| {
            let found = ranges.first().map(ToString::to_string).unwrap_or_default();
            format!("createStrategy.CidrBlock {wanted} is for a new VPC: this one has {found}")
        });
        Report {
            vpc: self.vpc.id.clone(),
            subnet_group: self.desired.target.name.clone(),
            postgres: group(Store::Postgres).into_iter().collect(),
            redis: group(Store::Redis).into_iter().collect(),
            obstacles: Vec::new(),
            notes: note.into_iter().collect(),
        }
    }
}

/// Parts that came without some of their tags: the main route table does.
fn tags(parts: &Parts<'_>) -> Result<Option<Plan>, Error> {
    let (desired, observed) = (parts.desired, parts.observed);
    let owner = &desired.target.owner;
    let groups = observed.groups.iter().filter(|it| owner.owns(&it.tags));
    let all = [(&parts.vpc.id, &parts.vpc.tags)]
        .into_iter()
        .chain(parts.main_table().map(|it| (&it.id, &it.tags)))
        .chain(subnets::own(desired, observed, parts.vpc).into_iter().map(|it| (&it.id, &it.tags)))
        .chain(groups.map(|it| (&it.id, &it.tags)));
    let mut ids = Vec::new();
    for (id, tags) in all {
        if missing_tags(tags, &desired.tags)? {
            ids.push(id.clone());
        }
    }
    let tags = desired.tags.clone();
    Ok((!ids.is_empty()).then_some(Plan::Put(Put::Tag { ids, tags })))
}

fn make_subnets(parts: &Parts<'_>) -> Result<Option<Plan>, Error> {
    subnets::next(parts.desired, parts.wanted, parts.observed, parts.vpc)
}

fn make_groups(parts: &Parts<'_>) -> Result<Option<Plan>, Error> {
    for store in Store::ALL {
        if parts.group(store)?.is_none() {
            let vpc = parts.vpc.id.clone();
            return Ok(Some(Plan::Put(Put::Group { vpc, store })));
        }
    }
    Ok(None)
}

fn make_subnet_groups(parts: &Parts<'_>) -> Result<Option<Plan>, Error> {
    let subnets = parts.own_subnets();
    let members =
        Members { vpc: &parts.vpc.id, subnets: &subnets, allows_others: true, mode: MODE };
    subnet_groups(parts.desired, parts.observed, &members)
}
