//! A claim that is being deleted: tombstone, wait for its record, finalizer.

use std::sync::Arc;

use crds::{Claim, names};
use proto::{Desired, Placement, Provider, State, WorkItem};

use super::observe::{Observed, pinned};
use super::{desire, mark, publish, report, status};
use crate::context::Context;
use crate::error::Error;
use crate::release;

/// One pass over a claim whose deletion was asked for.
pub(crate) async fn remove(mut observed: Observed, context: &Arc<Context>) -> Result<(), Error> {
    if !observed.claim.has_finalizer() || observed.claim.status.strategy.as_deref() == Some("gcp") {
        return Ok(());
    }
    // A tombstone rests on what the API server says now, not on a cache.
    let Some(live) = status::live(context, &observed.claim).await? else { return Ok(()) };
    if live.metadata.deletion_timestamp.is_none() {
        return Ok(());
    }
    let Some(provider) = pinned(&observed.claim).filter(|_| has_history(&observed)) else {
        return free(&observed.claim, context).await;
    };
    let tombstone = tombstone(&observed, provider);
    let is_published = observed.last.as_ref().is_some_and(|last| last.asks_same_as(&tombstone));
    if !is_published {
        publish::replace(&mut observed, tombstone, context).await?;
    }
    if is_absent(&observed) {
        free(&observed.claim, context).await?;
        return release::expire(&observed, context).await;
    }
    report::report(&observed, None, context).await
}

/// Whether anything may exist: an item was published, or the Go operator left its traces.
fn has_history(observed: &Observed) -> bool {
    let claim = &observed.claim;
    observed.last.is_some()
        || claim.status.placement.is_some()
        || claim.annotations.contains_key(names::RESOURCE_IDENTIFIER)
        || (claim.status.phase.is_some() && claim.status.observed_generation.is_none())
}

/// The strategy as it is now, else the last one, else none: then data is kept.
fn tombstone(observed: &Observed, provider: Provider) -> WorkItem {
    let last = observed.last.as_ref();
    let strategy =
        observed.strategy.clone().ok().or_else(|| last.and_then(|last| last.strategy.clone()));
    let pinned = observed.claim.status.placement.as_ref();
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let placement = Placement {
        provider,
        region: text(pinned.and_then(|it| it.region.as_ref())),
        account: text(pinned.and_then(|it| it.account.as_ref())),
        identifier: pinned.and_then(|it| it.identifier.clone()),
        observed: pinned.and_then(|it| it.observed).unwrap_or_default(),
    };
    desire::item(observed, placement, strategy, Desired::Absent)
}

/// The provider says that it does not exist, and says it of this very tombstone.
fn is_absent(observed: &Observed) -> bool {
    match (&observed.last, &observed.provisioner) {
        (Some(last), Some(record)) => {
            last.desired == Desired::Absent
                && record.item_id == last.item_id
                && record.state == State::Absent
        }
        _ => false,
    }
}

async fn free(claim: &Claim, context: &Arc<Context>) -> Result<(), Error> {
    status::patch_object(context, claim, mark::remove_finalizer(claim)).await?;
    tracing::info!(claim.uid, claim.name, claim.namespace, "released");
    Ok(())
}
