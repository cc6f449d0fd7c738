//! The next step, as a value: from what is desired, observed and known. Pure.

mod change;

use crate::aws::rds::{Instance, Modification, OptIn, PendingAction, Setting};
use crate::change::{Change, When};
use crate::error::Error;
use crate::tags::{self, Tags};

use super::compare::{Comparison, Difference, compare};
use super::desired::Desired;
use super::known::Known;
use super::message::{Report, Wait};
use super::observed::{Observed, Phase};
use super::problem::Problem;
use super::strategy::LostPassword;
use super::version;
use change::{maintain, modify};

/// How a pending change is asked for at once.
pub const NOW: &str = "now ";

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Make the instance with this version: under an intent, in the network as it then is.
    Create(String),
    /// Add these tags: safe to repeat.
    Tag(Tags),
    /// Change it: under an intent.
    Modify(Modification, &'static str),
    /// Do planned maintenance earlier: under an intent.
    Maintain(PendingAction, OptIn),
    /// Give it a new password: under an intent.
    ResetPassword,
    /// Something must show first.
    Wait(Wait),
    /// It is as desired, but for what the report says.
    Ready(Report),
}

/// The next step for an instance that shall exist.
pub fn plan(desired: &Desired, observed: &Observed, known: &Known) -> Result<Plan, Error> {
    let Some(instance) = &observed.instance else { return missing(desired, observed, known) };
    let id = &desired.target.id;
    if !desired.target.owner.owns(&instance.tags) {
        return Err(Error::NotOwned { what: "rds instance", name: id.clone() });
    }
    let phase = Phase::of(&instance.status);
    let stuck = || Problem::Stuck { id: id.clone(), status: instance.status.clone() };
    match phase {
        Phase::Deleting => return Err(Problem::BeingDeleted(id.clone()).into()),
        Phase::Stuck => return Err(stuck().into()),
        Phase::Creating => return Ok(wait(instance, known)),
        Phase::Interrupted if !known.is_published => return Ok(wait(instance, known)),
        _ if instance.endpoint.is_none() => return Ok(wait(instance, known)),
        _ => {}
    }
    if tags::merge(&instance.tags, &desired.tags)?.is_some() {
        return Ok(Plan::Tag(desired.tags.clone()));
    }
    if !observed.has_password {
        return lost_password(desired, instance, phase, known);
    }
    let comparison = compare(desired, instance, known.deletion.has_our_protection)?;
    let mut comparison = checked_version(desired, observed, comparison)?;
    let step = match phase {
        Phase::Available => modify(desired, instance, &comparison, known)
            .or_else(|| maintain(desired, observed, known)),
        Phase::StorageFull => {
            comparison.differences.retain(is_storage);
            comparison.pending.retain(is_storage);
            let growing = || is_growing(&comparison, known).then(|| wait(instance, known));
            let step = modify(desired, instance, &comparison, known).or_else(growing);
            Some(step.ok_or_else(stuck)?)
        }
        // What cannot be changed now waits until AWS is done with what it does.
        _ => None,
    };
    Ok(step.unwrap_or_else(|| Plan::Ready(report(desired, instance, comparison, known))))
}

fn is_storage(difference: &Difference) -> bool {
    matches!(difference.setting, Setting::AllocatedStorage(_))
}

/// AWS has accepted more storage.
fn is_growing(storage: &Comparison, known: &Known) -> bool {
    let has_asked = |it: &Difference| known.has_asked("", &it.setting);
    !storage.pending.is_empty() || storage.differences.iter().any(has_asked)
}

/// Whether the versions that AWS offers decide the next step.
pub fn needs_versions(desired: &Desired, instance: Option<&Instance>, known: &Known) -> bool {
    match instance {
        None => !known.may_be_hidden && !known.was_observed,
        Some(instance) if desired.target.owner.owns(&instance.tags) => {
            compare(desired, instance, true).is_ok_and(|found| {
                found.differences.iter().any(|it| matches!(it.setting, Setting::EngineVersion(_)))
            })
        }
        Some(_) => false,
    }
}

fn missing(desired: &Desired, observed: &Observed, known: &Known) -> Result<Plan, Error> {
    if known.may_be_hidden {
        return Ok(Plan::Wait(Wait::Hidden));
    }
    if known.was_observed {
        return Err(Problem::Gone(desired.target.id.clone()).into());
    }
    let region = &desired.target.place.region;
    let offered = observed.offered.as_deref();
    Ok(Plan::Create(version::of_new(desired.version.as_deref(), offered, region)?))
}

fn wait(instance: &Instance, known: &Known) -> Plan {
    Plan::Wait(Wait::Status { status: instance.status.clone(), age: known.age })
}

fn lost_password(
    desired: &Desired,
    instance: &Instance,
    phase: Phase,
    known: &Known,
) -> Result<Plan, Error> {
    match (desired.lost_password, phase) {
        (LostPassword::NeedsPerson, _) => {
            Err(Problem::PasswordLost(desired.target.id.clone()).into())
        }
        (LostPassword::Reset, Phase::Available) => Ok(Plan::ResetPassword),
        (LostPassword::Reset, _) => Ok(wait(instance, known)),
    }
}

/// A version that is asked for must exist; a major version stands for the newest of its own.
fn checked_version(
    desired: &Desired,
    observed: &Observed,
    mut comparison: Comparison,
) -> Result<Comparison, Error> {
    let Some(offered) = &observed.offered else { return Ok(comparison) };
    for difference in &mut comparison.differences {
        if let Setting::EngineVersion(named) = &mut difference.setting {
            let checked = version::check(named, offered, &desired.target.place.region)?;
            let fits = |it: &&str| version::satisfies(it, &checked);
            let newest = version::newest(offered.iter().map(String::as_str).filter(fits));
            *named = newest.map_or(checked, str::to_owned);
        }
    }
    Ok(comparison)
}

fn report(desired: &Desired, instance: &Instance, comparison: Comparison, known: &Known) -> Report {
    let changes =
        |list: Vec<Difference>| -> Vec<Change> { list.into_iter().map(|it| it.change).collect() };
    let (asked, waiting): (Vec<_>, Vec<_>) =
        comparison.differences.into_iter().partition(|it| known.has_asked("", &it.setting));
    let (held, later): (Vec<_>, Vec<_>) =
        waiting.into_iter().partition(|it| desired.permission.when(it.change.effect) == When::Held);
    let mut notes = comparison.notes;
    notes.extend(desired.notes.clone());
    let mut pending = changes(comparison.pending);
    pending.extend(changes(asked));
    Report {
        id: instance.id.clone(),
        status: instance.status.clone(),
        pending,
        held: changes(held),
        later: changes(later),
        notes,
    }
}

#[cfg(test)]
mod tests;
