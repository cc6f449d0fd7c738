//! An instance that shall not exist: its data is kept by a final snapshot unless the strategy says otherwise.

use proto::ItemId;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use worker::{Call, Step, TurnError, Work};

use crate::aws;
use crate::aws::rds::{Deletion, Instance, Modification, Rds, Setting};
use crate::error::Error;

use super::desired::Target;
use super::known::{self, Known};
use super::message::Wait;
use super::observe::{self, Touched};
use super::observed::{Phase, takes_snapshot};
use super::problem::Problem;
use super::strategy::Strategy;

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
    fn snapshot(&self, known: &Known) -> Option<&str> {
        if self.skips_snapshot || known.deletion.has_snapshot {
            return None;
        }
        let named = self.named_snapshot.as_deref();
        let named = named.filter(|name| known.deletion.taken.as_deref() != Some(name));
        Some(named.unwrap_or(&self.own_snapshot))
    }
}

/// One turn of a deletion.
pub async fn turn(
    rds: &Rds,
    target: &Target,
    policy: &Policy,
    touched: &Touched,
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    let known = Known::of(work);
    let uid = work.item.identity.uid.clone();
    // Nothing is destroyed because of an old listing; a deletion under way is only waited for.
    let not_before =
        if known.deletion.is_asked { touched.not_before(&uid) } else { Instant::now() };
    let instance = observe::instance(rds, target, not_before).await?;
    let id = &target.id;
    let step = match fate(target, instance.as_ref(), policy, &known)? {
        Fate::Hidden => return Ok(Wait::Hidden.into()),
        Fate::Gone => {
            let kept = match known.deletion.final_snapshot.as_deref() {
                Some(name) => rds.snapshot(name).await?.map(|_| name),
                None => None,
            };
            absent(work, gone(id, kept, known.deletion.is_asked))
        }
        Fate::Foreign => absent(
            work,
            format!("rds instance {id} is not owned by this claim and was left untouched"),
        ),
        Fate::Going => return Ok(going(&known, work)),
        Fate::Unprotect => return unprotect(rds, id, touched, work).await,
        Fate::Delete(deletion) => {
            let status = instance.map(|it| it.status).unwrap_or_default();
            let doer = Doer { rds, target, policy, status };
            let step = doer.delete(&deletion, work).await;
            touched.touch(&uid);
            return step;
        }
    };
    touched.forget(&uid);
    Ok(step)
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

/// The means to delete.
struct Doer<'a> {
    rds: &'a Rds,
    target: &'a Target,
    policy: &'a Policy,
    status: String,
}

impl Doer<'_> {
    async fn delete(&self, deletion: &Deletion, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let call = self.rds.delete(&self.target.id, deletion);
        match work.call(known::DELETE, call).await? {
            // A call of unknown outcome is repeated in the same words if the instance is still there.
            Call::Done(()) | Call::Unknown => {
                known::deleted(work, deletion.final_snapshot.as_deref());
                Ok(waiting("deleting", work))
            }
            Call::Refused(error) => match error.kind {
                aws::Kind::State => Ok(waiting(&self.status, work)),
                aws::Kind::AlreadyExists => self.snapshot_exists(deletion, work).await,
                aws::Kind::Invalid => self.refused(error, deletion, work),
                _ => Err(error.into()),
            },
        }
    }

    /// A snapshot of that name exists: a foreign one takes the name, our own keeps the data already.
    async fn snapshot_exists(
        &self,
        deletion: &Deletion,
        work: &mut Work<'_>,
    ) -> Result<Step, TurnError> {
        let name = deletion.final_snapshot.as_deref().unwrap_or_default();
        if name != self.policy.own_snapshot {
            known::name_taken(work, name);
            return Ok(Step::Again);
        }
        let snapshot = self.rds.snapshot(name).await?;
        match snapshot.filter(|it| it.instance.eq_ignore_ascii_case(&self.target.id)) {
            Some(snapshot) if snapshot.status == "available" => {
                known::snapshot_exists(work, name);
                Ok(Step::Again)
            }
            Some(_) => Ok(waiting("being copied into its final snapshot", work)),
            None => Err(Error::NotOwned { what: "rds snapshot", name: name.to_owned() }.into()),
        }
    }

    /// A name that AWS does not accept is no reason to keep the claim.
    fn refused(
        &self,
        error: aws::Error,
        deletion: &Deletion,
        work: &mut Work<'_>,
    ) -> Result<Step, TurnError> {
        let named = deletion.final_snapshot.as_deref().filter(|it| *it != self.policy.own_snapshot);
        if let Some(name) = named {
            known::name_taken(work, name);
            return Ok(Step::Again);
        }
        let (id, code) = (self.target.id.clone(), error.code);
        Err(Error::from(Problem::DeletionRefused { id, code }).into())
    }
}

async fn unprotect(
    rds: &Rds,
    id: &str,
    touched: &Touched,
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    // AWS switches it off at once whatever it is told, and pending changes shall not come with it.
    let settings = vec![Setting::DeletionProtection(false)];
    let modification = Modification { settings, at_once: false, allows_major: false };
    let called = work.call(known::UNPROTECT, rds.modify(id, &modification)).await;
    touched.touch(&work.item.identity.uid);
    match called? {
        Call::Done(_) => Ok(Step::Again),
        Call::Unknown => Ok(waiting("protected", work)),
        Call::Refused(error) if error.kind == aws::Kind::State => Ok(waiting("protected", work)),
        Call::Refused(error) => Err(error.into()),
    }
}

/// Deleting, by us or by somebody else.
fn going(known: &Known, work: &mut Work<'_>) -> Step {
    if !known.deletion.is_asked {
        known::deleted(work, None);
    }
    waiting("deleting", work)
}

fn waiting(status: &str, work: &mut Work<'_>) -> Step {
    known::waiting(work);
    Wait::Deleting { status: status.to_owned(), age: Known::of(work).age }.into()
}

fn gone(id: &str, snapshot: Option<&str>, is_deleted: bool) -> String {
    match snapshot {
        Some(name) => format!("rds instance {id} was deleted; snapshot {name} keeps its data"),
        None if is_deleted => format!("rds instance {id} was deleted without a final snapshot"),
        None => format!("rds instance {id} does not exist"),
    }
}

fn absent(work: &mut Work<'_>, message: String) -> Step {
    work.resolve_intent();
    Step::Absent { message }
}

#[cfg(test)]
mod tests;
