//! Subnet groups and tags, which both modes have.

use crate::error::Error;
use crate::tags::{self, Tags};

use super::super::desired::{Desired, Store};
use super::super::observed::Observed;
use super::super::problem::Problem;
use super::{Plan, Put};

/// The subnets that both subnet groups shall have.
pub(super) struct Members<'a> {
    pub(super) vpc: &'a str,
    pub(super) subnets: &'a [String],
    /// Whether others may be in the groups.
    pub(super) allows_others: bool,
    /// The mode, for people.
    pub(super) mode: &'static str,
}

/// What must be done for the subnet groups.
pub(super) fn subnet_groups(
    desired: &Desired,
    observed: &Observed,
    members: &Members<'_>,
) -> Result<Option<Plan>, Error> {
    for store in Store::ALL {
        if let Some(put) = subnet_group(store, desired, observed, members)? {
            return Ok(Some(Plan::Put(put)));
        }
    }
    Ok(None)
}

fn subnet_group(
    store: Store,
    desired: &Desired,
    observed: &Observed,
    members: &Members<'_>,
) -> Result<Option<Put>, Error> {
    let wanted = members.subnets;
    let Some(found) = observed.subnet_group(store, &desired.target)? else {
        let vpc = members.vpc.to_owned();
        return Ok(Some(Put::SubnetGroup { store, vpc, subnets: wanted.to_vec() }));
    };
    let group = &found.group;
    if group.vpc != members.vpc {
        let found = format!("a network in VPC {}", group.vpc);
        return Err(Problem::OtherMode { found, wanted: members.mode }.into());
    }
    let is_missing = wanted.iter().any(|it| !group.subnets.contains(it));
    let has_others = group.subnets.iter().any(|it| !wanted.contains(it));
    if is_missing || (has_others && !members.allows_others) {
        let others =
            group.subnets.iter().filter(|it| members.allows_others && !wanted.contains(it));
        let subnets = wanted.iter().chain(others).cloned().collect();
        return Ok(Some(Put::ChangeSubnetGroup { store, subnets }));
    }
    let missing = missing_tags(&found.tags, &desired.tags)?;
    Ok(missing.then(|| Put::TagSubnetGroup { store, arn: group.arn.clone() }))
}

/// Whether tags must be written.
pub(super) fn missing_tags(observed: &Tags, desired: &Tags) -> Result<bool, Error> {
    Ok(tags::merge(observed, desired)?.is_some())
}
