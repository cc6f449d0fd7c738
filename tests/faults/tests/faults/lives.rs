//! Claims that are deleted whenever it suits their users, and made again.

use std::time::Duration;

use crds::ClaimKind;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret};
use kube::ResourceExt as _;
use kube::api::DynamicObject;
use proto::{Record, Service, State, Subject};
use stack::{Claim, LifeCycle, Stack, eventually};

use crate::scene::Scene;
use crate::witness::CLAIM_UID;

#[tokio::test(flavor = "multi_thread")]
async fn l02_claims_deleted_before_anything_was_made_leave_nothing() {
    let scene = Scene::start("lives-before").await;
    for claim in &scene.claims {
        scene.stack.create(claim).await.unwrap();
        scene.stack.delete(claim).await.unwrap();
    }
    scene.until_nothing_is_left().await;
}

/// Whatever the moment, a network or an instance that was begun for one of them goes with it.
#[tokio::test(flavor = "multi_thread")]
async fn l02_databases_on_aws_deleted_as_soon_as_they_are_made_leave_nothing() {
    let stack = Stack::start("lives-aws").await.unwrap();
    let claims: Vec<Claim> = (0..50)
        .map(|number| match number % 2 {
            0 => Claim::new(ClaimKind::Postgres, &format!("orders-{number}"), "managed"),
            _ => Claim::new(ClaimKind::Redis, &format!("cache-{number}"), "managed"),
        })
        .collect();
    for claim in &claims {
        stack.create(claim).await.unwrap();
        stack.delete(claim).await.unwrap();
    }
    for claim in &claims {
        stack.until_gone(claim).await.unwrap();
    }
    let pairs = [
        ("CreateDBInstance", "DeleteDBInstance"),
        ("CreateReplicationGroup", "DeleteReplicationGroup"),
        ("CreateVpc", "DeleteVpc"),
    ];
    eventually("what was made is gone", stack.patience, async || {
        let calls = stack.aws.calls();
        let done =
            |name: &str| calls.iter().filter(|it| it.operation == name && it.status == 200).count();
        Ok(pairs.iter().all(|(create, delete)| done(create) == done(delete)).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn l01_claims_deleted_while_they_are_made_leave_nothing() {
    let scene = Scene::start("lives-while").await;
    scene.create().await;
    scene.until_some::<PersistentVolumeClaim>().await;
    scene.until_called("PUT").await;
    scene.delete().await;
    scene.until_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_claims_deleted_while_nobody_looks_leave_nothing() {
    let mut scene = Scene::complete("lives-stopped").await;
    scene.stack.stop_services().await;
    scene.delete().await;
    scene.stack.start_services().await.unwrap();
    scene.until_nothing_is_left().await;
}

async fn until_recorded_absent(stack: &Stack, object: &DynamicObject) {
    let (bus, _process) = stack.nats.bus(Service::AwsProvisioner).await.unwrap();
    let uid = object.metadata.uid.as_deref().unwrap().parse().unwrap();
    let subject = Subject::Record(Service::AwsProvisioner, uid);
    eventually("it is recorded as absent", stack.patience, async || {
        let record = bus.read::<Record>(&subject).await?.value;
        Ok(record.is_some_and(|record| record.state == State::Absent).then_some(()))
    })
    .await
    .unwrap();
}

/// The watcher dies before it has seen that the database is gone.
#[tokio::test(flavor = "multi_thread")]
async fn c12_a_deletion_that_was_done_while_no_watcher_looked_is_done_once() {
    let mut stack = Stack::start("lives-unseen").await.unwrap();
    let claim = Claim::new(ClaimKind::Postgres, "orders", "managed");
    stack.create(&claim).await.unwrap();
    let object = stack.until_complete(&claim).await.unwrap();
    let life = LifeCycle { deleting: Duration::from_secs(2), ..LifeCycle::default() };
    stack.aws.life_cycle(life);
    stack.delete(&claim).await.unwrap();
    let count = |stack: &Stack| {
        stack.aws.calls().iter().filter(|it| it.operation == "DeleteDBInstance").count()
    };
    let is_asked = async || Ok((count(&stack) > 0).then_some(()));
    eventually("its deletion begins", stack.patience, is_asked).await.unwrap();
    stack.service(Service::Watcher).kill();
    until_recorded_absent(&stack, &object).await;
    assert!(stack.get(&claim).await.unwrap().is_some(), "nobody has let it go");
    stack.service(Service::Watcher).start().unwrap().ready().await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    assert_eq!(count(&stack), 1);
}

/// The API server refuses the name as long as the old one is there.
async fn create_at_once(stack: &Stack, claim: &Claim) {
    let create = async || Ok(Some(stack.create(claim).await?));
    eventually("it is made again", stack.patience, create).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn l03_claims_recreated_at_once_share_nothing_with_those_before() {
    let scene = Scene::complete("lives-again").await;
    let volumes: Vec<PersistentVolumeClaim> = scene.list().await.unwrap();
    let (before, claims_before) = (scene.secrets().await, owners(&scene).await);
    scene.delete().await;
    for claim in &scene.claims {
        create_at_once(&scene.stack, claim).await;
    }
    scene.check().await;
    let fresh: Vec<PersistentVolumeClaim> = scene.list().await.unwrap();
    for old in &volumes {
        assert!(fresh.iter().all(|new| new.uid() != old.uid() && new.name_any() != old.name_any()));
    }
    let after = scene.secrets().await;
    let keys = [
        ("orders-sec", "password"),
        ("orders-sec", "host"),
        ("cache-sec", "password"),
        ("cache-sec", "uri"),
        ("images-sec", "bucketName"),
        ("images-sec", "credentialKeyID"),
        ("accounts-sec", "password"),
        ("accounts-sec", "host"),
        ("sessions-sec", "password"),
        ("sessions-sec", "uri"),
    ];
    for (secret, key) in keys {
        assert_ne!(before[secret][key], after[secret][key], "{secret} {key}");
    }
    let claims_after = owners(&scene).await;
    assert!(claims_after.iter().all(|uid| !claims_before.contains(uid)));
}

/// The claims that Secrets were made for.
async fn owners(scene: &Scene) -> Vec<String> {
    let secrets: Vec<Secret> = scene.list().await.unwrap();
    secrets.iter().map(|secret| secret.labels()[CLAIM_UID].clone()).collect()
}
