//! The turn of a tombstone: everything of the claim goes, its data too. It needs no strategy (W-13).

use crds::conditions::reasons;
use worker::{Step, TurnError, Work};

use crate::apply::{Cluster, Object};
use crate::error::Error;
use crate::observed::Observed;
use crate::provision::AWAIT_DELETION;

/// Deletes what is left, all at once: the volume outlives its pod by itself. Done when nothing is found any more.
pub(crate) async fn step(
    cluster: &Cluster,
    work: &mut Work<'_>,
    observed: Observed,
) -> Result<Step, TurnError> {
    let observed = observed.without_foreign(&work.item.identity.uid);
    let left: Vec<&str> = observed.present().map(|(kind, _)| kind).collect();
    if left.is_empty() && work.absence_is_proof() {
        work.resolve_intent();
        return Ok(Step::Absent { message: "deletion complete".to_owned() });
    }
    delete_once(cluster, observed.deployment.as_ref()).await?;
    delete_once(cluster, observed.service.as_ref()).await?;
    delete_once(cluster, observed.volume.as_ref()).await?;
    Ok(Step::Wait { after: AWAIT_DELETION, reason: reasons::DELETING, message: message(&left) })
}

fn message(left: &[&str]) -> String {
    match left {
        [] => "deletion in progress: a volume that was asked for may still appear".to_owned(),
        left => format!("deletion in progress: {} left", left.join(", ")),
    }
}

async fn delete_once<K: Object>(cluster: &Cluster, observed: Option<&K>) -> Result<(), Error> {
    match observed {
        Some(object) if object.meta().deletion_timestamp.is_none() => cluster.delete(object).await,
        _ => Ok(()),
    }
}
