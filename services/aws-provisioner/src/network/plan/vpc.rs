//! The VPC: found, awaited or made. Never two.

use crate::error::Error;

use super::super::cidr;
use super::super::desired::{Desired, Standalone};
use super::super::known::Known;
use super::super::message::Wait;
use super::super::observed::Observed;
use super::super::problem::Problem;
use super::Plan;
use super::standalone::MODE;
use super::subnets::zones;

/// The step of a network without a VPC.
pub(super) fn missing(
    desired: &Desired,
    wanted: &Standalone,
    observed: &Observed,
    known: &Known,
) -> Result<Plan, Error> {
    if known.may_be_hidden {
        return Ok(Plan::Wait(Wait::Hidden));
    }
    if let Some(vpc) = known.vpc.as_ref().filter(|_| known.was_observed) {
        return Err(Problem::Gone(vpc.clone()).into());
    }
    if let Some(found) = observed.db_group.as_ref().or(observed.cache_group.as_ref()) {
        let found = format!("a network in VPC {}", found.group.vpc);
        return Err(Problem::OtherMode { found, wanted: MODE }.into());
    }
    // Nothing is made that could not be finished.
    zones(desired, wanted, observed, &[])?;
    let cluster = observed.cluster_vpc(&desired.target, wanted.cluster_vpc.as_ref())?;
    let range = match &wanted.range {
        Some(text) => cidr::chosen(text, &observed.taken(cluster, wanted))?,
        None => cidr::choose(&observed.avoided(cluster, wanted))?,
    };
    Ok(Plan::MakeVpc(range))
}
