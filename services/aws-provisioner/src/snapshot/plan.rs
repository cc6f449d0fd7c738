//! The next step, as a value: from what is observed and known. Pure.

use std::time::Duration;

use worker::{ABSENCE_PROOF, Step};

use crate::aws::Snapshot;
use crate::waiting::{LOOK_AGAIN, since, until_next_look};

use super::known::Known;
use super::problem::Problem;

const DELETING: &str = "deleting";
const MISSING: &str = "not visible yet";

/// What a snapshot is taken of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Whether AWS accepts a snapshot of it now.
    pub is_available: bool,
    /// The text of the API.
    pub status: String,
    /// The node to name, where AWS wants one.
    pub node: Option<String>,
}

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Take it.
    Create,
    /// Something must show or end first.
    Wait(Wait),
    /// It is there.
    Ready,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A snapshot that may have been begun.
    Hidden,
    /// What it is taken of.
    Source(String),
    /// AWS is taking it.
    Taking(String),
    /// AWS is deleting it, or will when it is done with what it does.
    Deleting(String),
}

/// The next step for a snapshot that shall exist; `source` counts only while it does not. AWS may not show at once
/// what was just made: a source is gone only when it is still missing after a while.
pub fn plan(
    name: &str,
    snapshot: Option<&Snapshot>,
    (source_id, source): (&str, Option<&Source>),
    known: Known,
) -> Result<Plan, Problem> {
    let gone = || Problem::SourceGone(source_id.to_owned());
    match snapshot {
        Some(snapshot) => taken(snapshot),
        None if known.may_be_hidden => Ok(Plan::Wait(Wait::Hidden)),
        // Whoever deleted it does not want it again under a name that says when it was taken (W-09).
        None if known.was_observed => Err(Problem::Gone(name.to_owned())),
        None => match source {
            Some(source) if source.is_available => Ok(Plan::Create),
            Some(source) if source.status == DELETING => Err(gone()),
            Some(source) => Ok(Plan::Wait(Wait::Source(source.status.clone()))),
            None if known.source_missing < ABSENCE_PROOF => {
                Ok(Plan::Wait(Wait::Source(MISSING.to_owned())))
            }
            None => Err(gone()),
        },
    }
}

fn taken(snapshot: &Snapshot) -> Result<Plan, Problem> {
    match snapshot.status.as_str() {
        "available" | "copying" | "restoring" | "exporting" => Ok(Plan::Ready),
        "failed" | "incompatible-restore" | "incompatible-parameters" => {
            Err(Problem::Stuck { name: snapshot.name.clone(), status: snapshot.status.clone() })
        }
        DELETING => Err(Problem::Gone(snapshot.name.clone())),
        status => Ok(Plan::Wait(Wait::Taking(status.to_owned()))),
    }
}

/// What becomes of a snapshot that shall not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It does not exist, and that is proven.
    Gone,
    /// It was never ours, or is another claim's by now.
    Foreign,
    /// It was ours once, and its tags do not say so any more.
    Disowned,
    /// Delete it.
    Delete,
    /// Something must show or end first.
    Wait(Wait),
}

/// Whose a snapshot is, by its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This claim's.
    Ours,
    /// That of a claim of the same name that came later.
    Successors,
    /// They do not say.
    Unknown,
}

/// What becomes of it.
pub fn fate(snapshot: Option<&Snapshot>, whose: Whose, known: Known) -> Fate {
    match snapshot {
        None if known.may_be_hidden => Fate::Wait(Wait::Hidden),
        None => Fate::Gone,
        Some(busy) if is_busy(busy) => Fate::Wait(Wait::Deleting(busy.status.clone())),
        Some(_) => match whose {
            Whose::Ours => Fate::Delete,
            Whose::Unknown if known.is_ours => Fate::Disowned,
            Whose::Unknown | Whose::Successors => Fate::Foreign,
        },
    }
}

/// Whether AWS is making or deleting it, and deletes it not before the end of that.
pub fn is_busy(snapshot: &Snapshot) -> bool {
    ["creating", DELETING].contains(&snapshot.status.as_str())
}

impl Wait {
    /// The step that waits; `age` is for how long it has been waited for.
    pub(super) fn step(self, age: Duration) -> Step {
        let next = until_next_look(age);
        let (after, reason, message) = match self {
            Self::Hidden => (
                LOOK_AGAIN,
                "SnapshotNotVisibleYet",
                "waiting until AWS shows the snapshot that was asked for".to_owned(),
            ),
            Self::Source(status) => (
                next,
                "WaitingForResource",
                format!("waiting for its resource to be available, it is {status}{}", since(age)),
            ),
            Self::Taking(status) => {
                (next, "Provisioning", format!("current snapshot status : {status}{}", since(age)))
            }
            Self::Deleting(status) => (
                next,
                "Deleting",
                format!("snapshot deletion started, its status is {status}{}", since(age)),
            ),
        };
        Step::Wait { after, reason, message }
    }
}

#[cfg(test)]
mod tests;
