//! Snapshots of what claims have.

use std::path::Path;
use std::process::Command;

use crds::ClaimKind;
use kube::ResourceExt as _;
use kube::api::{DynamicObject, ListParams};
use stack::{Claim, Stack, repository, tools};

/// A database or cache, a snapshot of it, and how AWS lists snapshots.
fn pairs() -> [(Claim, Claim, [&'static str; 3]); 2] {
    let rds = "Action=DescribeDBSnapshots&SnapshotType=manual&Version=2014-10-31";
    let elasticache = "Action=DescribeSnapshots&Version=2015-02-02";
    [
        (
            Claim::new(ClaimKind::Postgres, "orders", "managed"),
            Claim::snapshot(ClaimKind::PostgresSnapshot, "orders-nightly", "orders"),
            ["rds", rds, "DBSnapshotIdentifier"],
        ),
        (
            Claim::new(ClaimKind::Redis, "cache", "managed"),
            Claim::snapshot(ClaimKind::RedisSnapshot, "cache-nightly", "cache"),
            ["elasticache", elasticache, "SnapshotName"],
        ),
    ]
}

fn snapshot_id(object: &DynamicObject) -> Option<&str> {
    object.data["status"]["snapshotID"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn w18_w33_a_snapshot_is_taken_when_there_is_something_and_outlives_its_claim() {
    let stack = Stack::start("snapshots").await.unwrap();
    for (parent, snapshot, [service, list, element]) in pairs() {
        // Asked for first, it waits.
        stack.create(&snapshot).await.unwrap();
        stack.until_reason(&snapshot, "WaitingForResource").await.unwrap();
        let kept = snapshot.clone().renamed("kept").with("skipDelete", true);
        for claim in [&parent, &kept] {
            stack.create(claim).await.unwrap();
        }
        let object = stack.until_complete(&snapshot).await.unwrap();
        assert_eq!(object.data["status"]["message"], "snapshot created");
        let id = snapshot_id(&object).unwrap().to_owned();
        let kept_id = stack.until_complete(&kept).await.unwrap();
        let kept_id = snapshot_id(&kept_id).unwrap().to_owned();

        stack.delete(&parent).await.unwrap();
        stack.until_gone(&parent).await.unwrap();
        let object = stack.get(&snapshot).await.unwrap().unwrap();
        assert_eq!(
            (object.data["status"]["phase"].as_str(), snapshot_id(&object)),
            (Some("complete"), Some(id.as_str()))
        );
        // W-08: the one is deleted with its object, the other stays.
        for claim in [&snapshot, &kept] {
            stack.delete(claim).await.unwrap();
            stack.until_gone(claim).await.unwrap();
        }
        let left = stack.aws.query(service, list, element).await.unwrap();
        assert_eq!(left, [kept_id]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l09_a_snapshot_of_nothing_can_be_deleted() {
    let stack = Stack::start("snapshots-nothing").await.unwrap();
    for (_, snapshot, _) in pairs() {
        stack.create(&snapshot).await.unwrap();
        stack.until_reason(&snapshot, "WaitingForResource").await.unwrap();
        stack.delete(&snapshot).await.unwrap();
        stack.until_gone(&snapshot).await.unwrap();
    }
}

/// Runs the command of a CronJob with the rights of its ServiceAccount, as its pod would.
async fn run(stack: &Stack, objects: &[DynamicObject], folder: &Path) {
    let of_kind = |kind: &str| {
        let is_it = |it: &&DynamicObject| it.types.as_ref().is_some_and(|it| it.kind == kind);
        objects.iter().find(is_it).unwrap()
    };
    let file = folder.join("snapshot.json");
    let content = of_kind("ConfigMap").data["data"]["snapshot.json"].as_str().unwrap();
    std::fs::write(&file, content).unwrap();
    let pod = &of_kind("CronJob").data["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let account = stack.account(pod["serviceAccountName"].as_str().unwrap()).await.unwrap();
    let command = pod["containers"][0]["command"].as_array().unwrap();
    let arguments = command.iter().skip(1).map(|it| {
        let text = it.as_str().unwrap().replace("$(NAMESPACE)", &stack.namespace);
        text.replace("/snapshot/snapshot.json", file.to_str().unwrap())
    });
    let output = Command::new(tools().unwrap().join("kubectl"))
        .env("KUBECONFIG", account.path())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cron_jobs_of_the_examples_take_snapshots() {
    let stack = Stack::start("snapshots-cron").await.unwrap();
    let parent = Claim::new(ClaimKind::Postgres, "example-postgres", "managed");
    stack.create(&parent).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for example in ["hourly", "daily"] {
        let file = repository().join(format!("deploy/snapshots/postgres-{example}.yaml"));
        let mut objects = stack::read_file(&file).unwrap();
        for object in &mut objects {
            if let Some(subject) = object.data.pointer_mut("/subjects/0/namespace") {
                *subject = stack.namespace.as_str().into();
            }
            stack.apply(object).await.unwrap();
        }
        run(&stack, &objects, folder.path()).await;
    }
    let any = Claim::snapshot(ClaimKind::PostgresSnapshot, "any", "");
    let made = stack.claims(&any).list(&ListParams::default()).await.unwrap();
    assert_eq!(made.items.len(), 2);
    for object in made {
        stack.until_complete(&any.clone().renamed(&object.name_any())).await.unwrap();
    }
}
