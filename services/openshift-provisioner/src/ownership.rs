//! Whose an object is, and which claim it belongs to.

use std::collections::BTreeMap;

use crds::{ClaimKind, names};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use proto::{Identity, Kind, Provider, Uid};

/// The labels of every object of a claim.
pub fn labels(claim: &Identity) -> BTreeMap<String, String> {
    let own = [
        (names::MANAGED_BY, names::MANAGED_BY_VALUE),
        (names::PROVIDER, Provider::Openshift.as_str()),
    ];
    let mut labels = selector(claim);
    labels.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
    labels
}

/// The labels that choose the pods of one claim and no others: two claims of the same name share nothing (W-30).
pub fn selector(claim: &Identity) -> BTreeMap<String, String> {
    let own = [(names::CLAIM_UID, claim.uid.as_str()), (names::CLAIM_KIND, claim.kind.as_str())];
    own.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// Selects the objects of all claims that we serve.
pub fn watched() -> String {
    let (manager, provider) = (names::MANAGED_BY_VALUE, Provider::Openshift);
    format!("{}={manager},{}={provider}", names::MANAGED_BY, names::PROVIDER)
}

/// Whether an object is the claim's: its label carries the claim's uid.
pub fn is_of(metadata: &ObjectMeta, uid: &Uid) -> bool {
    label(metadata, names::CLAIM_UID) == Some(uid.as_str())
}

/// The claim that the labels of an object name.
pub fn claim_of(metadata: &ObjectMeta) -> Option<(Kind, Uid)> {
    let kind = label(metadata, names::CLAIM_KIND)?.parse().ok()?;
    Some((kind, label(metadata, names::CLAIM_UID)?.parse().ok()?))
}

/// A controller reference to the claim. It does not block the claim's deletion: our finalizer does, and blocking
/// needs a permission on the claim's finalizers that this service has no other use for.
pub fn owner_reference(claim: &Identity) -> OwnerReference {
    let kind: ClaimKind = claim.kind.as_str().parse().expect("claims that own objects have a kind");
    let resource = kind.api_resource();
    OwnerReference {
        api_version: resource.api_version,
        kind: resource.kind,
        name: claim.name.clone(),
        uid: claim.uid.to_string(),
        controller: Some(true),
        block_owner_deletion: None,
    }
}

/// The field manager that owns a field, such as `["spec", "replicas"]`.
pub fn manager_of<'a>(metadata: &'a ObjectMeta, path: &[&str]) -> Option<&'a str> {
    let owns = |fields: &serde_json::Value| {
        let found = path.iter().try_fold(fields, |fields, key| fields.get(format!("f:{key}")));
        found.is_some()
    };
    let entries = metadata.managed_fields.iter().flatten();
    let mut owners = entries.filter(|it| it.fields_v1.as_ref().is_some_and(|it| owns(&it.0)));
    owners.next()?.manager.as_deref()
}

fn label<'a>(metadata: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    metadata.labels.as_ref()?.get(key).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::claim;

    fn metadata(value: &serde_json::Value) -> ObjectMeta {
        serde_json::from_value(value.clone()).unwrap()
    }

    #[test]
    fn an_object_is_found_again_by_its_labels() {
        let claim = claim(Kind::Redis);
        let metadata = ObjectMeta { labels: Some(labels(&claim)), ..ObjectMeta::default() };
        assert_eq!(claim_of(&metadata), Some((Kind::Redis, claim.uid.clone())));
        assert!(is_of(&metadata, &claim.uid));
        assert!(!is_of(&metadata, &"another".parse().unwrap()));
        assert!(!is_of(&ObjectMeta::default(), &claim.uid));
    }

    #[test]
    fn labels_that_name_no_claim_are_nobodys() {
        for labels in [
            json!({}),
            json!({"integreatly.org/claim-uid": "u"}),
            json!({"integreatly.org/claim-uid": "u", "integreatly.org/claim-kind": "mysql"}),
            json!({"integreatly.org/claim-uid": "a.b", "integreatly.org/claim-kind": "redis"}),
        ] {
            assert_eq!(claim_of(&metadata(&json!({"labels": labels}))), None);
        }
    }

    #[test]
    fn the_manager_of_a_field_is_known() {
        let fields = json!({"f:spec": {"f:replicas": {}}});
        let metadata = metadata(&json!({"managedFields": [
            {"manager": "ours", "operation": "Apply", "fieldsV1": {"f:spec": {"f:template": {}}}},
            {"manager": "scaler", "operation": "Update", "fieldsV1": fields},
        ]}));
        assert_eq!(manager_of(&metadata, &["spec", "replicas"]), Some("scaler"));
        assert_eq!(manager_of(&metadata, &["spec", "paused"]), None);
    }

    #[test]
    fn the_owner_is_the_claim_and_is_not_blocked() {
        let owner = owner_reference(&claim(Kind::Postgres));
        assert_eq!(
            (owner.api_version.as_str(), owner.kind.as_str()),
            ("integreatly.org/v1alpha1", "Postgres")
        );
        assert_eq!((owner.controller, owner.block_owner_deletion), (Some(true), None));
    }
}
