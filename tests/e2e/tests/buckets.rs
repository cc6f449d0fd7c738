//! Buckets in the cluster, by `ObjectBucketClaim`, where the strategy asks for them.

use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use serde_json::json;
use stack::{Buckets, Claim, Stack, condition};

/// The sample strategies have it.
const TIER: &str = "bucket";

fn secrets(stack: &Stack) -> Api<Secret> {
    Api::namespaced(stack.client.clone(), &stack.namespace)
}

/// A stack whose cluster serves `ObjectBucketClaim`s.
async fn start(namespace: &str) -> (Stack, Buckets) {
    let mut stack = Stack::prepare(namespace).await.unwrap();
    let buckets = Buckets::install(&stack).await.unwrap();
    stack.start_services().await.unwrap();
    (stack, buckets)
}

/// The name of the `ObjectBucketClaim`, once the claim says it.
async fn bucket_of(stack: &Stack, claim: &Claim) -> String {
    let identifier = |object: &kube::api::DynamicObject| {
        object.data["status"]["placement"]["identifier"].as_str().map(str::to_owned)
    };
    let told = stack.until(claim, "named", |object| identifier(object).is_some()).await.unwrap();
    identifier(&told).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_lives_from_apply_to_deletion() {
    let (stack, buckets) = start("bucket-life").await;
    let claim = Claim::placeholder("files").tier(TIER);
    stack.create(&claim).await.unwrap();
    let bucket = bucket_of(&stack, &claim).await;
    let waiting = stack.until_condition(&claim, "Ready", "Provisioning").await.unwrap();
    assert_eq!(waiting.finalizers().len(), 1);
    let made = buckets.bind(&bucket, "S/K").await.unwrap();
    assert_eq!(made.spec.storage_class_name, "openshift-storage.noobaa.io");
    assert_eq!(made.spec.additional_config["bucketclass"], "noobaa-default-bucket-class");

    stack.until_complete(&claim).await.unwrap();
    let values = stack.secret("files-sec").await.unwrap().unwrap();
    let bucket_name = format!("files-{}", made.uid().unwrap());
    let expected = [
        ("bucketHost", "s3.storage.svc"),
        ("bucketName", &bucket_name),
        ("bucketPort", "443"),
        ("bucketRegion", ""),
        ("credentialKeyID", "AK"),
        ("credentialSecretKey", "S/K"),
    ];
    assert_eq!(values, expected.map(|(key, it)| (key.to_owned(), it.to_owned())).into());
    secrets(&stack).delete("files-sec", &DeleteParams::default()).await.unwrap();
    stack.until_secret("files-sec", "is back", |it| *it == values).await.unwrap();

    stack.delete(&claim).await.unwrap();
    let is_leaving = |it: &crds::ObjectBucketClaim| it.metadata.deletion_timestamp.is_some();
    buckets.until(&bucket, "is deleted", is_leaving).await.unwrap();
    let left = stack.until(&claim, "waits for its bucket", |object| {
        condition(object, "Provisioned")
            .and_then(|it| it["message"].as_str())
            .is_some_and(|message| message.contains("ObjectBucketClaim left"))
    });
    left.await.unwrap();
    buckets.release(&bucket).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    assert_eq!(buckets.claims().get_opt(&bucket).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_filled_in_outlives_a_strategy_that_begins_to_ask_for_buckets() {
    let (stack, buckets) = start("bucket-filled").await;
    let claim = Claim::placeholder("files");
    stack.create(&claim).await.unwrap();
    let placeholder = stack.until_complete(&claim).await.unwrap();
    assert!(placeholder.finalizers().is_empty());
    let fill = Patch::Merge(json!({"stringData": {"credentialSecretKey": "mine"}}));
    secrets(&stack).patch("files-sec", &PatchParams::default(), &fill).await.unwrap();
    stack.patch(&claim, json!({"spec": {"tier": TIER}})).await.unwrap();
    let bucket = bucket_of(&stack, &claim).await;
    buckets.until(&bucket, "is made", |_| true).await.unwrap();
    let untaken = stack.until_condition(&claim, "Provisioned", "Transient").await.unwrap();
    assert_eq!(untaken.data["status"]["phase"], "complete", "what people filled in still works");
    buckets.bind(&bucket, "SK").await.unwrap();
    let is_kept = |object: &kube::api::DynamicObject| {
        let message = condition(object, "SecretWritten").and_then(|it| it["message"].as_str());
        message.is_some_and(|message| message.contains("people filled in"))
    };
    stack.until(&claim, "kept", is_kept).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let values = stack.secret("files-sec").await.unwrap().unwrap();
    assert_eq!(values["credentialSecretKey"], "mine");

    secrets(&stack).delete("files-sec", &DeleteParams::default()).await.unwrap();
    let of_bucket = |it: &stack::Values| it["credentialSecretKey"] == "SK";
    stack.until_secret("files-sec", "has the bucket's keys", of_bucket).await.unwrap();
    stack.until(&claim, "written", |object| !is_kept(object)).await.unwrap();
}
