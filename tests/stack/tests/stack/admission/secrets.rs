//! secret-writer's Secrets.

use kube::api::{Api, DynamicObject, PostParams};
use proto::Service;
use serde_json::{Value, json};
use stack::Stack;

use super::{OTHER_UID, UID, api, labels, owner, refusal, said, until_refused, with};

fn secret(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": name, "labels": labels(UID, "postgres"), "ownerReferences": owner(UID),
            "annotations": {"integreatly.org/claim-name": "orders"},
        },
        "stringData": {"password": "x"},
    })
}

/// What secret-writer is told when it replaces what the administrator made.
async fn replacement(
    stack: &Stack,
    own: &Api<DynamicObject>,
    present: &Value,
    wanted: &Value,
) -> Option<String> {
    let admin = api(&stack.client, &stack.client, present, &stack.namespace).await;
    let made = serde_json::from_value(present.clone()).unwrap();
    let made = admin.create(&PostParams::default(), &made).await.unwrap();
    let mut wanted: DynamicObject = serde_json::from_value(wanted.clone()).unwrap();
    wanted.metadata.resource_version = made.metadata.resource_version;
    let name = wanted.metadata.name.clone().unwrap();
    said(own.replace(&name, &PostParams::default(), &wanted).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn x04_secrets_are_of_a_claim_and_were_of_it() {
    let mut stack = Stack::prepare("admit-secrets").await.unwrap();
    let client = stack.service(Service::SecretWriter).client().await.unwrap();
    let good = secret("orders-sec");
    let own = api(&client, &stack.client, &good, &stack.namespace).await;
    let unlabelled = with(&good, &[("metadata/labels", Value::Null)]);
    until_refused(&stack, &own, &unlabelled, "carries the labels").await;

    assert_eq!(refusal(&own, &good).await, None);
    let binding = with(&good, &[("type", json!("servicebinding.io/postgresql"))]);
    assert_eq!(refusal(&own, &binding).await, None);
    let forged = [
        ("metadata/labels", labels("", "postgres"), "carries the labels"),
        ("metadata/labels/app.kubernetes.io~managed-by", json!("Helm"), "carries the labels"),
        ("metadata/ownerReferences", json!([]), "controlled by that claim"),
        ("metadata/ownerReferences", owner(OTHER_UID), "controlled by that claim"),
        ("metadata/ownerReferences/0/apiVersion", json!("apps/v1"), "controlled by that claim"),
        ("metadata/ownerReferences/0/controller", json!(false), "controlled by that claim"),
        ("type", json!("example.com/anything"), "has type Opaque"),
    ];
    for (path, value, message) in forged {
        let said = refusal(&own, &with(&good, &[(path, value)])).await.unwrap_or_default();
        assert!(said.contains(message), "{path}: {said}");
    }

    // Taking over what is there.
    let foreign = with(
        &secret("foreign"),
        &[("metadata/labels", json!({})), ("metadata/ownerReferences", json!([]))],
    );
    let others = with(
        &secret("others"),
        &[
            ("metadata/labels", labels(OTHER_UID, "postgres")),
            ("metadata/ownerReferences", json!([])),
        ],
    );
    for present in [foreign, others] {
        let wanted = secret(present["metadata"]["name"].as_str().unwrap());
        let said = replacement(&stack, &own, &present, &wanted).await.unwrap_or_default();
        assert!(said.contains("was not of this claim"), "{said}");
    }
    // The Go operator's have no labels: a controller, or by their name.
    let owned = with(&secret("owned"), &[("metadata/labels", json!({}))]);
    let named = with(
        &secret("orders-aws-rds-credentials"),
        &[("metadata/labels", json!({})), ("metadata/ownerReferences", json!([]))],
    );
    for present in [owned, named] {
        let wanted = secret(present["metadata"]["name"].as_str().unwrap());
        assert_eq!(replacement(&stack, &own, &present, &wanted).await, None);
    }
}
