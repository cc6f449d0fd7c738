//! Items that nobody asks for any more.

use std::sync::Arc;
use std::time::Duration;

use kube::api::{Api, DynamicObject};
use proto::{Desired, ItemId, Subject, Uid, WorkItem};

use crate::context::Context;
use crate::error::Error;
use crate::reconcile::desire::is_placeholder;
use crate::reconcile::observe::Observed;

/// Long enough for every reader to have seen it.
const LIFETIME: Duration = Duration::from_hours(168);

/// What became of the claim of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It lives.
    Lives,
    /// Nothing of it is left to do.
    Released,
    /// It vanished without being deleted: its resource may hold data.
    Orphaned,
}

/// After the finalizer is gone: the item and what is recorded of it may expire.
pub(crate) async fn expire(observed: &Observed, context: &Arc<Context>) -> Result<(), Error> {
    let Some(last) = &observed.last else { return Ok(()) };
    replace_by_released(last, observed.sequence, context).await
}

/// Looks at an item whose claim no watch knows, and releases it when nothing can be lost by that.
pub(crate) async fn settle(subject: &Subject, context: &Arc<Context>) -> Result<Fate, Error> {
    let stored = context.bus.read::<WorkItem>(subject).await.map_err(Error::bus("read an item"))?;
    let Some(item) = stored.value else { return Ok(Fate::Released) };
    if item.desired == Desired::Released {
        return Ok(Fate::Released);
    }
    if lives(&item, context).await? {
        return Ok(Fate::Lives);
    }
    let kind = item.identity.kind.as_str().parse().ok();
    let owns_nothing = kind.is_some_and(|kind| is_placeholder(item.placement.provider, kind));
    // The finalizer of a tombstone goes only after its resource is gone.
    if owns_nothing || item.desired == Desired::Absent {
        replace_by_released(&item, stored.sequence, context).await?;
        return Ok(Fate::Released);
    }
    if context.delete_orphans {
        let tombstone =
            WorkItem { item_id: ItemId::random(), desired: Desired::Absent, ..item.clone() };
        let written = context.bus.write(subject, &tombstone, stored.sequence, None).await;
        written.map_err(Error::bus("publish a tombstone"))?;
    }
    tracing::warn!(
        claim.uid = %item.identity.uid,
        claim.kind = %item.identity.kind,
        claim.name = item.identity.name,
        claim.namespace = item.identity.namespace,
        resource.identifier = item.placement.identifier.as_deref().unwrap_or_default(),
        "orphan: its claim vanished without being deleted"
    );
    Ok(Fate::Orphaned)
}

/// A live look: a cache may be behind.
async fn lives(item: &WorkItem, context: &Arc<Context>) -> Result<bool, Error> {
    let identity = &item.identity;
    let Ok(kind) = identity.kind.as_str().parse::<crds::ClaimKind>() else { return Ok(true) };
    let api: Api<DynamicObject> =
        Api::namespaced_with(context.client.clone(), &identity.namespace, &kind.api_resource());
    let found = tokio::time::timeout(crate::READ_TIMEOUT, api.get_opt(&identity.name))
        .await
        .map_err(|_| Error::Timeout("read a claim"))?
        .map_err(|source| Error::Kubernetes {
            operation: "read a claim",
            source: Box::new(source),
        })?;
    Ok(found.and_then(|object| object.metadata.uid).as_deref() == Some(identity.uid.as_str()))
}

async fn replace_by_released(
    item: &WorkItem,
    sequence: u64,
    context: &Arc<Context>,
) -> Result<(), Error> {
    let identity = &item.identity;
    let subject = Subject::Work(item.placement.provider, identity.kind, identity.uid.clone());
    let released =
        WorkItem { item_id: ItemId::random(), desired: Desired::Released, ..item.clone() };
    context
        .bus
        .write(&subject, &released, sequence, Some(LIFETIME))
        .await
        .map_err(Error::bus("release an item"))?;
    context.statuses.forget(&identity.uid);
    Ok(())
}

/// A claim that a watch saw vanish: its placeholder can go at once.
pub(crate) async fn vanished(object: &DynamicObject, kind: proto::Kind, context: &Arc<Context>) {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    let Ok(uid) = uid.parse::<Uid>() else { return };
    for provider in proto::Provider::ALL {
        let subject = Subject::Work(*provider, kind, uid.clone());
        if let Err(error) = settle(&subject, context).await {
            tracing::debug!(error = %error, "left to the audit");
        }
    }
}
