//! Looks at what is there, by tags and names, and changes nothing.

use tokio::try_join;

use crate::aws::ec2::{Ec2, RouteTable, Subnet, Vpc};
use crate::aws::{Clients, Error};

use super::desired::{Desired, Existing, Mode, Standalone, Target};
use super::observed::{Observed, Tagged, Zone};
use super::plan::needs_zones;

/// Everything that decides the next step.
pub async fn observe(clients: &Clients, desired: &Desired) -> Result<Observed, Error> {
    match &desired.mode {
        Mode::Standalone(wanted) => standalone(clients, desired, wanted).await,
        Mode::Existing(named) => existing(clients, desired, named).await,
    }
}

async fn standalone(
    clients: &Clients,
    desired: &Desired,
    wanted: &Standalone,
) -> Result<Observed, Error> {
    let (ec2, target) = (&clients.ec2, &desired.target);
    let (vpcs, cluster, peerings, (db_group, cache_group)) = try_join!(
        ec2.vpcs(),
        cluster(ec2, target, wanted.cluster_vpc.as_ref()),
        ec2.peerings(),
        subnet_groups(clients, target),
    )?;
    let mut observed =
        Observed { vpcs, cluster, peerings, db_group, cache_group, ..Observed::default() };
    let own = observed.vpcs.iter().find(|it| target.owner.owns(&it.tags)).map(|it| it.id.clone());
    let cluster_vpc =
        observed.cluster_vpc(target, wanted.cluster_vpc.as_ref()).ok().map(|it| it.id.clone());
    let both: Vec<&str> = [&own, &cluster_vpc].into_iter().flatten().map(String::as_str).collect();
    let parts = async {
        match &own {
            Some(vpc) => try_join!(ec2.subnets_of(vpc), ec2.groups_of(vpc)),
            None => Ok(Default::default()),
        }
    };
    let ((subnets, groups), tables) = try_join!(parts, tables(ec2, &both))?;
    observed = Observed { subnets, groups, tables, ..observed };
    if needs_zones(desired, &observed) {
        observed.zones = zones(clients, wanted).await?;
    }
    Ok(observed)
}

async fn existing(
    clients: &Clients,
    desired: &Desired,
    named: &Existing,
) -> Result<Observed, Error> {
    let (ec2, target) = (&clients.ec2, &desired.target);
    let (vpcs, cluster, subnets, groups, (db_group, cache_group)) = try_join!(
        ec2.vpcs(),
        cluster(ec2, target, named.cluster_vpc.as_ref()),
        ec2.subnets_of(&named.vpc),
        ec2.groups_of(&named.vpc),
        subnet_groups(clients, target),
    )?;
    let mut observed =
        Observed { vpcs, cluster, subnets, groups, db_group, cache_group, ..Observed::default() };
    let cluster_vpc = observed.cluster_vpc(target, named.cluster_vpc.as_ref());
    let both: Vec<String> =
        cluster_vpc.map(|it| vec![named.vpc.clone(), it.id.clone()]).unwrap_or_default();
    let both: Vec<&str> = both.iter().map(String::as_str).collect();
    observed.tables = tables(ec2, &both).await?;
    Ok(observed)
}

/// Both subnet groups of our name, with their tags.
pub(super) async fn subnet_groups(
    clients: &Clients,
    target: &Target,
) -> Result<(Option<Tagged>, Option<Tagged>), Error> {
    let db = async {
        let Some(group) = clients.rds.subnet_group(&target.name).await? else { return Ok(None) };
        let tags = clients.rds.tags(&group.arn).await?;
        Ok(Some(Tagged { group, tags }))
    };
    let cache = async {
        let found = clients.elasticache.subnet_group(&target.name).await?;
        let Some(group) = found else { return Ok(None) };
        let tags = clients.elasticache.tags(&group.arn).await?;
        Ok(Some(Tagged { group, tags }))
    };
    try_join!(db, cache)
}

/// Whether something of ours is there, for an item that must not be worked on.
pub(super) async fn own_vpc(ec2: &Ec2, target: &Target) -> Result<Option<Vpc>, Error> {
    Ok(ec2.vpcs().await?.into_iter().find(|it| target.owner.owns(&it.tags)))
}

/// VPCs of the cluster's subnets; not asked for when an administrator has named one.
async fn cluster(ec2: &Ec2, target: &Target, named: Option<&String>) -> Result<Vec<String>, Error> {
    if named.is_some() {
        return Ok(Vec::new());
    }
    let subnets = ec2.subnets_tagged(&format!("kubernetes.io/cluster/{}", target.cluster)).await?;
    // Subnets of the network's own VPC that somebody has tagged so are not the cluster's.
    let others = subnets.into_iter().filter(|it: &Subnet| !target.owner.owns(&it.tags));
    let mut vpcs: Vec<String> = others.map(|it| it.vpc).collect();
    vpcs.sort();
    vpcs.dedup();
    Ok(vpcs)
}

async fn tables(ec2: &Ec2, vpcs: &[&str]) -> Result<Vec<RouteTable>, Error> {
    if vpcs.is_empty() { Ok(Vec::new()) } else { ec2.tables_of(vpcs).await }
}

/// Zones, with what each does not offer. AWS tells that of classes of RDS only.
async fn zones(clients: &Clients, wanted: &Standalone) -> Result<Vec<Zone>, Error> {
    let names = clients.ec2.zones().await?;
    let mut zones: Vec<Zone> =
        names.into_iter().map(|name| Zone { name, lacks: Vec::new() }).collect();
    for class in &wanted.classes {
        let offering = clients.rds.zones_of(class).await?;
        let lacking = zones.iter_mut().filter(|zone| !offering.contains(&zone.name));
        lacking.for_each(|zone| zone.lacks.push(class.clone()));
    }
    Ok(zones)
}
