use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn object(data: &Value) -> DynamicObject {
    let mut whole = json!({
        "apiVersion": "integreatly.org/v1alpha1",
        "kind": "Postgres",
        "metadata": {"name": "db", "namespace": "team", "uid": "u-1", "generation": 4, "resourceVersion": "9"},
    });
    whole.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    serde_json::from_value(whole).unwrap()
}

fn read(data: &Value) -> Result<Claim, ClaimError> {
    Claim::try_from_dynamic(ClaimKind::Postgres, &object(data))
}

#[test]
fn a_claim_carries_its_identity_and_all_that_was_written() {
    let claim = read(&json!({
        "spec": {"type": "managed", "tier": "production", "secretRef": {"name": "s", "namespace": "t"},
                 "skipCreate": true, "size": "", "engine": null, "unknown": {"deep": [1]}},
        "status": {"phase": "complete", "secretRef": {"name": ""}, "placement": {"provider": "aws", "observed": true}},
    }))
    .unwrap();
    assert_eq!((claim.namespace.as_str(), claim.name.as_str()), ("team", "db"));
    assert_eq!((claim.uid.as_str(), claim.generation), ("u-1", 4));
    assert_eq!(claim.spec.type_.as_deref(), Some("managed"));
    assert_eq!(claim.spec.secret_name(), "s");
    assert_eq!(claim.spec.secret_ref.as_ref().unwrap().namespace.as_deref(), Some("t"));
    assert!(claim.spec.skip_create && !claim.spec.maintenance_window);
    assert_eq!((claim.spec.size.as_deref(), claim.spec.engine.as_deref()), (None, None));
    assert_eq!(claim.status.placement.unwrap().observed, Some(true));
    assert_eq!(claim.spec.check(claim.kind), Ok(()));
}

#[test]
fn what_is_missing_is_named_with_what_to_do() {
    let full = json!({"type": "t", "tier": "d", "secretRef": {"name": "s"}});
    let table = [
        ("type", json!(""), "spec.type"),
        ("tier", json!(null), "spec.tier"),
        ("secretRef", json!(null), "spec.secretRef.name"),
        ("secretRef", json!({}), "spec.secretRef.name"),
        ("secretRef", json!({"name": ""}), "spec.secretRef.name"),
    ];
    for (key, value, field) in table {
        let mut spec = full.clone();
        spec[key] = value;
        let claim = read(&json!({"spec": spec})).unwrap();
        let error = claim.spec.check(ClaimKind::Postgres).unwrap_err();
        assert_eq!(error.field(), field);
        assert!(error.to_string().starts_with(&format!("{field} is missing: name ")), "{error}");
    }
    for data in [json!({}), json!({"spec": null}), json!({"spec": {}})] {
        let spec = read(&data).unwrap().spec;
        assert_eq!(spec.check(ClaimKind::Redis).unwrap_err().field(), "spec.type");
        assert_eq!(spec.check(ClaimKind::RedisSnapshot).unwrap_err().field(), "spec.resourceName");
    }
}

#[test]
fn a_field_of_the_wrong_type_is_named_by_its_path() {
    let table = [
        (json!({"spec": 5}), "spec"),
        (json!({"spec": {"type": 5}}), "spec.type"),
        (json!({"spec": {"skipCreate": "yes"}}), "spec.skipCreate"),
        (json!({"spec": {"secretRef": "name"}}), "spec.secretRef"),
        (json!({"spec": {"secretRef": {"name": ["s"]}}}), "spec.secretRef.name"),
        (json!({"spec": {"size": "x".repeat(9), "tier": {}}}), "spec.tier"),
    ];
    for (data, field) in table {
        let error = read(&data).unwrap_err();
        assert_eq!(error.field(), field, "{error}");
        let claim = Claim::without_spec(ClaimKind::Postgres, &object(&data)).unwrap();
        assert_eq!(claim.uid, "u-1", "a broken spec hides no identity");
    }
    let long = read(&json!({"spec": {"skipCreate": "é".repeat(5000)}})).unwrap_err();
    assert!(long.to_string().chars().count() < 300);
}

#[test]
fn a_broken_status_field_takes_no_other_with_it() {
    let claim = read(&json!({"status": {
        "phase": 7, "strategy": "aws", "placement": {"provider": "aws", "identifier": "x"},
        "conditions": [5, {"type": "Ready", "status": "True", "reason": "Provisioned", "message": "",
                           "lastTransitionTime": "2024-05-01T10:00:00Z"}, {"lastTransitionTime": "now"}],
    }}))
    .unwrap();
    assert_eq!(claim.status.phase, None);
    assert_eq!(claim.status.strategy.as_deref(), Some("aws"));
    assert_eq!(claim.status.placement.unwrap().identifier.as_deref(), Some("x"));
    assert_eq!(claim.status.conditions.len(), 1);
    assert_eq!(read(&json!({"status": [1]})).unwrap().status, ClaimStatus::default());
}

#[test]
fn an_object_without_identity_is_refused() {
    for field in ["name", "namespace", "uid"] {
        let mut whole = serde_json::to_value(object(&json!({}))).unwrap();
        whole["metadata"][field] = Value::Null;
        let nameless = serde_json::from_value(whole).unwrap();
        let error = Claim::try_from_dynamic(ClaimKind::Postgres, &nameless).unwrap_err();
        assert_eq!(error.field(), format!("metadata.{field}"));
    }
}

#[test]
fn either_finalizer_counts_and_others_do_not() {
    let table = [
        (vec![], false),
        (vec!["foregroundDeletion"], false),
        (vec!["foregroundDeletion", names::FINALIZER], true),
        (vec![names::LEGACY_FINALIZER], true),
    ];
    for (finalizers, expected) in table {
        let mut object = object(&json!({}));
        object.metadata.finalizers = Some(finalizers.into_iter().map(str::to_owned).collect());
        let claim = Claim::try_from_dynamic(ClaimKind::Postgres, &object).unwrap();
        assert_eq!(claim.has_finalizer(), expected);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        prop::sample::select(vec![
            "spec",
            "status",
            "type",
            "tier",
            "secretRef",
            "name",
            "namespace",
            "conditions",
            "placement",
            "skipCreate",
            "size",
            "observedGeneration",
            "lastTransitionTime",
            "provider",
            "resourceName",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_object_makes_reading_panic(data in any_json(), spec in any_json(), status in any_json()) {
        for data in [data, json!({"spec": spec, "status": status})] {
            let mut object = object(&json!({}));
            object.data = data;
            for kind in ClaimKind::ALL {
                if let Ok(claim) = Claim::try_from_dynamic(kind, &object) {
                    let _ = claim.spec.check(kind);
                }
            }
        }
    }
}
