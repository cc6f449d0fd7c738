//! Everything that a decision rests on, read once.

use std::sync::Arc;

use crds::{Claim, ClaimError, ClaimKind};
use kube::api::DynamicObject;
use proto::{Kind, Provider, Record, Service, Strategy, Subject, Uid, WorkItem};

use super::problem::Problem;
use super::provider::{Served, moved, pinned, provider};
use crate::cluster::Facts;
use crate::context::Context;
use crate::error::Error;

/// A claim and all that is known about it.
pub(crate) struct Observed {
    /// The claim as the watch saw it, or as our own last patch left it.
    pub(crate) claim: Claim,
    /// Its identity.
    pub(crate) uid: Uid,
    /// Its kind on the bus.
    pub(crate) kind: Kind,
    /// What is wrong with its spec, if it could not be read.
    pub(crate) unreadable: Option<ClaimError>,
    /// Another claim that names the same Secret and has the older right to it.
    pub(crate) secret_owner: Option<String>,
    /// Who was pinned to it.
    pub(crate) pin: Option<Served>,
    /// Who serves it, or shall.
    pub(crate) provider: Result<Provider, Problem>,
    /// Who would serve it if it were new, when that is another.
    pub(crate) moved: Option<Provider>,
    /// The strategy of its tier at that provider.
    pub(crate) strategy: Result<Strategy, Problem>,
    /// The claim that a snapshot is of.
    pub(crate) parent: Option<Claim>,
    /// What is known of the cluster.
    pub(crate) cluster: Facts,
    /// The last item.
    pub(crate) last: Option<WorkItem>,
    /// What the provisioner's record says.
    pub(crate) provisioner: Option<Record>,
    /// What secret-writer's record says.
    pub(crate) secret_writer: Option<Record>,
}

impl Observed {
    /// The tier that is asked for; a snapshot has its claim's. `None`: that claim is gone.
    pub(crate) fn tier(&self) -> Option<&str> {
        tier(&self.claim, self.parent.as_ref())
    }
}

/// Reads everything. `None`: the object has no identity, so nothing can be said about it.
pub(crate) async fn observe(
    kind: ClaimKind,
    object: &DynamicObject,
    context: &Arc<Context>,
) -> Result<Option<Observed>, Error> {
    let Some((claim, unreadable)) = read(kind, object) else { return Ok(None) };
    let (Ok(uid), Ok(bus_kind)) = (claim.uid.parse::<Uid>(), kind.as_str().parse::<Kind>()) else {
        return Ok(None);
    };
    let parent = kind.parent().and_then(|parent| {
        let name = claim.spec.resource_name.as_deref()?;
        context.claims.find(parent, &claim.namespace, name)
    });
    let mut pin = pinned(&claim);
    let last = last_item(pin.as_ref(), bus_kind, &uid, context).await?;
    // An item that was published is a pin too: the API server may have been restored from before it was written.
    pin = pin.or(last.as_ref().map(|last| Served::By(last.placement.provider)));
    let mapped = || {
        let deployment_type = claim.spec.type_.as_deref().unwrap_or_default();
        context.configs.provider(&claim.namespace, deployment_type, kind)
    };
    let provider = provider(&claim, pin.as_ref(), parent.as_ref(), mapped);
    let moved = moved(kind, provider.as_ref().ok(), mapped);
    let strategy = provider.clone().and_then(|provider| {
        let tier = tier(&claim, parent.as_ref()).unwrap_or_default();
        context.configs.strategy(provider, kind, tier)
    });
    let worker = provider.as_ref().ok().map(|provider| Service::from(*provider));
    Ok(Some(Observed {
        secret_owner: context.claims.secret_owner(&claim),
        provisioner: worker.and_then(|worker| context.statuses.of(worker, &uid)),
        secret_writer: context.statuses.of(Service::SecretWriter, &uid),
        cluster: context.cluster.facts(),
        kind: bus_kind,
        unreadable,
        pin,
        provider,
        moved,
        strategy,
        parent,
        last,
        claim,
        uid,
    }))
}

fn read(kind: ClaimKind, object: &DynamicObject) -> Option<(Claim, Option<ClaimError>)> {
    match Claim::try_from_dynamic(kind, object) {
        Ok(claim) => Some((claim, None)),
        Err(error) => Some((Claim::without_spec(kind, object).ok()?, Some(error))),
    }
}

fn tier<'a>(claim: &'a Claim, parent: Option<&'a Claim>) -> Option<&'a str> {
    let owner = if claim.kind.is_snapshot() { parent? } else { claim };
    Some(owner.spec.tier.as_deref().unwrap_or_default())
}

async fn last_item(
    pin: Option<&Served>,
    kind: Kind,
    uid: &Uid,
    context: &Context,
) -> Result<Option<WorkItem>, Error> {
    let providers = match pin {
        Some(Served::By(provider)) => std::slice::from_ref(provider),
        Some(Served::Elsewhere(_)) => &[],
        None => Provider::ALL,
    };
    for provider in providers {
        let subject = Subject::Work(*provider, kind, uid.clone());
        if let Some(item) = context.items.last(&subject).await? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

#[cfg(test)]
pub(crate) mod fixture;
