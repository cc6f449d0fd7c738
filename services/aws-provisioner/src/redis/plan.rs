//! The next step, as a value: from what is desired, observed and known. Pure.

mod change;

use crate::aws::elasticache::{Group, Modification, Setting, Update};
use crate::change::{Change, When};
use crate::error::Error;
use crate::tags::{self, Tags};

use super::compare::{Comparison, Difference, compare};
use super::desired::{Desired, version_of_new};
use super::known::Known;
use super::message::{Report, Wait};
use super::observed::{Observed, Phase};
use super::problem::Problem;
use super::strategy::LostPassword;
use super::version;
use change::{modify, update, waiting_updates};

/// How a pending change is asked for at once.
pub const NOW: &str = "now ";

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Make the group with this version: under an intent, in the network as it then is.
    Create(String),
    /// Add these tags: safe to repeat.
    Tag(Tags),
    /// Change it: under an intent.
    Modify(Modification, &'static str),
    /// Apply a service update: under an intent.
    Update(Update),
    /// Give it a new token: under an intent.
    RotateToken,
    /// Something must show first.
    Wait(Wait),
    /// It is as desired, but for what the report says.
    Ready(Report),
}

/// The next step for a group that shall exist.
pub fn plan(desired: &Desired, observed: &Observed, known: &Known) -> Result<Plan, Error> {
    let Some(group) = &observed.group else { return missing(desired, observed, known) };
    let id = &desired.target.id;
    match whose(desired, observed, known) {
        // AWS tells tags only while the group is available; one that never will be is nobody's to wait for.
        Whose::Unknown if Phase::of(&group.status) != Phase::Stuck => {
            return Ok(wait(group, known));
        }
        Whose::Ours | Whose::Unknown => {}
        Whose::Foreign => {
            return Err(Error::NotOwned { what: "replication group", name: id.clone() });
        }
    }
    let phase = Phase::of(&group.status);
    match phase {
        Phase::Deleting => return Err(Problem::BeingDeleted(id.clone()).into()),
        Phase::Stuck => {
            let (id, status) = (id.clone(), group.status.clone());
            return Err(Problem::Stuck { id, status }.into());
        }
        Phase::Creating => return Ok(wait(group, known)),
        Phase::Interrupted if !known.is_published => return Ok(wait(group, known)),
        _ if group.endpoint.is_none() => return Ok(wait(group, known)),
        _ => {}
    }
    let is_available = phase == Phase::Available;
    if let Some(tags) = &observed.tags
        && is_available
        && tags::merge(tags, &desired.tags)?.is_some()
    {
        return Ok(Plan::Tag(desired.tags.clone()));
    }
    if group.has_auth && !observed.has_password {
        return lost_password(desired, group, phase, known);
    }
    let comparison = compare(desired, group, observed)?;
    let comparison = checked_version(desired, group, observed, comparison)?;
    // What cannot be changed now waits until AWS is done with what it does.
    let step = is_available.then(|| {
        let modify = modify(desired, observed, &comparison, known);
        modify.or_else(|| update(desired, observed, known))
    });
    let report = || report(desired, group, observed, comparison, known);
    Ok(step.flatten().unwrap_or_else(|| Plan::Ready(report())))
}

/// Whose a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Ours,
    Unknown,
    Foreign,
}

fn whose(desired: &Desired, observed: &Observed, known: &Known) -> Whose {
    match &observed.tags {
        Some(tags) if desired.target.owner.owns(tags) => Whose::Ours,
        Some(_) => Whose::Foreign,
        None if known.owner.is_ours => Whose::Ours,
        None => Whose::Unknown,
    }
}

/// Whether members decide the next step: the group does not tell all that they have, nor what is pending there and
/// would come with a change that is made at once.
pub fn needs_members(desired: &Desired, group: &Group, known: &Known) -> bool {
    let of_group = Observed { group: Some(group.clone()), ..Observed::default() };
    let differs = || compare(desired, group, &of_group).is_ok_and(|it| !it.differences.is_empty());
    desired.names_what_members_have() || known.asked.is_open || differs()
}

/// Whether the versions that AWS offers decide the next step.
pub fn needs_versions(desired: &Desired, observed: &Observed, known: &Known) -> bool {
    match &observed.group {
        None => !known.may_be_hidden && !known.was_observed,
        Some(group) => compare(desired, group, observed).is_ok_and(|found| {
            found.differences.iter().any(|it| matches!(it.setting, Setting::EngineVersion(_)))
        }),
    }
}

fn missing(desired: &Desired, observed: &Observed, known: &Known) -> Result<Plan, Error> {
    if known.may_be_hidden {
        return Ok(Plan::Wait(Wait::Hidden));
    }
    if known.was_observed {
        return Err(Problem::Gone(desired.target.id.clone()).into());
    }
    Ok(Plan::Create(version_of_new(desired, observed.offered.as_deref())?))
}

fn wait(group: &Group, known: &Known) -> Plan {
    Plan::Wait(Wait::Status { status: group.status.clone(), age: known.age })
}

fn lost_password(
    desired: &Desired,
    group: &Group,
    phase: Phase,
    known: &Known,
) -> Result<Plan, Error> {
    match (desired.lost_password, phase) {
        (LostPassword::NeedsPerson, _) => {
            Err(Problem::PasswordLost(desired.target.id.clone()).into())
        }
        (LostPassword::Reset, Phase::Available) => Ok(Plan::RotateToken),
        (LostPassword::Reset, _) => Ok(wait(group, known)),
    }
}

/// A version that is asked for must exist; a major version stands for the newest of its own.
fn checked_version(
    desired: &Desired,
    group: &Group,
    observed: &Observed,
    mut comparison: Comparison,
) -> Result<Comparison, Error> {
    let Some(offered) = &observed.offered else { return Ok(comparison) };
    let engine = group.engine.as_deref().unwrap_or(desired.new_engine());
    let region = &desired.target.place.region;
    for difference in &mut comparison.differences {
        if let Setting::EngineVersion(named) = &mut difference.setting {
            *named = version::check(engine, named, offered, region)?;
        }
    }
    Ok(comparison)
}

fn report(
    desired: &Desired,
    group: &Group,
    observed: &Observed,
    comparison: Comparison,
    known: &Known,
) -> Report {
    let changes =
        |list: Vec<Difference>| -> Vec<Change> { list.into_iter().map(|it| it.change).collect() };
    let (asked, waiting): (Vec<_>, Vec<_>) =
        comparison.differences.into_iter().partition(|it| known.has_asked("", &it.setting));
    let (held, later): (Vec<_>, Vec<_>) =
        waiting.into_iter().partition(|it| desired.permission.when(it.change.effect) == When::Held);
    let mut notes = comparison.notes;
    notes.extend(waiting_updates(desired, observed, known));
    notes.extend(desired.notes.clone());
    let mut pending = changes(comparison.pending);
    pending.extend(changes(asked));
    let status = group.status.clone();
    Report { status, pending, held: changes(held), later: changes(later), notes }
}

#[cfg(test)]
mod tests;
