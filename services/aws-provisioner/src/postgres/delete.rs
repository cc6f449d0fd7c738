//! An instance that shall not exist: its data is kept by a final snapshot unless the strategy says otherwise.

mod fate;

use tokio::time::Instant;
use worker::{Call, Step, TurnError, Work};

use crate::aws;
use crate::aws::rds::{Deletion, Modification, Rds, Setting};
use crate::error::Error;
use crate::facts::{self, deletion};
use crate::touched::Touched;

pub use fate::{Fate, Policy, fate};

use super::desired::Target;
use super::known::{self, Known};
use super::message::Wait;
use super::observe;
use super::problem::Problem;

/// One turn of a deletion.
pub async fn turn(
    rds: &Rds,
    target: &Target,
    policy: &Policy,
    touched: &Touched,
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    let known = known_of(policy, work);
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
        Fate::Going => {
            if !known.deletion.is_asked {
                known::deleted(work, policy.snapshot(&known));
            }
            return Ok(waiting("deleting", work));
        }
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

/// What is known. A service that was killed does not know what it has asked for, but that it did.
fn known_of(policy: &Policy, work: &mut Work<'_>) -> Known {
    let known = Known::of(work);
    if known.deletion.is_asked || !facts::is_open(work, known::DELETE) {
        return known;
    }
    known::deleted(work, policy.snapshot(&known));
    Known::of(work)
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
            deletion::name_taken(work, name);
            return Ok(Step::Again);
        }
        let snapshot = self.rds.snapshot(name).await?;
        match snapshot.filter(|it| it.source == self.target.id) {
            Some(snapshot) if snapshot.status == "available" => {
                deletion::snapshot_exists(work, name);
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
            deletion::name_taken(work, name);
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

fn waiting(status: &str, work: &mut Work<'_>) -> Step {
    facts::waiting(work);
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
mod tests {
    use super::*;

    #[test]
    fn what_became_of_the_data_is_told() {
        let text = "rds instance db was deleted; snapshot s keeps its data";
        assert_eq!(gone("db", Some("s"), true), text);
        assert_eq!(gone("db", None, true), "rds instance db was deleted without a final snapshot");
        assert_eq!(gone("db", None, false), "rds instance db does not exist");
    }
}
