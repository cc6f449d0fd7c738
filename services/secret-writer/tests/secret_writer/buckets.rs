use crds::{ObjectBucketClaim, names};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams, PostParams};
use proto::{ErrorClass, Field, Identity, Kind, Record, State};
use serde_json::json;
use stack::Buckets;

use crate::world::{World, eventually, texts};

fn name(claim: &Identity) -> String {
    names::bucket_claim(&claim.name, claim.uid.as_str())
}

/// What openshift-provisioner publishes of a bucket.
fn bucket() -> Vec<(&'static str, Field)> {
    vec![
        ("bucketName", Field::Literal("files-1".into())),
        ("bucketRegion", Field::Literal(String::new())),
        ("bucketHost", Field::Literal("s3.storage.svc".into())),
        ("credentialKeyID", Field::Bucket("AWS_ACCESS_KEY_ID".into())),
        ("credentialSecretKey", Field::Bucket("AWS_SECRET_ACCESS_KEY".into())),
    ]
}

/// The `ObjectBucketClaim` of a claim, as openshift-provisioner makes it; of another one where `uid` says so.
async fn asked(buckets: &Buckets, claim: &Identity, uid: &str) -> ObjectBucketClaim {
    let asked = serde_json::from_value(json!({
        "metadata": {"name": name(claim), "labels": {names::CLAIM_UID: uid}},
        "spec": {"storageClassName": "noobaa", "generateBucketName": "files"},
    }));
    buckets.claims().create(&PostParams::default(), &asked.unwrap()).await.unwrap()
}

fn is(class: ErrorClass) -> impl Fn(&Record) -> bool {
    move |record| record.error_class == Some(class)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_a_bucket_are_written_and_come_back() {
    let world = World::new("bucket-keys").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let replica = world.replica().await;
    let claim = world.claim(Kind::BlobStorage, "files").await;
    let result = world.publish(&claim, bucket()).await;
    let record = world.record(&claim, "waits", is(ErrorClass::Transient)).await;
    assert_eq!(world.secret("files-secret").await, None);
    assert_ne!(record.state, State::Ready);
    asked(&buckets, &claim, claim.uid.as_str()).await;
    buckets.bind(&name(&claim), "SK/1").await.unwrap();
    world.ready(&result).await;
    let good = texts(&world.secret("files-secret").await.unwrap());
    let keys: Vec<&str> = good.keys().map(String::as_str).collect();
    let expected =
        ["bucketHost", "bucketName", "bucketRegion", "credentialKeyID", "credentialSecretKey"];
    assert_eq!(keys, expected);
    assert_eq!((&*good["credentialKeyID"], &*good["credentialSecretKey"]), ("AK", "SK/1"));
    let binding = texts(&world.secret("files-secret-binding").await.unwrap());
    assert_eq!((&*binding["secret-access-key"], &*binding["host"]), ("SK/1", "s3.storage.svc"));

    for secret in ["files-secret", "files-secret-binding"] {
        let good = texts(&world.secret(secret).await.unwrap());
        world.delete_secret(secret).await;
        world.secret_when(secret, "is back", |it| texts(it) == good).await;
    }
    world.edit_secret("files-secret", "bucketName", "edited").await;
    world.secret_when("files-secret", "is corrected", |it| texts(it) == good).await;

    // The provisioner has made new keys, while somebody looked and while nobody did.
    let follows = |key: &'static str| move |it: &Secret| texts(it)["credentialSecretKey"] == key;
    world.edit_secret(&name(&claim), "AWS_SECRET_ACCESS_KEY", "SK/2").await;
    world.secret_when("files-secret", "has new keys", follows("SK/2")).await;
    drop(replica);
    world.edit_secret(&name(&claim), "AWS_SECRET_ACCESS_KEY", "SK/3").await;
    let _replica = world.replica().await;
    world.secret_when("files-secret", "has the newest keys", follows("SK/3")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_read_but_the_one_of_the_claims_own_bucket() {
    let world = World::new("bucket-theirs").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let _replica = world.replica().await;
    // A Secret of the right name that no bucket owns.
    let planted = world.claim(Kind::BlobStorage, "planted").await;
    asked(&buckets, &planted, planted.uid.as_str()).await;
    let theirs = json!({
        "metadata": {"name": name(&planted)},
        "stringData": {"AWS_ACCESS_KEY_ID": "canary", "AWS_SECRET_ACCESS_KEY": "canary"},
    });
    let theirs = serde_json::from_value(theirs).unwrap();
    world.secrets().create(&PostParams::default(), &theirs).await.unwrap();
    world.publish(&planted, bucket()).await;
    let record = world.record(&planted, "foreign", is(ErrorClass::Foreign)).await;
    assert!(!record.message.contains("canary"), "{}", record.message);
    assert_eq!(world.secret("planted-secret").await, None);

    // The bucket of another claim.
    let other = world.claim(Kind::BlobStorage, "other").await;
    asked(&buckets, &other, planted.uid.as_str()).await;
    buckets.bind(&name(&other), "canary").await.unwrap();
    world.publish(&other, bucket()).await;
    world.record(&other, "foreign", is(ErrorClass::Foreign)).await;
    assert_eq!(world.secret("other-secret").await, None);

    // Both heal once they are what they should be.
    world.delete_secret(&name(&planted)).await;
    let owner = buckets.claims().get(&name(&planted)).await.unwrap();
    buckets.write_secret(&owner, "SK").await.unwrap();
    let label = json!({"metadata": {"labels": {names::CLAIM_UID: other.uid.as_str()}}});
    let params = PatchParams::default();
    buckets.claims().patch(&name(&other), &params, &Patch::Merge(label)).await.unwrap();
    for claim in [&planted, &other] {
        world.record(claim, "ready", |record| record.state == State::Ready).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_that_people_filled_in_is_kept_until_they_delete_it() {
    let world = World::new("bucket-filled").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let _replica = world.replica().await;
    let placeholder = || {
        let keys = ["bucketName", "bucketRegion", "credentialKeyID", "credentialSecretKey"];
        keys.map(|key| (key, Field::KeepOr(names::PLACEHOLDER.into()))).to_vec()
    };
    let (filled, blank) = (
        world.claim(Kind::BlobStorage, "filled").await,
        world.claim(Kind::BlobStorage, "blank").await,
    );
    for claim in [&filled, &blank] {
        let result = world.publish(claim, placeholder()).await;
        world.ready(&result).await;
        asked(&buckets, claim, claim.uid.as_str()).await;
        buckets.bind(&name(claim), "SK").await.unwrap();
    }
    world.edit_secret("filled-secret", "credentialSecretKey", "mine").await;
    let results = [world.publish(&blank, bucket()).await, world.publish(&filled, bucket()).await];
    world.ready(&results[0]).await;
    assert_eq!(texts(&world.secret("blank-secret").await.unwrap())["credentialSecretKey"], "SK");
    let record = world.ready(&results[1]).await;
    assert!(record.message.contains("people filled in"), "{}", record.message);
    assert_eq!(texts(&world.secret("filled-secret").await.unwrap())["credentialSecretKey"], "mine");
    // What they fill in afterwards is followed, as before.
    world.edit_secret("filled-secret", "bucketName", "ours").await;
    let follows = |secret: &_| texts(secret).get("bucket").is_some_and(|it| it == "ours");
    world.secret_when("filled-secret-binding", "follows", follows).await;
    eventually("event", async || (world.events("SecretKept").await == 1).then_some(())).await;
    world.delete_secret("filled-secret").await;
    let of_bucket = |secret: &_| texts(secret)["credentialSecretKey"] == "SK";
    world.secret_when("filled-secret", "has the bucket's keys", of_bucket).await;
}
