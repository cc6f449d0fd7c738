//! A snapshot that shall not exist, unless its object says that it outlives it.

use tokio::time::Instant;
use worker::{Call, Step, TurnError, Work};

use crate::aws;
use crate::error::Error;
use crate::facts;

use super::Target;
use super::known::{self, DELETE, Known};
use super::plan::{Fate, Wait, Whose, fate, is_busy};
use super::store::Store;

/// One turn of a deletion.
pub(super) async fn turn(
    store: Store<'_>,
    target: &Target,
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    facts::waiting(work);
    let name = &target.name;
    // Nothing is destroyed because of an old listing.
    let snapshot = store.snapshot(name, Instant::now()).await?;
    // AWS tells tags of what it is not busy with.
    let whose = match snapshot.as_ref().filter(|it| !is_busy(it)) {
        Some(found) => target.whose(&store.tags(found).await?),
        None => Whose::Unknown,
    };
    if snapshot.is_some() {
        known::seen(work);
    }
    match fate(snapshot.as_ref(), whose, Known::of(work)) {
        Fate::Wait(wait) => Ok(wait.step(facts::waited(work))),
        Fate::Gone => Ok(absent(work, format!("snapshot {name} deleted"))),
        Fate::Foreign => Ok(absent(
            work,
            format!("snapshot {name} is not owned by this claim and was left untouched"),
        )),
        Fate::Disowned => Err(Error::NotOwned { what: "snapshot", name: name.clone() }.into()),
        Fate::Delete => match work.call(DELETE, store.delete(name)).await? {
            Call::Done(()) => Ok(Step::Again),
            Call::Unknown => Ok(Wait::Deleting("unknown".to_owned()).step(facts::waited(work))),
            Call::Refused(error) if error.kind == aws::Kind::State => {
                let status = snapshot.map(|it| it.status).unwrap_or_default();
                Ok(Wait::Deleting(status).step(facts::waited(work)))
            }
            Call::Refused(error) => Err(error.into()),
        },
    }
}

/// Nothing is left to do.
pub(super) fn absent(work: &mut Work<'_>, message: String) -> Step {
    work.resolve_intent();
    Step::Absent { message }
}
