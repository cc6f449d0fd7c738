//! Items that nobody asks for any more.

mod fate;

use std::sync::Arc;
use std::time::Duration;

use crds::ClaimKind;
use kube::api::{Api, DynamicObject};
use proto::{Desired, Identity, ItemId, Kind, Provider, Subject, Uid, WorkItem};
use tokio::sync::mpsc;

pub(crate) use self::fate::Fate;
use self::fate::{Sight, fate};
use crate::context::Context;
use crate::deadline::{READ_TIMEOUT, in_time};
use crate::error::Error;
use crate::reconcile::publish::subject;

/// Long enough for every reader to have seen it.
const LIFETIME: Duration = Duration::from_hours(168);

/// Kind and uid of a claim that a watch saw vanish.
pub(crate) type Vanished = (Kind, Uid);

/// After the finalizer is gone: the item and what is recorded of it may expire.
pub(crate) async fn expire(item: Option<&WorkItem>, context: &Context) -> Result<(), Error> {
    let Some(item) = item else { return Ok(()) };
    let released =
        WorkItem { item_id: ItemId::random(), desired: Desired::Released, ..item.clone() };
    context.items.replace(&subject(item), Some(item), &released, Some(LIFETIME)).await?;
    context.statuses.forget(&item.identity.uid);
    Ok(())
}

/// Looks at the items of claims as they vanish. One without finalizer leaves no other trace of its deletion. A lost
/// event is left to the audit.
pub(crate) async fn follow(
    mut vanished: mpsc::UnboundedReceiver<Vanished>,
    context: Arc<Context>,
) -> anyhow::Result<()> {
    while let Some((kind, uid)) = vanished.recv().await {
        context.backoff.reset(uid.as_str());
        for provider in Provider::ALL {
            let subject = Subject::Work(*provider, kind, uid.clone());
            if let Err(error) = settle(&subject, &context).await {
                tracing::debug!(error = %error, "left to the audit");
            }
            context.items.forget(&subject);
        }
    }
    Ok(())
}

/// Looks at an item whose claim no watch knows, and does what can do no harm.
pub(crate) async fn settle(subject: &Subject, context: &Context) -> Result<Fate, Error> {
    let Some(item) = context.items.last(subject).await? else { return Ok(Fate::Done) };
    if item.desired == Desired::Released {
        return Ok(Fate::Done);
    }
    let sight = look(&item.identity, context).await?;
    let record = context.statuses.of(item.placement.provider.into(), &item.identity.uid);
    let fate = fate(&item, sight, record.as_ref());
    match fate {
        Fate::Expires => expire(Some(&item), context).await?,
        Fate::Orphaned { is_proven } => orphan(&item, is_proven, context).await?,
        Fate::Lives | Fate::Leaving | Fate::Done => {}
    }
    Ok(fate)
}

/// Kubernetes collects what the claim owned: it is not made again, and what is left stays as it is.
async fn orphan(item: &WorkItem, is_proven: bool, context: &Context) -> Result<(), Error> {
    tracing::warn!(
        claim.uid = %item.identity.uid,
        claim.kind = %item.identity.kind,
        claim.name = item.identity.name,
        claim.namespace = item.identity.namespace,
        resource.provider = %item.placement.provider,
        resource.identifier = item.placement.identifier.as_deref().unwrap_or_default(),
        "orphan: its claim vanished without being deleted"
    );
    let desired = if context.delete_orphans { Desired::Absent } else { Desired::Paused };
    if !is_proven || item.desired == desired {
        return Ok(());
    }
    let next = WorkItem { item_id: ItemId::random(), desired, ..item.clone() };
    context.items.replace(&subject(item), Some(item), &next, None).await
}

/// A live look: a cache may be behind.
async fn look(identity: &Identity, context: &Context) -> Result<Sight, Error> {
    let Ok(kind) = identity.kind.as_str().parse::<ClaimKind>() else { return Ok(Sight::Unknown) };
    let client = context.client.clone();
    let api: Api<DynamicObject> =
        Api::namespaced_with(client, &identity.namespace, &kind.api_resource());
    match in_time("read a claim", READ_TIMEOUT, api.get(&identity.name)).await {
        Ok(object) if object.metadata.uid.as_deref() == Some(identity.uid.as_str()) => {
            Ok(Sight::There)
        }
        Ok(_) => Ok(Sight::Gone),
        Err(error) if error.is_object_missing() => Ok(Sight::Gone),
        // No such kind, or not ours to see: then nothing is known.
        Err(error) if matches!(error.code(), Some(403 | 404)) => Ok(Sight::Unknown),
        Err(error) => Err(error),
    }
}
