//! Snapshots of what claims have.

use crds::ClaimKind;
use kube::api::DynamicObject;
use stack::{Claim, Stack};

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
