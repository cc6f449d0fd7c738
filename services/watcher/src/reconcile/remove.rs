//! A claim that is being deleted: tombstone, wait for its record, finalizer.

use std::sync::Arc;

use crds::names;
use proto::{Cluster, Desired, Placement, Provider, Record, State, WorkItem};

use super::observe::Observed;
use super::problem::Problem;
use super::provider::Served;
use super::{desire, mark, publish, report, status};
use crate::context::Context;
use crate::error::Error;
use crate::release;

/// What is next for a claim that is being deleted.
#[derive(Debug, PartialEq)]
enum Step {
    /// Nothing of it is ours.
    Leave,
    /// Nothing was ever made for it: the finalizer goes at once.
    Free,
    /// Something may have been made, and nobody knows where.
    Refuse(Problem),
    /// Ask for its deletion.
    Publish(Box<WorkItem>),
    /// The provisioner is at work.
    Wait,
    /// The resource is gone: the finalizer goes.
    Finish,
}

/// One pass over a claim whose deletion was asked for.
pub(crate) async fn remove(mut observed: Observed, context: &Arc<Context>) -> Result<(), Error> {
    let is_doubted = |last: &WorkItem| context.items.is_doubted(&publish::subject(last));
    let is_doubted = observed.last.as_ref().is_some_and(is_doubted);
    let outcome = match plan(&observed, is_doubted) {
        Step::Leave => return Ok(()),
        Step::Free => return free(&mut observed, context).await,
        Step::Finish => {
            tell_the_end(&observed, context);
            free(&mut observed, context).await?;
            return release::expire(observed.last.as_ref(), context).await;
        }
        Step::Refuse(problem) => Err(problem),
        Step::Wait => Ok(None),
        Step::Publish(tombstone) => {
            // A tombstone rests on what the API server says now, not on a cache.
            let live = status::live(context, &observed.claim).await?;
            if live.is_none_or(|live| live.metadata.deletion_timestamp.is_none()) {
                return Ok(());
            }
            publish::replace(&mut observed, *tombstone, context).await?.map(|()| None)
        }
    };
    report::report(&observed, &outcome, context).await
}

/// `is_doubted`: the last item must be published again.
fn plan(observed: &Observed, is_doubted: bool) -> Step {
    if !observed.claim.has_finalizer() {
        return Step::Leave;
    }
    let provider = match &observed.pin {
        Some(Served::By(provider)) => Ok(*provider),
        Some(Served::Elsewhere(provider)) => Err(Problem::untouchable(provider)),
        None if is_go_operators(observed) => observed.provider.clone(),
        None => return Step::Free,
    };
    let tombstone = match provider {
        Ok(provider) => tombstone(observed, provider),
        Err(problem) => return Step::Refuse(problem),
    };
    match &observed.last {
        Some(last) if last.asks_same_as(&tombstone) => {
            if is_absent(last, observed.provisioner.as_ref()) {
                Step::Finish
            } else if is_doubted {
                Step::Publish(Box::new(tombstone))
            } else {
                Step::Wait
            }
        }
        _ => Step::Publish(Box::new(tombstone)),
    }
}

/// The Go operator left its traces, so something of its may exist.
fn is_go_operators(observed: &Observed) -> bool {
    let claim = &observed.claim;
    claim.annotations.contains_key(names::RESOURCE_IDENTIFIER)
        || (claim.status.phase.is_some() && claim.status.observed_generation.is_none())
}

/// The strategy as it is now, else the last one, else none: then data is kept.
fn tombstone(observed: &Observed, provider: Provider) -> WorkItem {
    let last = observed.last.as_ref();
    let last_strategy = || last.and_then(|last| last.strategy.clone());
    let strategy = observed.strategy.clone().ok().or_else(last_strategy);
    let placement = desire::pinned_placement(observed, provider);
    let placement = placement.unwrap_or_else(|| Placement::at(provider));
    let tombstone = desire::item(observed, placement, strategy, Desired::Absent);
    WorkItem { cluster: cluster(tombstone.cluster, last), ..tombstone }
}

/// External names hold the cluster id: a setting that was lost must not hide what exists.
fn cluster(cluster: Cluster, last: Option<&WorkItem>) -> Cluster {
    match last {
        Some(last) if cluster.id.is_empty() => last.cluster.clone(),
        _ => cluster,
    }
}

/// The provider says that it does not exist, and says it of this very tombstone.
pub(crate) fn is_absent(tombstone: &WorkItem, record: Option<&Record>) -> bool {
    tombstone.desired == Desired::Absent
        && record.is_some_and(|record| {
            record.item_id == tombstone.item_id && record.state == State::Absent
        })
}

/// What became of the data, such as a bucket that is kept because it holds objects: the claim cannot say so any more.
fn tell_the_end(observed: &Observed, context: &Context) {
    let message = observed.provisioner.as_ref().map_or("", |record| record.message.as_str());
    let Observed { claim, .. } = observed;
    tracing::info!(claim.uid, claim.name, claim.namespace, resource.end = message, "deleted");
    context.events.tell_deleted(claim, message);
}

async fn free(observed: &mut Observed, context: &Arc<Context>) -> Result<(), Error> {
    let claim = &mut observed.claim;
    let patch = mark::remove_finalizer(claim);
    status::patch_object(context, claim, patch).await?;
    tracing::info!(claim.uid, claim.name, claim.namespace, "released");
    Ok(())
}

#[cfg(test)]
mod tests;
