//! A claim, its Secrets and results, for tests.

use crds::Claim;
use k8s_openapi::api::core::v1::Secret;
use proto::{Connection, Field, Identity, ItemId, Kind, Provider};
use serde_json::{Value, json};

use crate::claim::claim_kind;
use crate::secret::StoredSecret;
use crate::values::Values;

pub(crate) const UID: &str = "u-1";
pub(crate) const OTHER_UID: &str = "u-2";

/// The claim `my` in `team`, whose Secret is `secret`.
pub(crate) fn claim(kind: Kind) -> Claim {
    claim_with(kind, "my", &json!({"secretRef": {"name": "secret"}}))
}

pub(crate) fn claim_with(kind: Kind, name: &str, spec: &Value) -> Claim {
    let object = serde_json::from_value(json!({
        "apiVersion": "integreatly.org/v1alpha1", "kind": "any",
        "metadata": {"name": name, "namespace": "team", "uid": UID},
        "spec": spec,
    }));
    Claim::try_from_dynamic(claim_kind(kind).unwrap(), &object.unwrap()).unwrap()
}

pub(crate) fn deleting(mut claim: Claim) -> Claim {
    claim.deletion = Some("2026-01-01T00:00:00Z".parse().unwrap());
    claim
}

pub(crate) fn identity(kind: Kind) -> Identity {
    Identity {
        kind,
        namespace: "team".into(),
        name: "my".into(),
        uid: UID.parse().unwrap(),
        generation: 1,
    }
}

pub(crate) fn result(provider: Provider, kind: Kind, fields: &[(&str, Field)]) -> Connection {
    let fields = fields.iter().map(|(key, field)| ((*key).to_owned(), field.clone())).collect();
    let identity = identity(kind);
    Connection { item_id: ItemId::random(), identity, provider, fields, simulated: false }
}

pub(crate) fn literal(text: &str) -> Field {
    Field::Literal(text.into())
}

pub(crate) fn credential(key: &str) -> Field {
    Field::Credential(key.into())
}

pub(crate) fn values(entries: &[(&str, &str)]) -> Values {
    entries.iter().copied().collect()
}

/// A Secret as the API server returns it.
pub(crate) fn stored(metadata: &Value, entries: &[(&str, &str)]) -> StoredSecret {
    let secret: Secret = serde_json::from_value(json!({"metadata": metadata})).unwrap();
    let mut secret = StoredSecret::from(secret);
    secret.values = values(entries);
    secret
}

/// The same after the API server has stored it.
pub(crate) fn at_version(mut secret: StoredSecret, version: &str) -> StoredSecret {
    secret.metadata.resource_version = Some(version.into());
    secret
}

/// Keys and values as text.
pub(crate) fn texts(values: &Values) -> Vec<(&str, &str)> {
    let text = |key| std::str::from_utf8(values.get(key).unwrap()).unwrap();
    values.keys().map(|key| (key, text(key))).collect()
}
