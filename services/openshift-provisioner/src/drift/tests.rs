use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::engine::Engine;
use crate::fixtures::{healthy, manifests, merge, with};
use crate::strategy::Overrides;

fn rendered() -> Value {
    serde_json::to_value(manifests(Engine::Postgres, &Overrides::default()).deployment).unwrap()
}

/// The value as an API server and admission would store it: with fields, list entries and spellings of their own,
/// as `seed` decides.
fn defaulted(value: &Value, seed: &mut impl FnMut() -> u8) -> Value {
    match value {
        Value::Object(map) => {
            let mut map: Map<String, Value> = map
                .iter()
                .map(|(key, value)| match value {
                    Value::Object(amounts) if QUANTITIES.contains(&key.as_str()) => {
                        (key.clone(), respelled(amounts, seed))
                    }
                    value => (key.clone(), defaulted(value, seed)),
                })
                .collect();
            if seed().is_multiple_of(2) {
                map.insert(format!("default{}", seed()), json!({"by": "the API server"}));
            }
            Value::Object(map)
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(|value| defaulted(value, seed)).collect();
            let is_keyed = list.iter().all(|it| LIST_KEYS.iter().any(|key| it.get(key).is_some()));
            if is_keyed && seed().is_multiple_of(2) {
                let other =
                    json!({"name": "injected", "mountPath": "/injected", "uid": "injected"});
                list.insert(usize::from(seed()) % (list.len() + 1), other);
            }
            Value::Array(list)
        }
        value => value.clone(),
    }
}

fn respelled(amounts: &Map<String, Value>, seed: &mut impl FnMut() -> u8) -> Value {
    let respelled = amounts.iter().map(|(name, amount)| {
        let text = amount.as_str().unwrap();
        let spelled = match text.strip_suffix("Gi") {
            Some(number) if seed().is_multiple_of(2) => {
                format!("{}Mi", number.parse::<u32>().unwrap() * 1024)
            }
            _ => text.to_owned(),
        };
        (name.clone(), Value::String(spelled))
    });
    Value::Object(respelled.collect())
}

/// Every leaf, as a JSON pointer.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, it)| pointers(it, &format!("{at}/{}", escape(key))))
            .collect(),
        Value::Array(list) => {
            list.iter().enumerate().flat_map(|(i, it)| pointers(it, &format!("{at}/{i}"))).collect()
        }
        _ => vec![at.to_owned()],
    }
}

#[test]
fn what_was_just_applied_has_not_drifted() {
    let manifests = manifests(Engine::Redis, &Overrides::default());
    let observed = healthy(&manifests);
    assert!(!has_drifted(&manifests.deployment, &observed.deployment.unwrap()));
    assert!(!has_drifted(&manifests.service, &observed.service.unwrap()));
}

#[test]
fn every_edit_by_hand_is_drift() {
    let rendered = rendered();
    for pointer in pointers(&rendered, "") {
        let mut observed = rendered.clone();
        *observed.pointer_mut(&pointer).unwrap() = json!("edited by hand");
        assert!(!is_subset(&rendered, &observed), "{pointer}");
    }
}

#[test]
fn drift_is_what_server_side_apply_would_undo() {
    let manifests = manifests(Engine::Postgres, &Overrides::default());
    let container = |changes: Value| {
        let mut container =
            serde_json::to_value(&manifests.deployment).unwrap()["spec"]["template"]["spec"]["containers"][0]
                .clone();
        merge(&mut container, changes);
        json!({"spec": {"template": {"spec": {"containers": [container]}}}})
    };
    let table = [
        ("another image", container(json!({"image": "evil"})), true),
        ("fewer probes", container(json!({"readinessProbe": null})), true),
        (
            "an amount spelled differently",
            container(json!({"resources": {"limits": {"memory": "2048Mi"}}})),
            false,
        ),
        ("another amount", container(json!({"resources": {"limits": {"memory": "2G"}}})), true),
        ("an unset amount", container(json!({"resources": {"limits": null}})), true),
        ("a field of others", container(json!({"terminationMessagePath": "/dev/x"})), false),
        ("replicas", json!({"spec": {"replicas": 0}}), false),
        ("a label of others", json!({"metadata": {"labels": {"team": "a"}}}), false),
        ("our label", json!({"metadata": {"labels": {"integreatly.org/provider": "aws"}}}), true),
        ("no owner", json!({"metadata": {"ownerReferences": []}}), true),
        (
            "a restart by kubectl",
            json!({"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}}),
            false,
        ),
    ];
    for (what, changes, is_drift) in table {
        let observed = with(&manifests.deployment, changes);
        assert_eq!(has_drifted(&manifests.deployment, &observed), is_drift, "{what}");
    }
}

#[test]
fn what_is_no_longer_rendered_is_drift_by_the_digest() {
    let before = Overrides { priority_class_name: Some("high".to_owned()), ..Overrides::default() };
    let observed = manifests(Engine::Postgres, &before).deployment;
    let rendered = manifests(Engine::Postgres, &Overrides::default()).deployment;
    assert!(has_drifted(&rendered, &observed));
}

proptest! {
    #[test]
    fn defaults_of_the_api_server_and_additions_of_others_are_no_drift(bytes in prop::collection::vec(any::<u8>(), 1..64)) {
        let mut bytes = bytes.into_iter().cycle();
        let mut seed = || bytes.next().unwrap_or_default();
        let rendered = rendered();
        let observed = defaulted(&rendered, &mut seed);
        prop_assert!(is_subset(&rendered, &observed), "{observed:#}");
    }
}
