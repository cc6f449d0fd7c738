//! Claims that vanished without being deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use crds::ClaimKind;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service as Endpoint};
use kube::{Resource, ResourceExt};
use proto::Service;
use serde::de::DeserializeOwned;
use serde_json::json;
use stack::{Claim, LifeCycle, Stack, Values, eventually};

use crate::account::{Account, INSTANCES};
use crate::losses::{force_away, release, until_orphans};
use crate::scene::{SORTS, Scene};

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
    let vanished: Vec<Claim> = scene.claims.drain(..SORTS).collect();
    for claim in &vanished {
        force_away(&scene.stack, claim).await;
    }
}

/// Three claims of each sort.
async fn three_of_each(name: &str) -> Scene {
    let scene = Scene::start(name).await.tripled();
    scene.create().await;
    scene.check().await;
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn with_delete_orphans_what_has_no_claim_goes_and_only_that() {
    let mut scene = three_of_each("orphans-deleted").await;
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
        let on_aws = [account.buckets.len(), account.users.len(), account.databases.len()];
        let counts = (objects(&scene).await?.len(), on_aws);
        Ok((counts == (4 * 3, [2, 2, 4])).then_some(()))
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

/// The network and the instance stay until an administrator says otherwise, and then both go.
#[tokio::test(flavor = "multi_thread")]
async fn watch03_l04_a_database_on_aws_forced_away_keeps_its_network_until_both_are_removed() {
    let mut stack = Stack::start("orphans-aws").await.unwrap();
    let claim = Claim::new(ClaimKind::Postgres, "orders", "managed");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    stack.service(Service::Watcher).kill();
    force_away(&stack, &claim).await;
    let watcher = stack.service(Service::Watcher);
    watcher.set("AUDIT_PERIOD_SECONDS", "2").start().unwrap().ready().await.unwrap();
    until_orphans(&mut stack, 1).await;
    // Whatever would go has had its turn once another has come and gone.
    let other = Claim::new(ClaimKind::Redis, "cache", "managed");
    stack.create(&other).await.unwrap();
    stack.until_complete(&other).await.unwrap();
    stack.delete(&other).await.unwrap();
    stack.until_gone(&other).await.unwrap();
    let deleted = |stack: &Stack, operation: &str| {
        stack.aws.calls().iter().any(|it| it.operation == operation && it.status == 200)
    };
    assert!(!deleted(&stack, "DeleteDBInstance") && !deleted(&stack, "DeleteVpc"));

    stack.service(Service::Watcher).kill();
    let watcher = stack.service(Service::Watcher);
    watcher.set("DELETE_ORPHANS", "true").start().unwrap().ready().await.unwrap();
    eventually("the network is gone", stack.patience, async || {
        Ok(deleted(&stack, "DeleteVpc").then_some(()))
    })
    .await
    .unwrap();
    assert!(deleted(&stack, "DeleteDBInstance"));
}

/// What was asked for while there was a claim is done to its end, and the next of that name has nothing to do with it.
#[tokio::test(flavor = "multi_thread")]
async fn l03_l04_a_database_on_aws_forced_away_while_it_is_deleted_leaves_its_snapshot_alone() {
    let mut scene = Scene::start("orphans-deleting").await;
    let keeps = json!({"development": {"createStrategy": {"DeletionProtection": false}}});
    let strategies = "cloud-resources-aws-strategies";
    scene.stack.configure(strategies, "postgres", keeps.to_string()).await.unwrap();
    let claim = Claim::new(ClaimKind::Postgres, "accounts", "managed");
    scene.stack.create(&claim).await.unwrap();
    scene.stack.until_complete(&claim).await.unwrap();
    let old = Account::of(&scene.stack.aws).await.unwrap();
    let deleting = LifeCycle { deleting: Duration::from_secs(3), ..LifeCycle::default() };
    scene.stack.aws.life_cycle(deleting);
    scene.stack.delete(&claim).await.unwrap();
    scene.until_called("DeleteDBInstance").await;
    release(&scene.stack, &claim).await;
    scene.stack.until_gone(&claim).await.unwrap();
    let status = scene.stack.aws.query("rds", INSTANCES, "DBInstanceStatus").await.unwrap();
    assert_eq!(status, ["deleting"]);

    scene.stack.create(&claim).await.unwrap();
    scene.stack.until_complete(&claim).await.unwrap();
    eventually("the old one is gone", scene.stack.patience, async || {
        let new = Account::of(&scene.stack.aws).await?;
        Ok((new.databases.len() == 1 && new.databases.is_disjoint(&old.databases)).then_some(()))
    })
    .await
    .unwrap();
    let new = Account::of(&scene.stack.aws).await.unwrap();
    assert_eq!(new.network, old.network);
    let snapshots = "Action=DescribeDBSnapshots&SnapshotType=manual&Version=2014-10-31";
    let snapshots = scene.stack.aws.query("rds", snapshots, "DBInstanceIdentifier").await.unwrap();
    assert_eq!(snapshots.into_iter().collect::<BTreeSet<_>>(), old.databases);
    until_orphans(&mut scene.stack, 0).await;
    scene.stack.delete(&claim).await.unwrap();
    scene.claims = vec![claim];
    scene.until_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubernetes_collected_of_an_orphan_is_not_made_again() {
    let mut scene = three_of_each("orphans-collected").await;
    bereave(&mut scene).await;
    let watcher = scene.stack.service(Service::Watcher);
    watcher.start().unwrap().ready().await.unwrap();
    until_orphans(&mut scene.stack, SORTS - 1).await;
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
