//! The live claim: what decides over namespace, name and provider, whatever a message says.

use crds::{Claim, ClaimKind, GROUP, VERSION};
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::core::DynamicObject;
use kube::{Api, Client};
use proto::{Identity, Kind, Provider};

use crate::error::Error;

/// Reads live claims. Cheap to clone.
#[derive(Clone)]
pub struct Claims {
    client: Client,
}

impl Claims {
    /// Reads through this client.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The claim of exactly this uid; `None` when there is none any more, or another one of its name.
    pub async fn read(&self, identity: &Identity) -> Result<Option<Claim>, Error> {
        let Some(kind) = claim_kind(identity.kind) else { return Ok(None) };
        let resource = kind.api_resource();
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), &identity.namespace, &resource);
        match api.get(&identity.name).await {
            Ok(object) => Ok(read(kind, &object).filter(|it| it.uid == identity.uid.as_str())),
            Err(kube::Error::Api(status)) if is_gone(&status, &identity.name) => Ok(None),
            Err(error) => Err(Error::kube("read the claim")(error)),
        }
    }
}

/// A kind that claims have; the network has none.
pub fn claim_kind(kind: Kind) -> Option<ClaimKind> {
    kind.as_str().parse().ok()
}

/// What the claim is pinned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// To this provider.
    Same,
    /// To another one.
    Other,
    /// To none yet.
    Missing,
}

/// Compares the claim's pin with a provider.
pub fn pin(claim: &Claim, provider: Provider) -> Pin {
    let placement = claim.status.placement.as_ref().map(|placement| placement.provider.as_str());
    let named = [placement, claim.status.strategy.as_deref()];
    match named.into_iter().flatten().find(|name| !name.is_empty()) {
        Some(pinned) if pinned == provider.as_str() => Pin::Same,
        Some(_) => Pin::Other,
        None => Pin::Missing,
    }
}

/// The owner reference by which Kubernetes collects our Secrets. Blocking the owner's deletion would need the right
/// to update its finalizers.
pub fn owner_reference(claim: &Claim) -> OwnerReference {
    OwnerReference {
        api_version: format!("{GROUP}/{VERSION}"),
        kind: claim.kind.kind(),
        name: claim.name.clone(),
        uid: claim.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(false),
    }
}

/// The claim as events name it.
pub fn object_reference(claim: &Claim) -> ObjectReference {
    ObjectReference {
        api_version: Some(format!("{GROUP}/{VERSION}")),
        kind: Some(claim.kind.kind()),
        namespace: Some(claim.namespace.clone()),
        name: Some(claim.name.clone()),
        uid: Some(claim.uid.clone()),
        ..ObjectReference::default()
    }
}

fn read(kind: ClaimKind, object: &DynamicObject) -> Option<Claim> {
    // A spec that cannot be read names no Secret; the plan refuses that.
    Claim::try_from_dynamic(kind, object).or_else(|_| Claim::without_spec(kind, object)).ok()
}

/// A definition that is missing answers 404 as well, but names no object: that proves nothing about a claim.
fn is_gone(status: &kube::core::Status, name: &str) -> bool {
    status.code == 404 && status.details.as_ref().is_some_and(|details| details.name == name)
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use kube::core::response::StatusDetails;
    use serde_json::json;

    use super::*;

    fn claim(status: &serde_json::Value) -> Claim {
        let object = serde_json::from_value(json!({
            "apiVersion": "integreatly.org/v1alpha1", "kind": "SMTPCredentialSet",
            "metadata": {"name": "mail", "namespace": "team", "uid": "u-1"},
            "spec": {}, "status": status,
        }))
        .unwrap();
        read(ClaimKind::SmtpCredentialSet, &object).unwrap()
    }

    #[test]
    fn the_placement_is_the_pin_and_the_go_operators_strategy_stands_in_for_it() {
        let table = [
            (json!({"placement": {"provider": "aws"}, "strategy": "openshift"}), Pin::Same),
            (json!({"placement": {"provider": "openshift"}, "strategy": "aws"}), Pin::Other),
            (json!({"strategy": "aws"}), Pin::Same),
            (json!({"strategy": "gcp"}), Pin::Other),
            (json!({"strategy": ""}), Pin::Missing),
            (json!({}), Pin::Missing),
        ];
        for (status, expected) in table {
            assert_eq!(pin(&claim(&status), Provider::Aws), expected, "{status}");
        }
    }

    #[test]
    fn owner_references_use_the_kind_as_manifests_spell_it() {
        let owner = owner_reference(&claim(&json!({})));
        assert_eq!(owner.kind, "SMTPCredentialSet");
        assert_eq!(owner.api_version, "integreatly.org/v1alpha1");
        assert_eq!((owner.name.as_str(), owner.uid.as_str()), ("mail", "u-1"));
        assert_eq!((owner.controller, owner.block_owner_deletion), (Some(true), Some(false)));
    }

    #[test]
    fn only_an_answer_that_names_the_claim_proves_that_it_is_gone() {
        let answer = |code, name: &str| {
            let details = StatusDetails {
                name: name.into(),
                group: String::new(),
                kind: String::new(),
                uid: String::new(),
                causes: Vec::new(),
                retry_after_seconds: 0,
            };
            Status { details: Some(details), ..Status::failure("", "NotFound").with_code(code) }
        };
        assert!(is_gone(&answer(404, "mail"), "mail"));
        assert!(!is_gone(&answer(404, ""), "mail"));
        assert!(!is_gone(&answer(403, "mail"), "mail"));
        assert!(!is_gone(&Status::failure("404 page not found", "").with_code(404), "mail"));
    }
}
