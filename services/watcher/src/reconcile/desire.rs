//! What shall be true of the external resource. Pure.

use crds::conditions::reasons;
use crds::{ClaimKind, asks_for_bucket, names};
use proto::{
    Desired, Identity, ItemId, Kind, Options, Placement, Provider, Record, Strategy, WorkItem,
};
use serde_json::Value;

use super::observe::Observed;
use super::problem::Problem;
use super::snapshot;
use super::validate::validate;

/// A claim that can be served.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Desire {
    /// What to publish.
    pub(crate) item: WorkItem,
    /// Whether something outside Kubernetes' garbage collection will exist.
    pub(crate) needs_finalizer: bool,
    /// What of the configuration is not followed, and why.
    pub(crate) warning: Option<Problem>,
}

/// Decides, or says why the claim cannot be served.
pub(crate) fn decide(observed: &Observed) -> Result<Desire, Problem> {
    if let Err(problem) = &observed.provider
        && problem.is_untouchable
    {
        return Err(problem.clone());
    }
    validate(observed)?;
    let kind = observed.claim.kind;
    let provider = observed.provider.clone()?;
    check_offer(kind, provider)?;
    snapshot::check(observed)?;
    let (strategy, warning) = strategy(observed)?;
    let warning =
        warning.or_else(|| refused_id(observed, provider)).or_else(|| moved(observed, provider));
    let placement = placement(observed, provider, &strategy)?;
    let is_paused = observed.claim.spec.skip_create;
    let desired = if is_paused { Desired::Paused } else { Desired::Present };
    let item = item(observed, placement, Some(strategy), desired);
    let needs_finalizer = !owns_nothing(&item, observed.provisioner.as_ref());
    Ok(Desire { item, needs_finalizer, warning })
}

/// Whether an item owns nothing outside Kubernetes' garbage collection: a placeholder. Blob storage in the cluster is
/// one until its strategy asks for a bucket; once a bucket has a name, it may hold data whatever is asked for.
pub(crate) fn owns_nothing(item: &WorkItem, record: Option<&Record>) -> bool {
    let is_named = |placement: &Placement| placement.identifier.is_some();
    let may_be_made =
        is_named(&item.placement) || record.is_some_and(|record| is_named(&record.placement));
    let is_asked = || item.strategy.as_ref().is_some_and(|it| asks_for_bucket(&it.json));
    match (item.placement.provider, item.identity.kind) {
        (Provider::Openshift, Kind::SmtpCredentialSet) => true,
        (Provider::Openshift, Kind::BlobStorage) => !may_be_made && !is_asked(),
        _ => false,
    }
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
            snapshot: snapshot::of(observed),
        },
        network: None,
    }
}

/// Where the resource is, as far as that was pinned or published before.
pub(crate) fn pinned_placement(observed: &Observed, provider: Provider) -> Option<Placement> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let from_status = |pin: &crds::Placement| Placement {
        provider,
        region: text(&pin.region),
        account: text(&pin.account),
        identifier: pin.identifier.clone(),
        observed: pin.observed.unwrap_or_default(),
    };
    let last = observed.last.as_ref().map(|last| last.placement.clone());
    observed.claim.status.placement.as_ref().map(from_status).or(last)
}

fn check_offer(kind: ClaimKind, provider: Provider) -> Result<(), Problem> {
    if names::provider_name(provider.as_str(), kind).is_some() {
        return Ok(());
    }
    let message =
        format!("{} is not offered by the provider {provider}: delete the object", kind.kind());
    Err(Problem::new(reasons::INVALID, message))
}

/// A ConfigMap that is gone or broken, or lost the tier, does not touch what runs on that tier: its last strategy
/// goes on.
fn strategy(observed: &Observed) -> Result<(Strategy, Option<Problem>), Problem> {
    // A snapshot is where its resource is, and has nothing else to ask for.
    if observed.claim.kind.is_snapshot() {
        return Ok((Strategy::default(), None));
    }
    let last = observed.last.as_ref().and_then(|last| last.strategy.as_ref());
    match (&observed.strategy, last) {
        (Ok(strategy), _) => Ok((strategy.clone(), None)),
        (Err(problem), Some(last)) if observed.tier().is_none_or(|tier| tier == last.tier) => {
            let message = format!("the last good strategy goes on: {}", problem.message);
            Ok((last.clone(), Some(Problem::new(problem.reason, message))))
        }
        (Err(problem), _) => Err(problem.clone()),
    }
}

/// Names and tags hold the cluster id: with another one, nothing would be found again.
fn refused_id(observed: &Observed, provider: Provider) -> Option<Problem> {
    let cluster = &observed.cluster;
    let refused = cluster.refused_id.as_ref().filter(|_| provider == Provider::Aws)?;
    let used = cluster.id.as_deref().unwrap_or_default();
    let message = format!(
        "the cluster id {refused} is not followed: what is on AWS carries {used}, for life; set CLUSTER_ID back"
    );
    Some(Problem::new(reasons::WAITING_FOR_CONFIG, message))
}

fn moved(observed: &Observed, provider: Provider) -> Option<Problem> {
    let other = observed.moved?;
    let message = format!(
        "its type is served by {other} now, and it stays with {provider}: a provider is kept for life"
    );
    Some(Problem::new(reasons::UNSUPPORTED_PROVIDER, message))
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
    if let Some(pinned) = pinned_placement(observed, provider) {
        return Ok(pinned);
    }
    let parent = observed.parent.as_ref().and_then(|parent| parent.status.placement.clone());
    let (region, account) = match (provider, parent) {
        (Provider::Openshift, _) => (None, None),
        (Provider::Aws, Some(parent)) => (parent.region, parent.account),
        (Provider::Aws, None) => {
            (region(strategy).or_else(|| observed.cluster.region.clone()), None)
        }
    };
    Ok(Placement {
        region: region.unwrap_or_default(),
        account: account.unwrap_or_default(),
        ..Placement::at(provider)
    })
}

/// The Go operator's JSON reader does not mind case.
fn region(strategy: &Strategy) -> Option<String> {
    let value: Value = serde_json::from_str(&strategy.json).ok()?;
    let mut fields = value.as_object()?.iter();
    let (_, region) = fields.find(|(key, _)| key.eq_ignore_ascii_case("region"))?;
    region.as_str().filter(|region| !region.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
