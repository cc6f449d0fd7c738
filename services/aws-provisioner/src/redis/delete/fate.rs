//! What becomes of a replication group that shall not exist: from what is observed, known and allowed. Pure.

use proto::ItemId;

use crate::aws::elasticache::Group;
use crate::error::Error;
use crate::naming::short_final_name;
use crate::tags::Tags;

use super::super::desired::Target;
use super::super::known::Known;
use super::super::observed::{Phase, takes_snapshot};
use super::super::problem::Problem;
use super::super::strategy::Strategy;

/// How the strategy wants it to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The data may be lost.
    pub skips_snapshot: bool,
    /// The name that the strategy gives the final snapshot.
    pub named_snapshot: Option<String>,
    /// A name of our own, the same for every repeat of this deletion.
    pub own_snapshot: String,
}

/// What becomes of the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It does not exist, and that is proven.
    Gone,
    /// AWS may not show it yet.
    Hidden,
    /// It was never ours, or is another claim's by now.
    Foreign,
    /// It is going.
    Going,
    /// AWS does not tell whose it is in this state.
    Busy(String),
    /// It is ours; the final snapshot to take.
    Delete(Option<String>),
}

impl Policy {
    /// Of a strategy; `None` is one that cannot be read: then the data is kept.
    pub fn new(strategy: Option<&Strategy>, target: &Target, item: &ItemId) -> Self {
        let named = strategy.and_then(|it| it.delete_strategy.final_snapshot_identifier.clone());
        Self {
            skips_snapshot: named.as_deref() == Some(""),
            named_snapshot: named.filter(|name| !name.is_empty()),
            own_snapshot: short_final_name(&target.id, item),
        }
    }

    /// The snapshot to take, if any is still to be taken.
    pub(in super::super) fn snapshot(&self, known: &Known) -> Option<&str> {
        let named = self.named_snapshot.as_deref();
        known.deletion.snapshot(named, &self.own_snapshot).filter(|_| !self.skips_snapshot)
    }
}

/// What becomes of a group (`None`: it was not found) with these tags (`None`: AWS does not tell them). Pure.
pub fn fate(
    target: &Target,
    group: Option<&Group>,
    tags: Option<&Tags>,
    policy: &Policy,
    known: &Known,
) -> Result<Fate, Error> {
    let Some(group) = group else {
        return Ok(if known.may_be_hidden { Fate::Hidden } else { Fate::Gone });
    };
    if Phase::of(&group.status) == Phase::Deleting {
        return Ok(Fate::Going);
    }
    let owner = &target.owner;
    match tags {
        Some(tags) if owner.may_delete(tags) => {}
        // It was ours once: somebody must say whose it is now.
        Some(tags) if known.was_observed && !owner.is_successors(tags) => {
            return Err(Error::NotOwned { what: "replication group", name: target.id.clone() });
        }
        Some(_) => return Ok(Fate::Foreign),
        None if known.owner.is_ours || known.owner.was_asked_for => {}
        None if Phase::of(&group.status) == Phase::Stuck => {
            return Err(Problem::Unidentified(target.id.clone()).into());
        }
        None => return Ok(Fate::Busy(group.status.clone())),
    }
    let snapshot = policy.snapshot(known).filter(|_| takes_snapshot(&group.status));
    Ok(Fate::Delete(snapshot.map(str::to_owned)))
}

#[cfg(test)]
mod tests;
