//! Who serves a type: an administrator says so, and may be wrong.

use crds::ClaimKind;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use stack::{Claim, Stack, condition};

const MAPPING: &str = "cloud-resource-config";
const GOOD: &str = r#"{"redis": "openshift"}"#;

fn config_maps(stack: &Stack) -> Api<ConfigMap> {
    Api::namespaced(stack.client.clone(), &stack.namespace)
}

/// Waits until both conditions say so.
async fn until_told(stack: &Stack, claim: &Claim, reason: &str, part: &str) {
    let told = stack.until(claim, part, |object| {
        ["Scheduled", "Ready"].into_iter().all(|kind| {
            condition(object, kind).is_some_and(|it| {
                it["reason"] == reason && it["message"].as_str().unwrap().contains(part)
            })
        })
    });
    told.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_the_mapping_is_told_and_heals_when_corrected() {
    let mut stack = Stack::prepare("mapping-wrong").await.unwrap();
    let table = [
        (json!("{oops"), "WaitingForConfig", "key workshop: key must be a string"),
        (json!(""), "WaitingForConfig", "key workshop: it is empty"),
        (json!("[]"), "WaitingForConfig", "key workshop: invalid type"),
        (json!("{}"), "UnsupportedType", "names no provider for redis"),
        (json!(r#"{"redis": "azure"}"#), "UnsupportedProvider", "there are aws and openshift"),
        (json!(r#"{"redis": "gcp"}"#), "UnsupportedProvider", "gcp are left as they are"),
        (Value::Null, "UnsupportedType", "has: aws, managed, openshift"),
    ];
    stack.configure(MAPPING, "workshop", table[0].0.clone()).await.unwrap();
    stack.start_services().await.unwrap();
    let claim = Claim::redis("cache");
    stack.create(&claim).await.unwrap();
    for (text, reason, part) in table {
        stack.configure(MAPPING, "workshop", text).await.unwrap();
        until_told(&stack, &claim, reason, part).await;
    }
    stack.configure(MAPPING, "workshop", GOOD).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_is_emptied_or_gone_holds_claims_up_until_it_is_back() {
    let mut stack = Stack::prepare("mapping-gone").await.unwrap();
    let api = config_maps(&stack);
    let mut good = api.get(MAPPING).await.unwrap();
    let emptied = Patch::Merge(json!({"data": null}));
    api.patch(MAPPING, &PatchParams::default(), &emptied).await.unwrap();
    stack.start_services().await.unwrap();
    let claim = Claim::redis("cache");
    stack.create(&claim).await.unwrap();
    until_told(&stack, &claim, "UnsupportedType", "has no types").await;
    api.delete(MAPPING, &DeleteParams::default()).await.unwrap();
    until_told(&stack, &claim, "WaitingForConfig", "it was there and is gone; restore it").await;
    good.metadata.resource_version = None;
    good.metadata.managed_fields = None;
    api.create(&PostParams::default(), &good).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_a_provider_that_nobody_serves_is_told_so_and_left_alone() {
    let mut stack = Stack::prepare("mapping-gcp").await.unwrap();
    stack.configure(MAPPING, "workshop", r#"{"redis": "gcp"}"#).await.unwrap();
    stack.start_services().await.unwrap();
    let (claim, other) = (Claim::redis("cache"), Claim::redis("other"));
    for claim in [&claim, &other] {
        stack.create(claim).await.unwrap();
        until_told(&stack, claim, "UnsupportedProvider", "gcp are left as they are").await;
    }
    let object = stack.get(&claim).await.unwrap().unwrap();
    assert_eq!(object.metadata.finalizers, None);
    assert_eq!((&object.data["status"]["phase"], &object.data["status"]["placement"]), NOTHING);
    stack.delete(&other).await.unwrap();
    stack.until_gone(&other).await.unwrap();
    stack.configure(MAPPING, "workshop", GOOD).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}

const NOTHING: (&Value, &Value) = (&Value::Null, &Value::Null);

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_in_the_cluster_are_invalid_say_why_and_can_be_deleted() {
    let stack = Stack::start("mapping-snapshots").await.unwrap();
    let kinds = [ClaimKind::PostgresSnapshot, ClaimKind::RedisSnapshot];
    let snapshots = kinds.map(|kind| Claim::snapshot(kind, kind.as_str(), "data"));
    for snapshot in &snapshots {
        stack.create(snapshot).await.unwrap();
        until_told(&stack, snapshot, "WaitingForResource", "there is no claim").await;
    }
    for parent in [Claim::postgres("data").secret("p"), Claim::redis("data").secret("r")] {
        stack.create(&parent).await.unwrap();
    }
    for snapshot in &snapshots {
        let part = "is not offered by the provider openshift: delete the object";
        until_told(&stack, snapshot, "Invalid", part).await;
        let object = stack.get(snapshot).await.unwrap().unwrap();
        assert_eq!(object.data["status"]["phase"], "failed");
        stack.delete(snapshot).await.unwrap();
        stack.until_gone(snapshot).await.unwrap();
    }
}
