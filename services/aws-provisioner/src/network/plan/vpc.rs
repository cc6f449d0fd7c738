//! The VPC: found, awaited or made. Never two.

use crate::error::Error;

use super::super::cidr;
use super::super::desired::{Desired, Standalone};
use super::super::known::Known;
use super::super::message::Wait;
use super::super::observed::Observed;
use super::super::problem::Problem;
use super::Plan;
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
    if known.was_observed {
        return Err(Problem::Gone(known.vpc.clone().unwrap_or_default()).into());
    }
    // Nothing is made that could not be finished.
    zones(desired, wanted, observed, &[])?;
    let cluster = observed.cluster_vpc(&desired.target, wanted)?;
    let range = match &wanted.range {
        Some(text) => cidr::chosen(text, &observed.taken(cluster, wanted))?,
        None => cidr::choose(&observed.avoided(cluster, wanted))?,
    };
    Ok(Plan::MakeVpc(range))
}
