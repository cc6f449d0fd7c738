use crds::{ObjectBucketClaim, names};
use kube::ResourceExt as _;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use proto::{Desired, ErrorClass, Field, Identity, Kind, Record, State, WorkItem};
use serde_json::{Value, json};
use stack::{Buckets, Stack};

use crate::world::World;

/// A strategy that asks for a bucket of this class.
fn asking(class: &str) -> Value {
    json!({"objectBucketClaim": {"storageClassName": class, "additionalConfig": {"quota": "1G"}}})
}

fn name(claim: &Identity) -> String {
    names::bucket_claim(&claim.name, claim.uid.as_str())
}

async fn tombstone(world: &World, claim: &Identity) -> WorkItem {
    world.publish(claim, |item| item.desired = Desired::Absent).await
}

fn says(record: &Record, part: &str) -> bool {
    record.message.contains(part)
}

/// A claim whose bucket is bound.
async fn bound(world: &World, buckets: &Buckets) -> (Identity, WorkItem) {
    let claim = world.claim(Kind::BlobStorage, "files").await;
    let item = world.publish_strategy(&claim, asking("noobaa")).await;
    buckets.bind(&name(&claim), "SK").await.unwrap();
    world.ready(&item).await;
    (claim, item)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_asked_for_awaited_published_by_reference_and_then_costs_nothing() {
    let world = World::new("os-bucket").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let replica = world.replica().await;
    let claim = world.claim(Kind::BlobStorage, "files").await;
    let item = world.publish_strategy(&claim, asking("noobaa")).await;
    let is_untaken = |it: &Record| says(it, "StorageClass noobaa exists");
    let record = world.record(&claim, "no provisioner yet", is_untaken).await;
    assert_eq!((record.state, record.error_class), (State::Pending, None));
    let made = buckets.claims().get(&name(&claim)).await.unwrap();
    assert_eq!(made.metadata.owner_references, None, "garbage collection must never delete data");
    assert_eq!(made.labels()[names::CLAIM_UID], claim.uid.as_str());
    assert_eq!(made.spec.storage_class_name, "noobaa");
    assert_eq!(made.spec.additional_config["quota"], "1G");
    buckets.set_phase(&name(&claim), "Pending").await.unwrap();
    world.record(&claim, "a provisioner", |it| says(it, "makes the bucket")).await;

    buckets.bind(&name(&claim), "canary").await.unwrap();
    let record = world.ready(&item).await;
    assert_eq!(record.placement.identifier, Some(name(&claim)));
    assert!(record.placement.observed && record.intent.is_none());
    let fields = world.connection(&claim).await.fields;
    let keys: Vec<&str> = fields.keys().map(String::as_str).collect();
    let expected = ["bucketHost", "bucketName", "bucketPort", "bucketRegion"];
    assert_eq!(keys[..4], expected);
    assert_eq!(fields["bucketHost"], Field::Literal("s3.storage.svc".to_owned()));
    assert_eq!(fields["credentialKeyID"], Field::Bucket("AWS_ACCESS_KEY_ID".to_owned()));
    assert_eq!(fields["credentialSecretKey"], Field::Bucket("AWS_SECRET_ACCESS_KEY".to_owned()));

    // What the provisioner wrote is its own, and a new item asks for the same: neither writes anything.
    assert_eq!(replica.writes(), 1);
    let again = world.publish_strategy(&claim, asking("noobaa")).await;
    world.ready(&again).await;
    assert_eq!(replica.writes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_was_deleted_needs_a_person_and_is_never_made_anew() {
    let world = World::new("os-bucket-lost").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let replica = world.replica().await;
    let (claim, _) = bound(&world, &buckets).await;
    let needs_person = |it: &Record| it.error_class == Some(ErrorClass::NeedsPerson);
    buckets.claims().delete(&name(&claim), &DeleteParams::default()).await.unwrap();
    let going = |it: &Record| needs_person(it) && says(it, "save the data now");
    world.record(&claim, "about to go", going).await;
    buckets.release(&name(&claim)).await.unwrap();
    world.record(&claim, "gone", |it| needs_person(it) && says(it, "is gone")).await;
    // Not even when nobody asks for it any more.
    world.publish_strategy(&claim, json!({})).await;
    world.record(&claim, "still gone", |it| needs_person(it) && says(it, "is gone")).await;
    assert_eq!(buckets.claims().get_opt(&name(&claim)).await.unwrap(), None);
    assert_eq!(replica.writes(), 1);
    let item = tombstone(&world, &claim).await;
    let is_absent = |it: &Record| it.state == State::Absent && it.item_id == item.item_id;
    world.record(&claim, "absent", is_absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_before_the_bus_was_wiped_is_found_again() {
    let mut world = World::new("os-bucket-wiped").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let replica = world.replica().await;
    let (claim, _) = bound(&world, &buckets).await;
    let before = buckets.claims().get(&name(&claim)).await.unwrap();
    world.wipe().await;
    let item = world.publish_strategy(&claim, asking("noobaa")).await;
    assert!(world.ready(&item).await.placement.observed);
    let after = buckets.claims().get(&name(&claim)).await.unwrap();
    assert_eq!((after.uid(), replica.writes()), (before.uid(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_claim_of_somebody_else_is_foreign_and_stays() {
    let world = World::new("os-bucket-theirs").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let replica = world.replica().await;
    let claim = world.claim(Kind::BlobStorage, "files").await;
    let theirs = json!({
        "metadata": {"name": name(&claim)}, "spec": {"storageClassName": "theirs"},
    });
    let theirs: ObjectBucketClaim = serde_json::from_value(theirs).unwrap();
    let theirs = buckets.claims().create(&PostParams::default(), &theirs).await.unwrap();
    world.publish_strategy(&claim, asking("noobaa")).await;
    let is_foreign = |it: &Record| it.error_class == Some(ErrorClass::Foreign);
    let record = world.record(&claim, "foreign", is_foreign).await;
    assert!(!record.placement.observed);
    tombstone(&world, &claim).await;
    world.record(&claim, "absent", |it| it.state == State::Absent).await;
    assert_eq!(buckets.claims().get(&name(&claim)).await.unwrap(), theirs);
    assert_eq!(replica.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_changed_or_made_is_told_and_what_works_is_left() {
    let world = World::new("os-bucket-refused").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let _replica = world.replica().await;
    let (claim, item) = bound(&world, &buckets).await;
    let is_refused = |it: &Record| it.error_class == Some(ErrorClass::Invalid);
    for (asked, path) in [
        (
            json!({"objectBucketClaim": {"storageClassName": 7}}),
            "strategy.objectBucketClaim.storageClassName: ",
        ),
        (json!({"objectBucketClaim": true}), "strategy.objectBucketClaim: "),
    ] {
        let refused = world.publish_strategy(&claim, asked).await;
        let is_it = |it: &Record| is_refused(it) && it.item_id == refused.item_id;
        let record = world.record(&claim, "refused", is_it).await;
        assert!(record.message.starts_with(path), "{}", record.message);
    }
    assert_eq!(world.connection(&claim).await.item_id, item.item_id);
    world.publish_strategy(&claim, asking("other")).await;
    let is_told = |it: &Record| says(it, "has class noobaa, which cannot be changed to other");
    assert_eq!(world.record(&claim, "told", is_told).await.state, State::Ready);
    world.publish_strategy(&claim, asking("noobaa")).await;
    buckets.set_phase(&name(&claim), "Failed").await.unwrap();
    let has_failed = |it: &Record| says(it, "failed to make the bucket");
    let record = world.record(&claim, "failed", has_failed).await;
    assert_eq!(record.error_class, Some(ErrorClass::Transient));
    buckets.set_phase(&name(&claim), "Bound").await.unwrap();
    world.record(&claim, "ready again", |it| it.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn config_that_changed_or_was_edited_is_brought_back() {
    let world = World::new("os-bucket-drift").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let _replica = world.replica().await;
    let (claim, _) = bound(&world, &buckets).await;
    let edit = Patch::Merge(json!({"spec": {"additionalConfig": {"quota": "9T"}}}));
    buckets.claims().patch(&name(&claim), &PatchParams::default(), &edit).await.unwrap();
    let has = |quota: Option<&'static str>| {
        move |it: &ObjectBucketClaim| {
            it.spec.additional_config.get("quota").map(String::as_str) == quota
        }
    };
    buckets.until(&name(&claim), "is brought back", has(Some("1G"))).await.unwrap();
    let without = json!({"objectBucketClaim": {"storageClassName": "noobaa"}});
    world.publish_strategy(&claim, without).await;
    let bare = buckets.until(&name(&claim), "has no quota", has(None)).await.unwrap();
    assert!(bare.labels().contains_key("bucket-provisioner"), "theirs stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_nobody_asks_for_any_more_stays_until_the_claim_goes() {
    let world = World::new("os-bucket-kept").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let _replica = world.replica().await;
    let (claim, _) = bound(&world, &buckets).await;
    let fields = world.connection(&claim).await.fields;
    let item = world.publish_strategy(&claim, json!({})).await;
    let record = world.ready(&item).await;
    assert!(says(&record, "stays until the claim is deleted"), "{}", record.message);
    assert_eq!(world.connection(&claim).await.fields, fields);

    let item = tombstone(&world, &claim).await;
    let is_leaving = |it: &ObjectBucketClaim| it.metadata.deletion_timestamp.is_some();
    buckets.until(&name(&claim), "is deleted", is_leaving).await.unwrap();
    world.record(&claim, "waits", |it| says(it, "ObjectBucketClaim left")).await;
    buckets.release(&name(&claim)).await.unwrap();
    let is_absent = |it: &Record| it.state == State::Absent && it.item_id == item.item_id;
    world.record(&claim, "absent", is_absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_claim_makes_no_bucket() {
    let world = World::new("os-bucket-paused").await;
    let buckets = Buckets::install(&world.stack).await.unwrap();
    let replica = world.replica().await;
    let claim = world.claim(Kind::BlobStorage, "files").await;
    let json = json!({"strategy": asking("noobaa")}).to_string();
    let pause = |item: &mut WorkItem| {
        item.desired = Desired::Paused;
        item.strategy = Some(proto::Strategy { tier: "bucket".to_owned(), json });
    };
    world.publish(&claim, pause).await;
    world.record(&claim, "paused", |it| it.state == State::Paused).await;
    assert_eq!(buckets.claims().get_opt(&name(&claim)).await.unwrap(), None);
    assert_eq!(replica.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_serves_no_buckets_is_told_and_asked_seldom_until_it_does() {
    let world = World::on(Stack::alone("os-bucket-none").await.unwrap()).await;
    let _replica = world.replica().await;
    let placeholder = world.claim(Kind::BlobStorage, "filled-in").await;
    let item = world.publish(&placeholder, |_| {}).await;
    let record = world.ready(&item).await;
    assert_eq!(
        (record.message.as_str(), record.placement.identifier),
        ("reconcile complete", None)
    );
    let claim = world.claim(Kind::BlobStorage, "files").await;
    world.publish_strategy(&claim, asking("noobaa")).await;
    let is_told = |it: &Record| says(it, "does not serve ObjectBucketClaims");
    let record = world.record(&claim, "told", is_told).await;
    assert_eq!(record.error_class, Some(ErrorClass::Transient));
    let doomed = world.claim(Kind::BlobStorage, "doomed").await;
    world.publish_strategy(&doomed, asking("noobaa")).await;
    world.record(&doomed, "told", is_told).await;
    tombstone(&world, &doomed).await;
    world.record(&doomed, "absent", |it| it.state == State::Absent).await;

    let buckets = Buckets::install(&world.stack).await.unwrap();
    buckets.bind(&name(&claim), "SK").await.unwrap();
    world.record(&claim, "ready", |it| it.state == State::Ready).await;
    let is_ours = |call: &stack::ApiCall| {
        call.verb == "list"
            && call.resource == "objectbucketclaims"
            && call.user.ends_with("openshift-provisioner")
    };
    let lists = world.stack.site().plane.calls().into_iter().filter(is_ours).count();
    assert!((1..=3).contains(&lists), "{lists} lists");
}
