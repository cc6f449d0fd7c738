//! A replication group that shall not exist: its data is kept by a final snapshot unless the strategy says otherwise.

mod fate;

use tokio::time::Instant;
use worker::{Call, Step, TurnError, Work};

use crate::aws;
use crate::aws::elasticache::{ElastiCache, Group};
use crate::error::Error;
use crate::facts::{self, deletion};
use crate::tags::Tags;
use crate::touched::Touched;

pub use fate::{Fate, Policy, fate};

use super::desired::Target;
use super::known::{self, Known};
use super::message::Wait;
use super::observe;
use super::observed::Phase;
use super::problem::Problem;

/// One turn of a deletion.
pub async fn turn(
    elasticache: &ElastiCache,
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
    let group = observe::group(elasticache, target, not_before).await?;
    let tags = tags(elasticache, target, group.as_ref()).await?;
    let id = &target.id;
    let step = match fate(target, group.as_ref(), tags.as_ref(), policy, &known)? {
        Fate::Hidden => return Ok(Wait::Hidden.into()),
        Fate::Gone => absent(work, gone(elasticache, id, &known).await?),
        Fate::Foreign => absent(
            work,
            format!("replication group {id} is not owned by this claim and was left untouched"),
        ),
        Fate::Going => {
            if !known.deletion.is_asked {
                known::deleted(work, policy.snapshot(&known));
            }
            return Ok(waiting("deleting", work));
        }
        Fate::Busy(status) => return Ok(waiting(&status, work)),
        Fate::Delete(final_snapshot) => {
            let status = group.map(|it| it.status).unwrap_or_default();
            let doer = Doer { elasticache, target, policy, status };
            let step = doer.delete(final_snapshot.as_deref(), work).await;
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

/// A name alone may be that of a claim that came later, so tags are read before anything is destroyed.
async fn tags(
    elasticache: &ElastiCache,
    target: &Target,
    group: Option<&Group>,
) -> Result<Option<Tags>, aws::Error> {
    match group {
        Some(group) if Phase::of(&group.status) != Phase::Deleting => {
            observe::tags(elasticache, target, group).await
        }
        _ => Ok(None),
    }
}

/// The means to delete.
struct Doer<'a> {
    elasticache: &'a ElastiCache,
    target: &'a Target,
    policy: &'a Policy,
    status: String,
}

impl Doer<'_> {
    async fn delete(&self, snapshot: Option<&str>, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let call = self.elasticache.delete(&self.target.id, snapshot);
        match work.call(known::DELETE, call).await? {
            // A call of unknown outcome is repeated in the same words if the group is still there.
            Call::Done(()) | Call::Unknown => {
                known::deleted(work, snapshot);
                Ok(waiting("deleting", work))
            }
            Call::Refused(error) => match error.kind {
                aws::Kind::State => Ok(waiting(&self.status, work)),
                aws::Kind::AlreadyExists => self.snapshot_exists(snapshot, work).await,
                aws::Kind::Invalid => self.refused(error, snapshot, work),
                _ => Err(error.into()),
            },
        }
    }

    /// A snapshot of that name exists: a foreign one takes the name, our own keeps the data already.
    async fn snapshot_exists(
        &self,
        snapshot: Option<&str>,
        work: &mut Work<'_>,
    ) -> Result<Step, TurnError> {
        let name = snapshot.unwrap_or_default();
        if name != self.policy.own_snapshot {
            deletion::name_taken(work, name);
            return Ok(Step::Again);
        }
        let found = self.elasticache.snapshot(name).await?;
        match found.filter(|it| it.source == self.target.id) {
            Some(found) if found.status == "available" => {
                deletion::snapshot_exists(work, name);
                Ok(Step::Again)
            }
            Some(_) => Ok(waiting("snapshotting", work)),
            None => {
                Err(Error::NotOwned { what: "elasticache snapshot", name: name.to_owned() }.into())
            }
        }
    }

    /// A name that AWS does not accept is no reason to keep the claim.
    fn refused(
        &self,
        error: aws::Error,
        snapshot: Option<&str>,
        work: &mut Work<'_>,
    ) -> Result<Step, TurnError> {
        if let Some(name) = snapshot.filter(|it| *it != self.policy.own_snapshot) {
            deletion::name_taken(work, name);
            return Ok(Step::Again);
        }
        let (id, code) = (self.target.id.clone(), error.code);
        Err(Error::from(Problem::DeletionRefused { id, code }).into())
    }
}

fn waiting(status: &str, work: &mut Work<'_>) -> Step {
    facts::waiting(work);
    Wait::Deleting { status: status.to_owned(), age: Known::of(work).age }.into()
}

/// What became of the data, as far as AWS shows it.
async fn gone(elasticache: &ElastiCache, id: &str, known: &Known) -> Result<String, aws::Error> {
    let kept = match known.deletion.final_snapshot.as_deref() {
        Some(name) => elasticache.snapshot(name).await?.map(|_| name),
        None => None,
    };
    Ok(told(id, kept, known.deletion.is_asked))
}

fn told(id: &str, snapshot: Option<&str>, is_deleted: bool) -> String {
    match snapshot {
        Some(name) => format!("replication group {id} was deleted; snapshot {name} keeps its data"),
        None if is_deleted => {
            format!("replication group {id} was deleted without a final snapshot")
        }
        None => format!("replication group {id} does not exist"),
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
        let text = "replication group c was deleted; snapshot s keeps its data";
        assert_eq!(told("c", Some("s"), true), text);
        let lost = "replication group c was deleted without a final snapshot";
        assert_eq!(told("c", None, true), lost);
        assert_eq!(told("c", None, false), "replication group c does not exist");
    }
}
