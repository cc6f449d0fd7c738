//! Everything that a decision rests on, read once.

use std::sync::Arc;

use crds::{Claim, ClaimError, ClaimKind};
use kube::api::DynamicObject;
use proto::{Kind, Provider, Record, Service, Strategy, Subject, Uid, WorkItem};

use super::problem::Problem;
use crate::cluster::Facts;
use crate::configs::Mapped;
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
    /// Who serves its type now; what the pin says is decided later.
    pub(crate) mapped: Result<Mapped, Problem>,
    /// The strategy of its tier at the provider that serves it.
    pub(crate) strategy: Result<Strategy, Problem>,
    /// The claim that a snapshot is of.
    pub(crate) parent: Option<Claim>,
    /// What is known of the cluster.
    pub(crate) cluster: Facts,
    /// The last item, with the sequence to expect when replacing it.
    pub(crate) last: Option<WorkItem>,
    /// That sequence.
    pub(crate) sequence: u64,
    /// What the provisioner's record says.
    pub(crate) provisioner: Option<Record>,
    /// What secret-writer's record says.
    pub(crate) secret_writer: Option<Record>,
}

/// Reads everything. `None`: the object has no identity, so nothing can be said about it.
pub(crate) async fn observe(
    kind: ClaimKind,
    object: &DynamicObject,
    context: &Arc<Context>,
) -> Result<Option<Observed>, Error> {
    let (claim, unreadable) = match Claim::try_from_dynamic(kind, object) {
        Ok(claim) => (claim, None),
        Err(error) => match Claim::without_spec(kind, object) {
            Ok(claim) => (claim, Some(error)),
            Err(_) => return Ok(None),
        },
    };
    let (Ok(uid), Ok(bus_kind)) = (claim.uid.parse::<Uid>(), kind.as_str().parse::<Kind>()) else {
        return Ok(None);
    };
    let parent = kind.parent().and_then(|parent| {
        let name = claim.spec.resource_name.as_deref()?;
        context.claims.find(parent, &claim.namespace, name)
    });
    let mapped = mapped(&claim, parent.as_ref(), context);
    let provider = pinned(&claim).or(match &mapped {
        Ok(Mapped::To(provider)) => Some(*provider),
        _ => None,
    });
    let strategy = strategy(&claim, parent.as_ref(), provider, context);
    let last = match provider {
        Some(provider) => {
            let subject = Subject::Work(provider, bus_kind, uid.clone());
            context.bus.read::<WorkItem>(&subject).await.map_err(Error::bus("read an item"))?
        }
        None => bus::Stored { sequence: 0, value: None },
    };
    let worker = provider.map(Service::from);
    Ok(Some(Observed {
        secret_owner: secret_owner(&claim, context),
        provisioner: worker.and_then(|worker| context.statuses.of(worker, &uid)),
        secret_writer: context.statuses.of(Service::SecretWriter, &uid),
        cluster: context.cluster.clone(),
        sequence: last.sequence,
        last: last.value,
        kind: bus_kind,
        unreadable,
        strategy,
        mapped,
        parent,
        claim,
        uid,
    }))
}

/// The provider that was pinned to the claim, by us or by the Go operator.
pub(crate) fn pinned(claim: &Claim) -> Option<Provider> {
    let ours = claim.status.placement.as_ref().map(|placement| placement.provider.as_str());
    ours.or(claim.status.strategy.as_deref()).and_then(|text| text.parse().ok())
}

/// A snapshot is served by whoever serves its claim.
fn mapped(claim: &Claim, parent: Option<&Claim>, context: &Context) -> Result<Mapped, Problem> {
    let owner = parent.unwrap_or(claim);
    if let Some(provider) = parent.and_then(pinned) {
        return Ok(Mapped::To(provider));
    }
    let deployment_type = owner.spec.type_.as_deref().unwrap_or_default();
    context.configs.provider(&owner.namespace, deployment_type, owner.kind)
}

fn strategy(
    claim: &Claim,
    parent: Option<&Claim>,
    provider: Option<Provider>,
    context: &Context,
) -> Result<Strategy, Problem> {
    let owner = parent.unwrap_or(claim);
    let tier = owner.spec.tier.as_deref().unwrap_or_default();
    match provider {
        Some(provider) => context.configs.strategy(provider, owner.kind, tier),
        None => Err(Problem::config("the provider", "it is not known")),
    }
}

/// The older claim of the namespace that names the same Secret.
fn secret_owner(claim: &Claim, context: &Context) -> Option<String> {
    let secret = claim.spec.secret_name();
    if secret.is_empty() {
        return None;
    }
    let names_it = |object: &DynamicObject| {
        object.metadata.namespace.as_deref() == Some(&claim.namespace)
            && object.data["spec"]["secretRef"]["name"].as_str() == Some(secret)
    };
    let age = |object: &DynamicObject| {
        let created = object.metadata.creation_timestamp.as_ref().map(|time| time.0);
        (created, object.metadata.uid.clone().unwrap_or_default())
    };
    let oldest = context
        .claims
        .all()
        .filter(|(_, object)| names_it(object))
        .min_by_key(|(_, object)| age(object))?;
    let (kind, object) = oldest;
    let is_other = object.metadata.uid.as_deref() != Some(&claim.uid);
    is_other
        .then(|| format!("{} {}", kind.kind(), object.metadata.name.as_deref().unwrap_or_default()))
}

#[cfg(test)]
pub(crate) mod fixture;
