//! Claims that are deleted whenever it suits their users, and made again.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret};
use kube::ResourceExt as _;
use stack::{Claim, Stack, eventually};

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
