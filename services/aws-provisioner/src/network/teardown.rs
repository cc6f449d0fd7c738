//! A network that shall not exist.
//!
//! First its record says `closing`, which keeps databases from being made in it; then it is checked that none lives in
//! it, ours or anybody's; then its parts are removed in the reverse order of making. The subnet groups come first: AWS
//! refuses to remove one that is used, and without them nothing can be made. Who lives in it opens it again.

mod remains;
mod residents;

use worker::{Call, Step, TurnError, Work};

use crate::aws::{self, Clients, Kind};
use crate::facts;

use super::desired::{Store, Target};
use super::known::{self, Known, REMOVE};
use super::message::Wait;
use super::observe::subnet_groups;
use remains::{Fate, Part, Remains, fate};
use residents::residents;

pub use remains::is_own_route;

/// One turn.
pub async fn turn(
    clients: &Clients,
    target: &Target,
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    let remains = look(clients, target).await?;
    match fate(target, &remains, &Known::of(work)).map_err(crate::Error::from)? {
        Fate::Gone => {
            known::gone(work);
            Ok(Step::Absent { message: "nothing of the network is left".to_owned() })
        }
        Fate::Hidden => Ok(wait(work, |_| Wait::Hidden)),
        Fate::Going(what) => Ok(wait(work, |age| Wait::Removing { what, age })),
        Fate::Remove(parts) => {
            if let Some(by) = closed(clients, target, &remains, work).await? {
                known::reopened(work);
                return Ok(wait(work, |age| Wait::InUse { by, age }));
            }
            remove(clients, target, &parts, work).await
        }
    }
}

/// Closes the network. `Some`: who lives in it.
async fn closed(
    clients: &Clients,
    target: &Target,
    remains: &Remains,
    work: &mut Work<'_>,
) -> Result<Option<String>, TurnError> {
    if !Known::of(work).is_closing {
        if let Some(by) = residents(work.bus, clients, target, remains).await? {
            return Ok(Some(by));
        }
        known::closing(work);
        work.remember().await?;
    }
    residents(work.bus, clients, target, remains).await
}

async fn remove(
    clients: &Clients,
    target: &Target,
    parts: &[Part],
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    let is_vpc = if let [Part::Vpc(vpc)] = parts {
        known::going(work, vpc);
        true
    } else {
        false
    };
    // Of each, a repeat does nothing: parts of one kind go under one intent.
    let removal = async {
        for part in parts {
            remove_one(clients, target, part).await?;
        }
        Ok::<(), aws::Error>(())
    };
    match work.call(REMOVE, removal).await? {
        Call::Done(()) => {
            if is_vpc {
                known::removed(work);
            }
            facts::arrived(work);
            Ok(Step::Again)
        }
        Call::Unknown => Ok(wait(work, |age| Wait::Outcome { age })),
        // Somebody has moved in since we looked, or AWS has not noticed yet who has gone.
        Call::Refused(error) if matches!(error.kind, Kind::InUse | Kind::State) => {
            known::reopened(work);
            let by = "something that AWS does not name".to_owned();
            Ok(wait(work, |age| Wait::InUse { by, age }))
        }
        Call::Refused(error) => Err(error.into()),
    }
}

async fn remove_one(clients: &Clients, target: &Target, part: &Part) -> Result<(), aws::Error> {
    let ec2 = &clients.ec2;
    match part {
        Part::SubnetGroup(Store::Postgres) => clients.rds.delete_subnet_group(&target.name).await,
        Part::SubnetGroup(Store::Redis) => {
            clients.elasticache.delete_subnet_group(&target.name).await
        }
        Part::Route { table, destination } => ec2.delete_route(table, destination).await,
        Part::Peering(id) => ec2.delete_peering(id).await,
        Part::Subnet(id) => ec2.delete_subnet(id).await,
        Part::Group(id) => ec2.delete_group(id).await,
        Part::Vpc(id) => ec2.delete_vpc(id).await,
    }
}

fn wait(work: &mut Work<'_>, on: impl FnOnce(std::time::Duration) -> Wait) -> Step {
    facts::waiting(work);
    on(Known::of(work).age).into()
}

async fn look(clients: &Clients, target: &Target) -> Result<Remains, aws::Error> {
    let ec2 = &clients.ec2;
    let (vpcs, (db_group, cache_group)) =
        tokio::try_join!(ec2.vpcs(), subnet_groups(clients, target))?;
    let remains = Remains { db_group, cache_group, ..Remains::default() };
    // Of two, one after the other.
    let Some(vpc) = vpcs.into_iter().find(|it| target.owner.may_delete(&it.tags)) else {
        return Ok(remains);
    };
    let range = vpc.ranges.first().map(ToString::to_string).unwrap_or_default();
    let (subnets, groups, tables, peerings) = tokio::try_join!(
        ec2.subnets_of(&vpc.id),
        ec2.groups_of(&vpc.id),
        ec2.tables_to(&range),
        ec2.peerings(),
    )?;
    Ok(Remains { vpc: Some(vpc), subnets, groups, tables, peerings, ..remains })
}
