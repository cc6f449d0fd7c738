//! Replaces the claim's item on its subject, by compare-and-set.

use std::sync::Arc;

use proto::{Desired, Subject, WorkItem};

use super::desire::Desire;
use super::observe::Observed;
use crate::context::Context;
use crate::error::Error;

/// Publishes what is desired, unless the last item asks for the same or speaks of a newer generation.
pub(crate) async fn publish(
    observed: &mut Observed,
    desire: &Desire,
    context: &Arc<Context>,
) -> Result<(), Error> {
    let is_known = observed.last.as_ref().is_some_and(|last| {
        last.asks_same_as(&desire.item)
            || last.identity.generation > desire.item.identity.generation
    });
    if is_known { Ok(()) } else { replace(observed, desire.item.clone(), context).await }
}

/// Publishes this item after the last one.
pub(crate) async fn replace(
    observed: &mut Observed,
    item: WorkItem,
    context: &Arc<Context>,
) -> Result<(), Error> {
    let (provider, kind) = (item.placement.provider, item.identity.kind);
    let is_deletion = item.desired == Desired::Absent;
    context.publisher.admit((provider, kind), &item.identity.namespace, is_deletion).await;
    let subject = Subject::Work(provider, kind, item.identity.uid.clone());
    observed.sequence = context
        .bus
        .write(&subject, &item, observed.sequence, None)
        .await
        .map_err(Error::bus("publish an item"))?;
    tracing::info!(
        work_item.id = %item.item_id,
        work_item.desired = %item.desired,
        claim.uid = %item.identity.uid,
        claim.name = item.identity.name,
        claim.namespace = item.identity.namespace,
        claim.kind = %kind,
        "published"
    );
    observed.last = Some(item);
    Ok(())
}
