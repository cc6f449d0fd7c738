//! What becomes of an instance that shall not exist: from what is observed, known and allowed. Pure.

use proto::ItemId;
use sha2::{Digest as _, Sha256};

use crate::aws::rds::{Deletion, Instance, Setting};
use crate::error::Error;

use super::super::desired::Target;
use super::super::known::Known;
use super::super::observed::{Phase, takes_snapshot};
use super::super::problem::Problem;
use super::super::strategy::Strategy;

/// How the strategy wants it to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What the strategy says of deletion protection in so many words.
    pub protection: Option<bool>,
    /// The data may be lost.
    pub skips_snapshot: bool,
    /// Automated backups go too.
    pub deletes_backups: bool,
    /// The name that the strategy gives the final snapshot.
    pub named_snapshot: Option<String>,
    /// A name of our own, the same for every repeat of this deletion.
    pub own_snapshot: String,
}

/// What becomes of the instance.
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
    /// We have protected it, so we may switch that off.
    Unprotect,
    /// It is ours.
    Delete(Deletion),
}

impl Policy {
    /// Of a strategy; `None` is one that cannot be read: then every copy of the data is kept.
    pub fn new(strategy: Option<&Strategy>, target: &Target, item: &ItemId) -> Self {
        let delete = strategy.map(|it| it.delete_strategy.clone()).unwrap_or_default();
        Self {
            protection: strategy.and_then(|it| it.create_strategy.deletion_protection),
            skips_snapshot: delete.skip_final_snapshot.unwrap_or(false),
            deletes_backups: strategy.is_some() && delete.delete_automated_backups.unwrap_or(true),
            named_snapshot: delete.final_snapshot,
            own_snapshot: own_snapshot(&target.id, item),
        }
    }

    /// The snapshot to take, if any is still to be taken.
    pub(in super::super) fn snapshot(&self, known: &Known) -> Option<&str> {
        let named = self.named_snapshot.as_deref();
        known.deletion.snapshot(named, &self.own_snapshot).filter(|_| !self.skips_snapshot)
    }
}

/// What becomes of an instance (`None`: it was not found). Pure.
pub fn fate(
    target: &Target,
    instance: Option<&Instance>,
    policy: &Policy,
    known: &Known,
) -> Result<Fate, Error> {
    let Some(instance) = instance else {
        return Ok(if known.may_be_hidden { Fate::Hidden } else { Fate::Gone });
    };
    if !target.owner.may_delete(&instance.tags) {
        // It was ours once: somebody must say whose it is now.
        if known.was_observed && !target.owner.is_successors(&instance.tags) {
            return Err(Error::NotOwned { what: "rds instance", name: target.id.clone() });
        }
        return Ok(Fate::Foreign);
    }
    if Phase::of(&instance.status) == Phase::Deleting {
        return Ok(Fate::Going);
    }
    if instance.settings.contains(&Setting::DeletionProtection(true)) {
        return Ok(protected(target, policy, known).map(|()| Fate::Unprotect)?);
    }
    Ok(Fate::Delete(deletion(instance, policy, known)?))
}

/// Ours to switch off is what nobody asked for: the default, and what an earlier strategy has set.
fn protected(target: &Target, policy: &Policy, known: &Known) -> Result<(), Problem> {
    match policy.protection {
        None => Ok(()),
        Some(false) if known.deletion.has_our_protection => Ok(()),
        Some(false) => Err(Problem::Protected(target.id.clone())),
        Some(true) => Err(Problem::ProtectedByStrategy(target.id.clone())),
    }
}

fn deletion(instance: &Instance, policy: &Policy, known: &Known) -> Result<Deletion, Problem> {
    let snapshot = policy.snapshot(known);
    let deletes_backups = policy.deletes_backups;
    if snapshot.is_none() || takes_snapshot(&instance.status) {
        return Ok(Deletion { final_snapshot: snapshot.map(str::to_owned), deletes_backups });
    }
    // AWS takes no snapshot of it: its automated backups are the copy that is kept.
    let has_backups =
        instance.settings.iter().any(|it| matches!(it, Setting::BackupRetention(1..)));
    if has_backups {
        return Ok(Deletion { final_snapshot: None, deletes_backups: false });
    }
    let (id, status) = (instance.id.clone(), instance.status.clone());
    Err(Problem::NothingKeepsData { id, status })
}

/// `<identifier>-final-<12 hex digits>`: a repeat of the same deletion has the same, another deletion another.
fn own_snapshot(id: &str, item: &ItemId) -> String {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(item.as_str())[..6]);
    format!("{id}-final-{hash}")
}

#[cfg(test)]
mod tests;
