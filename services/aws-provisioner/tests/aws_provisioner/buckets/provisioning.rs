use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};
use proto::{Desired, ErrorClass, Field, State};

use crate::world::{World, desiring, name};

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_gets_a_bucket_a_user_and_a_key() {
    let world = World::new().await;
    let item = world.item("{}");
    let record = world.settle(&item, State::Ready).await;
    let name = name(&item);
    assert_eq!(record.message, "successfully created and tagged");
    assert_eq!(record.placement.identifier.as_deref(), Some(name.as_str()));
    assert_eq!(
        (record.placement.region.as_str(), &record.placement.account),
        ("us-east-1", &world.account)
    );
    assert!(record.placement.observed && record.intent.is_none());

    let (s3, bucket) = (world.s3(), world.bucket(&name));
    let tags = s3.tags(bucket).await.unwrap().unwrap();
    assert_eq!(tags["integreatly.org/clusterID"], "cluster");
    assert_eq!(tags["cost-centre"], "42");
    assert!(s3.blocks_public_access(bucket).await.unwrap());
    assert!(s3.is_encrypted(bucket).await.unwrap());
    assert!(s3.policy(bucket).await.unwrap().unwrap().contains("aws:SecureTransport"));
    assert_eq!(world.iam().user_tags(&name).await.unwrap(), Some(tags));

    let connection = world.connection(&item).await.unwrap();
    let literal = |text: &str| Field::Literal(text.into());
    let expected = [
        ("bucketName".to_owned(), literal(&name)),
        ("bucketRegion".to_owned(), literal("us-east-1")),
        ("credentialKeyID".to_owned(), Field::Credential("keyId".into())),
        ("credentialSecretKey".to_owned(), Field::Credential("secretKey".into())),
    ];
    assert_eq!(connection.fields, expected.into());
    assert!(connection.simulated);
    let keys = world.iam().access_keys(&name).await.unwrap();
    assert_eq!(world.keeper.ids(), keys);
    let secret = &world.keeper.values(&keys[0])["secretKey"];
    assert!(!world.log().contains(secret) && !world.log().contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_desired_is_only_looked_at() {
    let world = World::new().await;
    let first = world.item("{}");
    world.settle(&first, State::Ready).await;
    let before = world.mutations().len();
    world.settle(&world.item(r#"{"createStrategy":{}}"#), State::Ready).await;
    assert_eq!(world.mutations().len(), before, "{:?}", world.mutations());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_made_where_the_strategy_says_and_stays_there() {
    let world = World::new().await;
    let record = world.settle(&world.item(r#"{"region":"eu-west-1"}"#), State::Ready).await;
    assert_eq!(record.placement.region, "eu-west-1");
    let moved = world.settle(&world.item(r#"{"region":"eu-central-1"}"#), State::Ready).await;
    assert_eq!(moved.placement.region, "eu-west-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_bucket_of_our_name_is_left_untouched() {
    let world = World::prepare().await;
    let item = world.item("{}");
    let name = name(&item);
    world.s3_client().create_bucket().bucket(&name).send().await.unwrap();
    let before = world.mutations().len();
    let mut world = world;
    world.start();
    let record = world.fail(&item, "NotOwned").await;
    assert_eq!(record.error_class, Some(ErrorClass::Foreign));
    assert!(world.connection(&item).await.is_none());
    // Its claim can go all the same.
    let record = world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    assert!(record.message.contains("left untouched"), "{}", record.message);
    assert_eq!(world.mutations().len(), before, "{:?}", world.mutations());
}

/// As an administrator may: with a key of theirs.
async fn encrypt_by_kms(world: &World, bucket: &str) {
    let by_default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .kms_master_key_id("theirs");
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(by_default.build().unwrap());
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule.build());
    let request = world.s3_client().put_bucket_encryption().bucket(bucket);
    let request = request.server_side_encryption_configuration(rules.build().unwrap());
    request.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn w51_what_an_administrator_has_set_stays() {
    let world = World::new().await;
    let first = world.item("{}");
    world.settle(&first, State::Ready).await;
    let name = name(&first);
    let (s3, bucket) = (world.s3(), world.bucket(&name));
    let mut tags = s3.tags(bucket).await.unwrap().unwrap();
    tags.insert("theirs".into(), "x".into());
    tags.remove("red-hat-managed");
    s3.put_tags(bucket, &tags).await.unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"arn:aws:s3:::x/*"}]}"#;
    s3.put_policy(bucket, policy).await.unwrap();
    encrypt_by_kms(&world, &name).await;
    let before = world.count("PUT encryption");
    world.settle(&world.item(r#"{"createStrategy":{}}"#), State::Ready).await;
    assert_eq!(world.count("PUT encryption"), before);
    let tags = s3.tags(bucket).await.unwrap().unwrap();
    assert_eq!((tags["theirs"].as_str(), tags["red-hat-managed"].as_str()), ("x", "true"));
    let policy = s3.policy(bucket).await.unwrap().unwrap();
    assert!(policy.contains("Theirs") && policy.contains("aws:SecureTransport"), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_claim_changes_nothing() {
    let world = World::new().await;
    let paused = desiring(&world.item("{}"), Desired::Paused);
    let record = world.settle(&paused, State::Paused).await;
    assert!(!record.placement.observed);
    let present = world.item("{}");
    world.settle(&present, State::Ready).await;
    let before = world.mutations().len();
    let record = world.settle(&desiring(&present, Desired::Paused), State::Paused).await;
    assert!(record.placement.observed);
    assert_eq!(world.mutations().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_vanished_needs_a_person_and_is_not_made_again() {
    let mut world = World::new().await;
    let first = world.item("{}");
    world.settle(&first, State::Ready).await;
    let name = name(&first);
    world.s3().delete(world.bucket(&name)).await.unwrap();
    // The moment in which AWS may hide a new bucket is over only after minutes: the watcher knows it as observed.
    world.kill();
    world.wipe_bus().await;
    world.start();
    let mut again = world.item("{}");
    again.placement.observed = true;
    again.placement.identifier = Some(name);
    let record = world.fail(&again, "BucketGone").await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(world.count("PUT"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_followed_is_refused_with_its_path_and_no_call() {
    let world = World::new().await;
    let record = world
        .settle(&world.item(r#"{"createStrategy":{"acl":"public-read"}}"#), State::Refused)
        .await;
    assert_eq!(record.error_class, Some(ErrorClass::Invalid));
    assert!(record.message.starts_with("strategy field createStrategy.ACL:"), "{}", record.message);
    let adopts = world.item(r#"{"createStrategy":{"Bucket":"no-such-bucket"}}"#);
    let record = world.settle(&adopts, State::Refused).await;
    assert_eq!((record.reason.as_str(), record.placement.identifier), ("NothingToAdopt", None));
    assert_eq!(world.mutations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyless_bucket_has_no_user_and_empty_keys() {
    let world = World::new().await;
    let item = world.item(r#"{"credentials":"keyless"}"#);
    let record = world.settle(&item, State::Ready).await;
    assert!(record.message.contains("arn:aws:s3:::cro-team-pictures"), "{}", record.message);
    let connection = world.connection(&item).await.unwrap();
    assert_eq!(connection.fields["credentialKeyID"], Field::Literal(String::new()));
    assert!(world.aws.calls().iter().all(|call| call.service != "iam"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w52_tags_of_the_cluster_that_change_are_written_to_bucket_and_user() {
    let world = World::new().await;
    let first = world.item("{}");
    world.settle(&first, State::Ready).await;
    let mut changed = world.item("{}");
    changed.cluster.tags = [("cost-centre".to_owned(), "43".to_owned())].into();
    world.settle(&changed, State::Ready).await;
    let name = name(&first);
    let of_user = world.iam().user_tags(&name).await.unwrap().unwrap();
    let of_bucket = world.s3().tags(world.bucket(&name)).await.unwrap().unwrap();
    assert_eq!((of_user["cost-centre"].as_str(), of_bucket["cost-centre"].as_str()), ("43", "43"));
    assert_eq!(world.count("TagUser"), 1);
}
