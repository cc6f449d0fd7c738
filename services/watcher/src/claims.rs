//! Every claim that is watched, and which of them hang on each other.

use std::sync::Arc;

use crds::{Claim, ClaimKind};
use k8s_openapi::jiff::Timestamp;
use kube::api::DynamicObject;
use kube::runtime::reflector::{ObjectRef, Store};
use serde_json::Value;
use service::config::Scope;
use tokio::sync::watch;

/// The watches' own stores. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Claims {
    stores: Arc<Vec<(ClaimKind, Store<DynamicObject>)>>,
    /// What the watches cover that have not listed yet. A store's own readiness wakes only one of those who wait for
    /// it, and the controller is one.
    unlisted: watch::Sender<Vec<Scope>>,
}

impl Claims {
    /// `watched` is what each store's watch covers.
    pub(crate) fn new(stores: Vec<(ClaimKind, Store<DynamicObject>)>, watched: Vec<Scope>) -> Self {
        Self { stores: Arc::new(stores), unlisted: watch::Sender::new(watched) }
    }

    /// One more watch has listed for the first time.
    pub(crate) fn has_listed(&self, watched: &Scope) {
        self.unlisted.send_modify(|unlisted| {
            if let Some(place) = unlisted.iter().position(|scope| scope == watched) {
                unlisted.swap_remove(place);
            }
        });
    }

    /// Waits until every watch has listed once.
    pub(crate) async fn listed(&self) {
        self.until(Vec::is_empty).await;
    }

    /// Waits until every watch that covers this namespace has listed once: only then is known what hangs on what.
    pub(crate) async fn listed_in(&self, namespace: &str) {
        self.until(|unlisted| !unlisted.iter().any(|scope| scope.contains(namespace))).await;
    }

    async fn until(&self, is_listed: impl Fn(&Vec<Scope>) -> bool) {
        // The sender is ours, so it outlives the wait.
        let _ = self.unlisted.subscribe().wait_for(is_listed).await;
    }

    /// Every object with its kind.
    pub(crate) fn all(&self) -> impl Iterator<Item = (ClaimKind, Arc<DynamicObject>)> {
        self.stores
            .iter()
            .flat_map(|(kind, store)| store.state().into_iter().map(|object| (*kind, object)))
    }

    /// The claim of that kind and name.
    pub(crate) fn find(&self, kind: ClaimKind, namespace: &str, name: &str) -> Option<Claim> {
        let reference = ObjectRef::new_with(name, kind.api_resource()).within(namespace);
        let mut stores = self.stores.iter().filter(|(known, _)| *known == kind);
        let object = stores.find_map(|(_, store)| store.get(&reference))?;
        Claim::try_from_dynamic(kind, &object).ok()
    }

    /// The claim of the namespace that names the same Secret and has the older right to it.
    pub(crate) fn secret_owner(&self, claim: &Claim) -> Option<String> {
        let secret = claim.spec.secret_name();
        if secret.is_empty() {
            return None;
        }
        let names_it = |object: &DynamicObject| {
            object.metadata.namespace.as_deref() == Some(&claim.namespace)
                && secret_name(object) == Some(secret)
        };
        let (kind, owner) = self
            .all()
            .filter(|(_, object)| names_it(object))
            .min_by_key(|(_, object)| seniority(object))?;
        let is_other = owner.metadata.uid.as_deref() != Some(&claim.uid);
        let name = owner.metadata.name.as_deref().unwrap_or_default();
        is_other.then(|| format!("{} {name}", kind.kind()))
    }

    /// The claims that fare otherwise now that this one changed from `before` to `after`: those that name a Secret
    /// which it named or names, and its snapshots.
    pub(crate) fn dependants(
        &self,
        kind: ClaimKind,
        before: Option<&DynamicObject>,
        after: Option<&DynamicObject>,
    ) -> Vec<(ClaimKind, Arc<DynamicObject>)> {
        if before.map(stake) == after.map(stake) {
            return Vec::new();
        }
        let hangs = |(other_kind, other): &(ClaimKind, Arc<DynamicObject>)| {
            let hangs_on = |object: &DynamicObject| hangs_on(*other_kind, other, kind, object);
            before.is_some_and(hangs_on) || after.is_some_and(hangs_on)
        };
        self.all().filter(hangs).collect()
    }
}

/// What of a claim matters to others: the Secret that it names, and where it was pinned.
fn stake(object: &DynamicObject) -> (Option<&str>, Option<&str>, &Value) {
    let uid = object.metadata.uid.as_deref();
    (uid, secret_name(object), &object.data["status"]["placement"])
}

fn hangs_on(
    other_kind: ClaimKind,
    other: &DynamicObject,
    kind: ClaimKind,
    object: &DynamicObject,
) -> bool {
    if other.metadata.namespace != object.metadata.namespace {
        return false;
    }
    let is_snapshot = other_kind.parent() == Some(kind)
        && other.data["spec"]["resourceName"].as_str() == object.metadata.name.as_deref();
    let is_rival = secret_name(other).is_some_and(|name| Some(name) == secret_name(object))
        && other.metadata.uid != object.metadata.uid;
    is_snapshot || is_rival
}

fn secret_name(object: &DynamicObject) -> Option<&str> {
    object.data["spec"]["secretRef"]["name"].as_str().filter(|name| !name.is_empty())
}

/// Who has the Secret already comes first, then who is served already: times of creation are whole seconds.
fn seniority(object: &DynamicObject) -> (bool, bool, Option<Timestamp>, Option<String>) {
    let status = &object.data["status"];
    let (has_secret, is_served) =
        (status["secretRef"].is_object(), status["placement"].is_object());
    let created = object.metadata.creation_timestamp.as_ref().map(|time| time.0);
    (!has_secret, !is_served, created, object.metadata.uid.clone())
}

#[cfg(test)]
mod tests;
