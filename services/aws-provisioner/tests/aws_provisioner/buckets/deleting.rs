use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use proto::{Desired, State, WorkItem};

use crate::world::{World, desiring, name};

const FORCE: &str = r#"{"deleteStrategy":{"forceBucketDeletion":true}}"#;

/// A bucket with versions, a delete marker and an unfinished upload.
async fn filled(world: &World, item: &WorkItem) -> String {
    world.settle(item, State::Ready).await;
    let (client, name) = (world.s3_client(), name(item));
    // The double cannot evaluate the condition of our policy and denies every change of an object.
    client.delete_bucket_policy().bucket(&name).send().await.unwrap();
    let enabled =
        VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let request = client.put_bucket_versioning().bucket(&name).versioning_configuration(enabled);
    request.send().await.unwrap();
    for text in ["one", "two"] {
        let body = ByteStream::from_static(text.as_bytes());
        client.put_object().bucket(&name).key("a/b c").body(body).send().await.unwrap();
    }
    client.delete_object().bucket(&name).key("a/b c").send().await.unwrap();
    client.create_multipart_upload().bucket(&name).key("big").send().await.unwrap();
    name
}

#[tokio::test(flavor = "multi_thread")]
async fn with_force_versions_markers_and_uploads_go_too() {
    let world = World::new().await;
    let item = world.item(FORCE);
    let name = filled(&world, &item).await;
    let record = world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    assert_eq!(record.message, format!("bucket {name} was deleted"));
    assert!(!world.s3().exists(world.bucket(&name)).await.unwrap());
    assert_eq!(world.iam().user_tags(&name).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_force_a_bucket_with_objects_is_kept_and_its_keys_are_not() {
    let world = World::new().await;
    let item = world.item("{}");
    let name = filled(&world, &item).await;
    // A configuration that cannot be read is no reason to lose data, nor to keep the claim.
    for json in ["{}", "not json"] {
        let mut tombstone = desiring(&item, Desired::Absent);
        tombstone.strategy.as_mut().unwrap().json = json.into();
        let record = world.settle(&tombstone, State::Absent).await;
        assert!(record.message.contains("is kept"), "{}", record.message);
    }
    let mut tombstone = desiring(&item, Desired::Absent);
    tombstone.strategy = None;
    tombstone.cluster.tags = [("aws:refused".to_owned(), String::new())].into();
    world.settle(&tombstone, State::Absent).await;
    assert!(world.s3().exists(world.bucket(&name)).await.unwrap());
    assert_eq!(world.iam().user_tags(&name).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn w24_an_empty_bucket_is_deleted_and_one_that_is_gone_is_no_error() {
    let mut world = World::new().await;
    let item = world.item("{}");
    world.settle(&item, State::Ready).await;
    let record = world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    assert!(record.message.ends_with("was deleted"), "{}", record.message);
    world.wipe_bus().await;
    let record = world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    assert!(record.message.ends_with("does not exist"), "{}", record.message);
}
