//! People take away what holds the data together.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::ResourceExt;
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use proto::Service;
use serde_json::json;
use stack::{Claim, Stack, eventually};

use crate::account::Account;
use crate::scene::{SORTS, Scene};

/// Takes a claim away as people do who are tired of waiting.
pub async fn force_away(stack: &Stack, claim: &Claim) {
    release(stack, claim).await;
    stack.delete(claim).await.unwrap();
    stack.until_gone(claim).await.unwrap();
}

/// Takes away what keeps a claim from going.
pub async fn release(stack: &Stack, claim: &Claim) {
    stack.patch(claim, json!({"metadata": {"finalizers": null}})).await.unwrap();
}

/// Waits until the watcher counts so many orphans.
pub async fn until_orphans(stack: &mut Stack, count: usize) {
    let replica = &stack.service(Service::Watcher).replicas()[0];
    let expected = format!("watcher_orphans {count}");
    eventually(&expected, std::time::Duration::from_secs(60), async || {
        let metrics = replica.metrics().await?;
        Ok(metrics.lines().any(|line| line == expected).then_some(()))
    })
    .await
    .unwrap();
}

fn uids(volumes: &[PersistentVolumeClaim]) -> Vec<String> {
    volumes.iter().filter_map(ResourceExt::uid).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn watch03_l04_claims_forced_away_are_reported_and_their_data_is_kept() {
    let mut scene = Scene::complete("losses-orphans").await;
    let volumes: Vec<PersistentVolumeClaim> = scene.list().await.unwrap();
    let account = Account::of(&scene.stack.aws).await.unwrap();
    scene.stack.service(Service::Watcher).kill();
    for claim in &scene.claims {
        force_away(&scene.stack, claim).await;
    }
    // Of one name, and nothing shared.
    let again = Claim::postgres("orders");
    scene.stack.create(&again).await.unwrap();
    scene.stack.service(Service::Watcher).start().unwrap().ready().await.unwrap();
    scene.stack.until_complete(&again).await.unwrap();
    // The placeholder owned nothing.
    until_orphans(&mut scene.stack, SORTS - 1).await;
    let kept = uids(&scene.list::<PersistentVolumeClaim>().await.unwrap());
    assert_eq!(kept.len(), volumes.len() + 1);
    assert!(uids(&volumes).iter().all(|uid| kept.contains(uid)));
    assert_eq!(Account::of(&scene.stack.aws).await.unwrap(), account);
}

#[tokio::test(flavor = "multi_thread")]
async fn p03_a_volume_deleted_by_hand_is_never_replaced_by_an_empty_one() {
    let mut scene = Scene::complete("losses-volume").await;
    let secrets = scene.secrets().await;
    let api: Api<PersistentVolumeClaim> =
        Api::namespaced(scene.stack.client.clone(), &scene.stack.namespace);
    let volumes: Vec<PersistentVolumeClaim> = scene.list().await.unwrap();
    for volume in &volumes {
        let name = volume.name_any();
        api.delete(&name, &DeleteParams::default()).await.unwrap();
        // Without the protection by its pod it goes at once.
        let patch = Patch::Merge(json!({"metadata": {"finalizers": null}}));
        api.patch(&name, &PatchParams::default(), &patch).await.unwrap();
    }
    let in_cluster: Vec<Claim> = scene.claims[..2].to_vec();
    let until_gone_is_told = async |stack: &Stack| {
        for claim in &in_cluster {
            let told = stack.until(claim, "told that the data is gone", |object| {
                let status = &object.data["status"];
                let message = status["message"].as_str().unwrap_or_default();
                status["phase"] == "failed" && message.contains("is gone and with it the data")
            });
            told.await.unwrap();
        }
    };
    until_gone_is_told(&scene.stack).await;
    // Neither a restart nor a wiped bus makes it forget that there was one.
    scene.stack.stop_services().await;
    scene.stack.nats.wipe().await.unwrap();
    // What was told is taken back, so that whoever tells it again has looked again.
    for claim in &in_cluster {
        let untold = Patch::Merge(json!({"status": {"message": null}}));
        let api = scene.stack.claims(claim);
        api.patch_status(&claim.name, &PatchParams::default(), &untold).await.unwrap();
    }
    scene.stack.start_services().await.unwrap();
    until_gone_is_told(&scene.stack).await;
    assert_eq!(scene.list::<PersistentVolumeClaim>().await.unwrap().len(), 0);
    assert_eq!(scene.secrets().await, secrets);
}
