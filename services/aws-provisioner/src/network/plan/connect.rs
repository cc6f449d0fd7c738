//! What connects the network with the cluster: peering, routes on both sides, and who is let in.

use crate::aws::ec2::{NewRoute, Peering, RouteTable};
use crate::error::Error;

use super::super::desired::Store;
use super::super::message::Wait;
use super::super::problem::Problem;
use super::standalone::Parts;
use super::{Plan, Put};

/// Peerings of the same two VPCs that AWS still shows and that have ended: somebody ends each.
const TOO_MANY: usize = 3;

impl<'a> Parts<'a> {
    fn peerings(&self) -> impl Iterator<Item = &'a Peering> {
        let (vpc, cluster) = (&self.vpc.id, &self.cluster.id);
        self.observed.peerings.iter().filter(|it| it.ends_in(vpc) && it.ends_in(cluster))
    }

    fn live_peering(&self) -> Option<&'a Peering> {
        self.peerings().find(|it| it.lives())
    }
}

/// The peering; one that has ended is made again, unless that would end the same way.
pub(super) fn peering(parts: &Parts<'_>) -> Result<Option<Plan>, Error> {
    let Some(found) = parts.live_peering() else { return peer(parts).map(Some) };
    Ok(match found.status.as_str() {
        "active" => None,
        "pending-acceptance" => Some(Plan::Put(Put::Accept(found.id.clone()))),
        status => {
            let (status, age) = (status.to_owned(), parts.known.age);
            Some(Plan::Wait(Wait::Peering { status, age }))
        }
    })
}

fn peer(parts: &Parts<'_>) -> Result<Plan, Error> {
    let ended: Vec<&Peering> = parts.peerings().collect();
    // Ranges that overlap do so the next time too, and whoever rejects would again.
    let is_final = |it: &&&Peering| ["failed", "rejected"].contains(&it.status.as_str());
    let last = ended.last().filter(|_| ended.len() >= TOO_MANY);
    if let Some(ended) = ended.iter().find(is_final).or(last) {
        let (vpc, status) = (parts.vpc.id.clone(), ended.status.clone());
        return Err(Problem::PeeringFails { vpc, status }.into());
    }
    Ok(Plan::Peer { vpc: parts.vpc.id.clone(), cluster: parts.cluster.id.clone() })
}

/// Routes of both sides.
pub(super) fn routes(parts: &Parts<'_>) -> Result<Option<Plan>, Error> {
    let Some(peering) = parts.live_peering() else { return Ok(None) };
    for table in &parts.observed.tables {
        let destinations = if table.vpc == parts.cluster.id && !table.is_of_gateway {
            &parts.vpc.ranges
        } else if table.vpc == parts.vpc.id && table.is_main {
            &parts.cluster.ranges
        } else {
            continue;
        };
        for destination in destinations {
            let route = route(parts, table, &destination.to_string(), &peering.id)?;
            if let Some(route) = route {
                return Ok(Some(Plan::Put(Put::Route(route))));
            }
        }
    }
    Ok(None)
}

fn route(
    parts: &Parts<'_>,
    table: &RouteTable,
    destination: &str,
    peering: &str,
) -> Result<Option<NewRoute>, Problem> {
    let found = table.routes.iter().find(|it| it.destination == destination);
    let new = |replaces| NewRoute {
        table: table.id.clone(),
        destination: destination.to_owned(),
        peering: peering.to_owned(),
        replaces,
    };
    match found {
        None => Ok(Some(new(false))),
        Some(route) if route.peering.as_deref() == Some(peering) => Ok(None),
        // In our own VPC, or to a peering of ours that has ended.
        Some(route)
            if table.vpc == parts.vpc.id
                || super::super::teardown::is_own_route(
                    route,
                    &parts.vpc.id,
                    &parts.observed.peerings,
                ) =>
        {
            Ok(Some(new(true)))
        }
        Some(_) => {
            let (table, destination) = (table.id.clone(), destination.to_owned());
            Err(Problem::RouteTaken { table, destination })
        }
    }
}

/// Who is let in, to the one port of each kind.
pub(super) fn rules(parts: &Parts<'_>) -> Result<Option<Plan>, Error> {
    let ranges = || parts.cluster.ranges.iter().map(ToString::to_string).collect();
    let clients = &parts.wanted.clients;
    let sources: Vec<String> = if clients.is_empty() { ranges() } else { clients.clone() };
    for store in Store::ALL {
        let (Some(group), port) = (parts.group(store)?, store.port()) else { continue };
        let shut_out = sources.iter().filter(|it| !group.allows(it, port));
        let sources: Vec<String> = shut_out.cloned().collect();
        if !sources.is_empty() {
            let group = group.id.clone();
            return Ok(Some(Plan::Put(Put::Allow { group, port, sources })));
        }
    }
    Ok(None)
}
