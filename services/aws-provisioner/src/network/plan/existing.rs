//! The administrator's network: verified and used, never changed. Only the subnet groups are ours.

use std::collections::BTreeSet;

use crate::aws::ec2::Subnet;
use crate::error::Error;

use super::super::desired::{Desired, Existing, Store};
use super::super::observed::Observed;
use super::super::problem::Problem;
use super::parts::{Members, subnet_groups};
use super::{Plan, Report, reach};

const MODE: &str = "existing";

pub(super) fn plan(
    desired: &Desired,
    named: &Existing,
    observed: &Observed,
) -> Result<Plan, Error> {
    if let Some(own) = observed.own(&desired.target.owner)? {
        let found = format!("standalone in VPC {}", own.id);
        return Err(Problem::OtherMode { found, wanted: MODE }.into());
    }
    verify(desired, named, observed)?;
    let members =
        Members { vpc: &named.vpc, subnets: &named.subnets, allows_others: false, mode: MODE };
    if let Some(plan) = subnet_groups(desired, observed, &members)? {
        return Ok(plan);
    }
    let cluster = observed.cluster_vpc(&desired.target, named.cluster_vpc.as_ref()).ok();
    let obstacle = |store| Some((store, reach::obstacle(store, named, observed, cluster)?));
    Ok(Plan::Ready(Report {
        vpc: named.vpc.clone(),
        subnet_group: desired.target.name.clone(),
        postgres: named.groups.clone(),
        redis: named.groups.clone(),
        obstacles: Store::ALL.into_iter().filter_map(obstacle).collect(),
        notes: Vec::new(),
    }))
}

fn verify(desired: &Desired, named: &Existing, observed: &Observed) -> Result<(), Problem> {
    let (vpc, region) = (&named.vpc, &desired.target.place.region);
    let unusable = |why: String| Err(Problem::Unusable(why));
    if !observed.vpcs.iter().any(|it| it.id == *vpc) {
        return unusable(format!("VPC {vpc} is not in region {region} of the operator's account"));
    }
    let subnet = |id: &String| observed.subnets.iter().find(|it: &&Subnet| it.id == *id);
    if let Some(id) = named.subnets.iter().find(|id| subnet(id).is_none()) {
        return unusable(format!("subnet {id} is not in VPC {vpc}"));
    }
    let zones: BTreeSet<&str> =
        named.subnets.iter().filter_map(subnet).map(|it| it.zone.as_str()).collect();
    if zones.len() < 2 {
        return unusable("SUBNET_IDS must name subnets in two zones or more".to_owned());
    }
    if named.groups.is_empty() {
        return unusable("SECURITY_GROUP_IDS must name a security group or more".to_owned());
    }
    match named.groups.iter().find(|id| !observed.groups.iter().any(|it| it.id == **id)) {
        Some(id) => unusable(format!("security group {id} is not in VPC {vpc}")),
        None => Ok(()),
    }
}
