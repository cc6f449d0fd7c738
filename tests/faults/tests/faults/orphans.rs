//! Claims that vanished without being deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service as Endpoint};
use kube::{Resource, ResourceExt};
use proto::Service;
use serde::de::DeserializeOwned;
use stack::{Claim, Values, eventually};

use crate::account::Account;
use crate::losses::{force_away, until_orphans};
use crate::scene::Scene;

async fn uids<K>(scene: &Scene) -> anyhow::Result<BTreeSet<String>>
where
    K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    K::DynamicType: Default,
{
    Ok(scene.list::<K>().await?.iter().filter_map(ResourceExt::uid).collect())
}

/// The uids of all that runs for claims.
async fn objects(scene: &Scene) -> anyhow::Result<BTreeSet<String>> {
    let (volumes, deployments) =
        (uids::<PersistentVolumeClaim>(scene).await?, uids::<Deployment>(scene).await?);
    Ok(volumes.into_iter().chain(deployments).chain(uids::<Endpoint>(scene).await?).collect())
}

/// Takes the first claim of each sort away while no watcher looks.
async fn bereave(scene: &mut Scene) {
    scene.stack.service(Service::Watcher).kill();
    let vanished: Vec<Claim> = scene.claims.drain(..4).collect();
    for claim in &vanished {
        force_away(&scene.stack, claim).await;
    }
}

/// Three claims of each sort.
async fn twelve(name: &str) -> Scene {
    let scene = Scene::start(name).await.tripled();
    scene.create().await;
    scene.check().await;
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn with_delete_orphans_what_has_no_claim_goes_and_only_that() {
    let mut scene = twelve("orphans-deleted").await;
    let before = objects(&scene).await.unwrap();
    let mut secrets: BTreeMap<String, Values> = scene.secrets().await;
    secrets.retain(|name, _| ["-2-", "-3-"].iter().any(|part| name.contains(part)));
    bereave(&mut scene).await;
    let watcher = scene.stack.service(Service::Watcher);
    watcher.set("DELETE_ORPHANS", "true").set("AUDIT_PERIOD_SECONDS", "2");
    watcher.start().unwrap().ready().await.unwrap();
    // What of a Postgres or Redis is left: volume, Deployment and Service.
    eventually("orphans are gone", scene.stack.patience, async || {
        let account = Account::of(&scene.stack.aws).await?;
        let counts = (objects(&scene).await?.len(), account.buckets.len(), account.users.len());
        Ok((counts == (4 * 3, 2, 2)).then_some(()))
    })
    .await
    .unwrap();
    until_orphans(&mut scene.stack, 0).await;
    assert!(objects(&scene).await.unwrap().is_subset(&before));
    assert_eq!(scene.secrets().await, secrets);
    let account = Account::of(&scene.stack.aws).await.unwrap();
    for bucket in ["images-2-sec", "images-3-sec"].map(|name| &secrets[name]["bucketName"]) {
        assert!(account.buckets.contains(bucket), "{bucket}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubernetes_collected_of_an_orphan_is_not_made_again() {
    let mut scene = twelve("orphans-collected").await;
    bereave(&mut scene).await;
    let watcher = scene.stack.service(Service::Watcher);
    watcher.start().unwrap().ready().await.unwrap();
    until_orphans(&mut scene.stack, 3).await;
    let mut counts = Vec::new();
    // The first outlasts what was under way.
    for name in ["first", "second"] {
        let claim = Claim::postgres(name);
        scene.stack.create(&claim).await.unwrap();
        scene.stack.until_complete(&claim).await.unwrap();
        counts.push(scene.creations());
    }
    for (object, count) in &counts[0] {
        assert_eq!(counts[1][object], *count, "{object:?}");
    }
}
