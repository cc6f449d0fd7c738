use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use proto::wire::CredentialOutcome;
use proto::{ErrorClass, Field, Kind, Record};
use stack::Nats;

use crate::world::{World, eventually, postgres, texts};

const NAMES: [&str; 3] = ["db-secret", "db-secret-binding", "db-postgres-credentials"];

async fn snapshot(world: &World) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for name in NAMES {
        all.insert(name, texts(&world.secret(name).await.unwrap()));
    }
    all
}

async fn restored(world: &World, good: &BTreeMap<&'static str, BTreeMap<String, String>>) {
    for name in NAMES {
        let is_good = |secret: &Secret| texts(secret) == good[name];
        world.secret_when(name, &format!("{name} restored"), is_good).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_deleted_or_edited_comes_back_with_the_same_values() {
    let world = World::new("restored").await;
    let _replica = world.replica().await;
    world.complete("db").await;
    let good = snapshot(&world).await;
    for name in NAMES {
        world.delete_secret(name).await;
        restored(&world, &good).await;
        let key = if name.ends_with("binding") { "uri" } else { "password" };
        world.edit_secret(name, key, "edited").await;
        restored(&world, &good).await;
    }
    let told = async || (world.events("SecretRestored").await > 0).then_some(());
    eventually("event", told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_nobody_watched_is_found_at_start() {
    let world = World::new("unwatched").await;
    let replica = world.replica().await;
    world.complete("db").await;
    let good = snapshot(&world).await;
    drop(replica);
    world.delete_secret("db-secret-binding").await;
    world.edit_secret("db-postgres-credentials", "password", "edited").await;
    let _replica = world.replica().await;
    restored(&world, &good).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_outlives_the_bus_and_the_credential_secret_w_04() {
    let mut world = World::new("outlives").await;
    let _replica = world.replica().await;
    let identity = world.complete("db").await;
    let good = snapshot(&world).await;
    world.stack.nats.wipe().await.unwrap();
    Nats::make_streams(&world.watcher).await.unwrap();
    world.delete_secret("db-postgres-credentials").await;
    let held = eventually("credentials", async || {
        let fields =
            [("password".to_owned(), proto::wire::credential_field::Source::GenerateLength(32))];
        let provider = proto::Provider::Openshift;
        world.openshift.ensure_credentials(provider, &identity, fields, false).await.ok()
    })
    .await;
    assert_eq!(held.outcome(), CredentialOutcome::Held);
    let result = eventually("published", async || {
        let kind = proto::Kind::Postgres;
        world.openshift.undelivered(proto::Provider::Openshift, kind).await.ok()?;
        Some(world.publish(&identity, postgres()).await)
    })
    .await;
    world.ready(&result).await;
    restored(&world, &good).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_connection_and_credentials_are_gone_a_person_is_needed_w_04() {
    let world = World::new("person").await;
    let replica = world.replica().await;
    let identity = world.complete("db").await;
    drop(replica);
    world.delete_secret("db-secret").await;
    world.delete_secret("db-postgres-credentials").await;
    let _replica = world.replica().await;
    let needs_person = |record: &Record| record.error_class == Some(ErrorClass::NeedsPerson);
    let record = world.record(&identity, "needs a person", needs_person).await;
    assert!(record.message.contains("db-postgres-credentials"), "{}", record.message);
    assert_eq!(world.secret("db-secret").await, None, "no password is made up");
    assert_eq!(world.ensure(&identity, false).await.outcome(), CredentialOutcome::Missing);

    // By policy the provisioner may set a new one; then everything follows.
    let values = [("user", "postgresuser"), ("password", "new"), ("database", "db")];
    let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let provider = proto::Provider::Openshift;
    let stored =
        world.openshift.store_credentials(provider, &identity, "2", None, values).await.unwrap();
    assert_eq!(stored.outcome(), CredentialOutcome::Created);
    let has_new = |secret: &Secret| texts(secret)["password"] == "new";
    world.secret_when("db-secret", "written with the new password", has_new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_fill_into_a_placeholder_is_never_undone() {
    let world = World::new("placeholder").await;
    let replica = world.replica().await;
    let identity = world.claim(Kind::BlobStorage, "files").await;
    let fields = ["bucketName", "bucketRegion", "credentialKeyID", "credentialSecretKey"];
    let fields = fields.map(|key| (key, Field::KeepOr("REPLACE_ME".into()))).to_vec();
    let result = world.publish(&identity, fields).await;
    world.ready(&result).await;
    world.edit_secret("files-secret", "bucketName", "mine").await;
    world.edit_secret("files-secret", "endpoint", "https://s3.example.com").await;
    let follows = |secret: &Secret| texts(secret).get("bucket").map(String::as_str) == Some("mine");
    world.secret_when("files-secret-binding", "the binding follows", follows).await;
    drop(replica);
    let _replica = world.replica().await;
    let kept = texts(&world.secret("files-secret").await.unwrap());
    assert_eq!(
        (kept["bucketName"].as_str(), kept["bucketRegion"].as_str()),
        ("mine", "REPLACE_ME")
    );
    assert_eq!(kept["endpoint"], "https://s3.example.com");
}
