//! Subnets: one per zone, two zones at least. Those that are not ours are neither used nor in the way.

use ipnet::IpNet;

use crate::aws::ec2::{Subnet, Vpc};
use crate::error::Error;

use super::super::cidr;
use super::super::desired::{Desired, Mode, Standalone};
use super::super::observed::Observed;
use super::super::problem::Problem;
use super::{Plan, Put};

/// RDS takes no fewer.
const ZONES: usize = 2;

/// Whether the next step depends on the region's zones.
pub fn needs_zones(desired: &Desired, observed: &Observed) -> bool {
    match &desired.mode {
        Mode::Existing(_) => false,
        Mode::Standalone(wanted) => match observed.own(&desired.target.owner) {
            Ok(Some(vpc)) => !is_enough(wanted, &own(desired, observed, vpc)),
            Ok(None) => true,
            Err(_) => false,
        },
    }
}

/// Subnets of the VPC that are ours.
pub(super) fn own<'a>(desired: &Desired, observed: &'a Observed, vpc: &Vpc) -> Vec<&'a Subnet> {
    let is_own = |it: &&Subnet| it.vpc == vpc.id && desired.target.owner.owns(&it.tags);
    observed.subnets.iter().filter(is_own).collect()
}

/// The next subnet to make.
pub(super) fn next(
    desired: &Desired,
    wanted: &Standalone,
    observed: &Observed,
    vpc: &Vpc,
) -> Result<Option<Plan>, Error> {
    let own = own(desired, observed, vpc);
    if is_enough(wanted, &own) {
        return Ok(None);
    }
    let used: Vec<&str> = own.iter().map(|it| it.zone.as_str()).collect();
    let zones = zones(desired, wanted, observed, &used)?;
    let Some(zone) = zones.into_iter().find(|it| !used.contains(&it.as_str())) else {
        return Ok(None);
    };
    let range = vpc.ranges.first().copied().unwrap_or_default();
    let taken: Vec<IpNet> =
        observed.subnets.iter().filter_map(|it| it.range).map(IpNet::V4).collect();
    let prefix = cidr::subnet_prefix(range, wanted.zones.len().max(ZONES));
    let found = prefix.and_then(|prefix| cidr::first_free(range, prefix, &taken));
    let range = found.ok_or_else(|| Problem::NoRoom(vpc.id.clone()))?;
    Ok(Some(Plan::Put(Put::Subnet { vpc: vpc.id.clone(), range, zone })))
}

fn is_enough(wanted: &Standalone, own: &[&Subnet]) -> bool {
    let has = |zone: &str| own.iter().any(|it| it.zone == zone);
    let first = own.first().map(|it| it.zone.as_str());
    let has_two = own.iter().any(|it| Some(it.zone.as_str()) != first);
    has_two && wanted.zones.iter().all(|zone| has(zone))
}

/// The zones to use: those that are used, then those that the strategy names, or else the first that offer all classes.
pub(super) fn zones(
    desired: &Desired,
    wanted: &Standalone,
    observed: &Observed,
    used: &[&str],
) -> Result<Vec<String>, Problem> {
    let lacking = |zone: &str| -> Option<String> {
        let Some(found) = observed.zones.iter().find(|it| it.name == zone) else {
            return Some(format!("no zone {zone}"));
        };
        let classes = found.lacks.join(" and ");
        (!classes.is_empty()).then(|| format!("no {classes} in zone {zone}"))
    };
    let few = |found: String, advice, is_asked_for| {
        let region = desired.target.place.region.clone();
        Err(Problem::TooFewZones { region, found, advice, is_asked_for })
    };
    if let Some(why) = wanted.zones.iter().find_map(|zone| lacking(zone)) {
        return few(why, "name other zones in availabilityZones", true);
    }
    if !wanted.zones.is_empty() {
        return Ok(wanted.zones.clone());
    }
    let usable = observed.zones.iter().filter(|it| it.lacks.is_empty()).map(|it| it.name.clone());
    let mut zones: Vec<String> = used.iter().map(|it| (*it).to_owned()).collect();
    zones.extend(usable.filter(|it| !used.contains(&it.as_str())));
    if zones.len() < ZONES {
        let (all, classes) = (observed.zones.len(), wanted.classes.join(" and "));
        let found = if classes.is_empty() {
            format!("{all} zones")
        } else {
            format!("{} of {all} zones with {classes}", zones.len())
        };
        return few(found, "use another region, or other instanceClasses", false);
    }
    zones.truncate(ZONES);
    Ok(zones)
}
