//! What shall be true of the external resource. Pure.

use crds::conditions::reasons;
use crds::{ClaimKind, names};
use proto::{Desired, Identity, ItemId, Options, Placement, Provider, Strategy, WorkItem};

use super::observe::{Observed, pinned};
use super::problem::Problem;
use crate::configs::Mapped;

/// A claim that can be served.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Desire {
    /// What to publish.
    pub(crate) item: WorkItem,
    /// Whether something outside Kubernetes' garbage collection will exist.
    pub(crate) needs_finalizer: bool,
}

/// Decides, or says why the claim cannot be served.
pub(crate) fn decide(observed: &Observed) -> Result<Desire, Problem> {
    let claim = &observed.claim;
    if let Some(error) = &observed.unreadable {
        return Err(Problem::new(reasons::INVALID, error.to_string()));
    }
    claim
        .spec
        .check(claim.kind)
        .map_err(|error| Problem::new(reasons::INVALID, error.to_string()))?;
    check_secret(observed)?;
    let provider = provider(observed)?;
    check_kind(observed, provider)?;
    let strategy = strategy(observed)?;
    let placement = placement(observed, provider, &strategy)?;
    let desired = if claim.spec.skip_create { Desired::Paused } else { Desired::Present };
    let needs_finalizer = !is_placeholder(provider, claim.kind);
    Ok(Desire { item: item(observed, placement, Some(strategy), desired), needs_finalizer })
}

/// Claims that own nothing outside Kubernetes' garbage collection.
pub(crate) fn is_placeholder(provider: Provider, kind: ClaimKind) -> bool {
    provider == Provider::Openshift
        && matches!(kind, ClaimKind::BlobStorage | ClaimKind::SmtpCredentialSet)
}

/// The item that says so.
pub(crate) fn item(
    observed: &Observed,
    placement: Placement,
    strategy: Option<Strategy>,
    desired: Desired,
) -> WorkItem {
    let claim = &observed.claim;
    let label = |name: &str| claim.labels.get(name).cloned().unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: observed.kind,
            namespace: claim.namespace.clone(),
            name: claim.name.clone(),
            uid: observed.uid.clone(),
            generation: claim.generation,
        },
        desired,
        placement,
        strategy,
        cluster: observed.cluster.cluster(),
        secret_name: claim.spec.secret_name().to_owned(),
        options: Options {
            apply_immediately: claim.spec.apply_immediately,
            maintenance_window: claim.spec.maintenance_window,
            size: text(&claim.spec.size),
            engine: text(&claim.spec.engine),
            engine_version: text(&claim.spec.engine_version),
            resource_type: text(&claim.spec.type_),
            product_name: label(names::PRODUCT_NAME),
            add_on_name: label(names::ADDON_NAME),
        },
    }
}

fn check_secret(observed: &Observed) -> Result<(), Problem> {
    let claim = &observed.claim;
    let named = claim.spec.secret_ref.as_ref().and_then(|secret| secret.namespace.as_deref());
    if named.is_some_and(|namespace| !namespace.is_empty() && namespace != claim.namespace) {
        let message = "spec.secretRef.namespace is another namespace; only the claim's own is served: leave it out";
        return Err(Problem::new(reasons::NAMESPACE_REFUSED, message));
    }
    match &observed.secret_owner {
        Some(owner) => {
            let message = format!(
                "spec.secretRef.name: the Secret {} belongs to {owner}; choose another name",
                claim.spec.secret_name()
            );
            Err(Problem::new(reasons::SECRET_TAKEN, message))
        }
        None => Ok(()),
    }
}

/// The pin wins over the mapping, for life.
fn provider(observed: &Observed) -> Result<Provider, Problem> {
    if observed.claim.status.strategy.as_deref() == Some("gcp") {
        return Err(Problem::untouchable("gcp"));
    }
    if let Some(provider) = pinned(&observed.claim) {
        return Ok(provider);
    }
    if observed.claim.kind.is_snapshot() && observed.parent.is_none() {
        let name = observed.claim.spec.resource_name.as_deref().unwrap_or_default();
        let message = format!("spec.resourceName: there is no claim {name:?} in this namespace");
        return Err(Problem::new(reasons::WAITING_FOR_RESOURCE, message));
    }
    match observed.mapped.clone()? {
        Mapped::To(provider) => Ok(provider),
        Mapped::Gcp => Err(Problem::untouchable("gcp")),
    }
}

fn check_kind(observed: &Observed, provider: Provider) -> Result<(), Problem> {
    let kind = observed.claim.kind;
    if names::provider_name(provider.as_str(), kind).is_some() {
        return Ok(());
    }
    let message = format!("{} is not offered by the provider {provider}", kind.kind());
    Err(Problem::new(reasons::INVALID, message))
}

/// A broken ConfigMap does not touch what runs: its last strategy goes on.
fn strategy(observed: &Observed) -> Result<Strategy, Problem> {
    match &observed.strategy {
        Ok(strategy) => Ok(strategy.clone()),
        Err(problem) if problem.is_about_config() => observed
            .last
            .as_ref()
            .and_then(|last| last.strategy.clone())
            .ok_or_else(|| problem.clone()),
        Err(problem) => Err(problem.clone()),
    }
}

/// Region and account are pinned once known; the strategy's region counts only before that.
fn placement(
    observed: &Observed,
    provider: Provider,
    strategy: &Strategy,
) -> Result<Placement, Problem> {
    if provider == Provider::Aws && observed.cluster.id.is_none() {
        let message = "no cluster id: the administrator must set CLUSTER_ID, since names and tags on AWS need it";
        return Err(Problem::new(reasons::WAITING_FOR_CONFIG, message));
    }
    let Some(pinned) = &observed.claim.status.placement else {
        let region = match provider {
            Provider::Aws => region(strategy).or_else(|| observed.cluster.region.clone()),
            Provider::Openshift => None,
        };
        return Ok(Placement { region: region.unwrap_or_default(), ..Placement::at(provider) });
    };
    Ok(Placement {
        provider,
        region: pinned.region.clone().unwrap_or_default(),
        account: pinned.account.clone().unwrap_or_default(),
        identifier: pinned.identifier.clone(),
        observed: pinned.observed.unwrap_or_default(),
    })
}

fn region(strategy: &Strategy) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(&strategy.json).ok()?;
    value["region"].as_str().filter(|region| !region.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
