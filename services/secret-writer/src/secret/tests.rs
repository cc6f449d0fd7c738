use proto::Kind;
use serde_json::json;

use super::*;
use crate::fixtures::{OTHER_UID, UID, claim, stored, values};

fn build(present: Option<&StoredSecret>) -> StoredSecret {
    let claim = claim(Kind::Postgres);
    let builder = Builder { claim: &claim, provider: Provider::Openshift };
    builder.build("secret", OPAQUE, values(&[("password", "canary")]), present)
}

#[test]
fn a_secret_is_ours_by_label_or_by_controller_and_never_with_another_controller() {
    let controller = |uid: &str| json!([{"apiVersion": "v1", "kind": "K", "name": "n", "uid": uid, "controller": true}]);
    let owner = json!([{"apiVersion": "v1", "kind": "K", "name": "n", "uid": UID}]);
    let label = |uid: &str| json!({"integreatly.org/claim-uid": uid});
    let table = [
        ("nobody's", json!({}), false),
        ("labelled", json!({"labels": label(UID)}), true),
        ("of another claim", json!({"labels": label(OTHER_UID)}), false),
        ("the Go operator's", json!({"ownerReferences": controller(UID)}), true),
        ("of another controller", json!({"ownerReferences": controller(OTHER_UID)}), false),
        (
            "labelled, of another controller",
            json!({"labels": label(UID), "ownerReferences": controller(OTHER_UID)}),
            false,
        ),
        ("owned, but by no controller", json!({"ownerReferences": owner}), false),
    ];
    for (case, metadata, expected) in table {
        assert_eq!(stored(&metadata, &[]).is_of(UID), expected, "{case}");
    }
}

#[test]
fn a_new_secret_carries_labels_annotations_and_its_owner() {
    let secret = serde_json::to_value(Secret::from(&build(None))).unwrap();
    let expected = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": "secret", "namespace": "team",
            "labels": {
                "app.kubernetes.io/managed-by": "cloud-resource-operator",
                "integreatly.org/claim-kind": "postgres",
                "integreatly.org/claim-uid": UID,
                "integreatly.org/provider": "openshift",
            },
            "annotations": {"integreatly.org/claim-name": "my", "integreatly.org/claim-uid": UID},
            "ownerReferences": [{
                "apiVersion": "integreatly.org/v1alpha1", "kind": "Postgres", "name": "my", "uid": UID,
                "controller": true, "blockOwnerDeletion": false,
            }],
        },
        "data": {"password": "Y2FuYXJ5"},
    });
    assert_eq!(secret, expected);
}

#[test]
fn a_secret_that_is_built_twice_is_the_same() {
    let once = build(None);
    assert_eq!(build(Some(&once)), once);
}

#[test]
fn what_people_added_to_a_secret_of_ours_stays_and_what_they_removed_comes_back() {
    let metadata = json!({
        "uid": "s-1", "resourceVersion": "7",
        "labels": {"integreatly.org/claim-uid": UID, "team": "blue"},
        "annotations": {"reflector": "on"},
        "finalizers": ["backup"],
    });
    let built = build(Some(&stored(&metadata, &[("old", "1")]))).metadata;
    let labels = built.labels.unwrap();
    assert_eq!(labels["team"], "blue");
    assert_eq!(labels[names::MANAGED_BY], names::MANAGED_BY_VALUE);
    assert_eq!(built.annotations.unwrap()["reflector"], "on");
    assert_eq!(built.finalizers.unwrap(), ["backup"]);
    assert_eq!((built.uid.as_deref(), built.resource_version.as_deref()), (Some("s-1"), Some("7")));
}

#[test]
fn the_go_operators_owner_reference_stays_as_it_is() {
    let owners = json!([{
        "apiVersion": "integreatly.org/v1alpha1", "kind": "Postgres", "name": "my", "uid": UID,
        "controller": true, "blockOwnerDeletion": true,
    }]);
    let present = stored(&json!({"ownerReferences": owners}), &[]);
    let built = build(Some(&present)).metadata.owner_references.unwrap();
    assert_eq!(Some(built), present.metadata.owner_references);
}

#[test]
fn the_type_of_a_secret_that_exists_is_not_changed() {
    let present = StoredSecret { type_: "custom".into(), ..build(None) };
    assert_eq!(build(Some(&present)).type_, "custom");
}

#[test]
fn simulated_secrets_are_labelled_as_long_as_they_are() {
    let mut secret = build(None);
    mark_simulated(&mut secret, true);
    assert_eq!(secret.label(names::SIMULATED), Some("true"));
    mark_simulated(&mut secret, false);
    assert_eq!(secret.label(names::SIMULATED), None);
}

#[test]
fn neither_values_nor_annotations_of_a_secret_print() {
    let copy =
        json!({"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "canary"}});
    for secret in [build(None), stored(&copy, &[("password", "canary")])] {
        let step = crate::plan::Step::Create(secret.clone());
        assert!(!format!("{secret:?} {step:?} {:?}", secret.values).contains("canary"));
    }
}

#[test]
fn labels_lead_back_to_the_claim() {
    let secret = Secret::from(&build(None));
    assert_eq!(labels_of(&secret), Some(("openshift", "postgres", UID)));
    assert_eq!(labels_of(&Secret::default()), None);
}
