use proto::{Desired, ErrorClass, ItemId, State, WorkItem};
use stack::Fault;

use super::caches::{Caches, id};
use crate::world::desiring;

const NO_SNAPSHOT: &str = r#"{"deleteStrategy":{"FinalSnapshotIdentifier":""}}"#;

fn tombstone(item: &WorkItem, strategy: &str) -> WorkItem {
    let mut tombstone = desiring(item, Desired::Absent);
    tombstone.strategy.as_mut().unwrap().json = strategy.into();
    tombstone
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_claim_leaves_a_final_snapshot_and_nothing_else() {
    let mut caches = Caches::new().await;
    let (item, _) = caches.settled("{}").await;
    let gone = tombstone(&item, "{}");
    let record = caches.world.settle(&gone, State::Absent).await;
    assert!(caches.found(&item).await.is_none());
    let snapshots = caches.snapshots().await;
    let name = snapshots[0].snapshot_name.clone().unwrap();
    assert_eq!(snapshots.len(), 1);
    assert!(name.starts_with("cro-team-sessions-") && name.len() <= 40, "{name}");
    let told = format!("snapshot {name} keeps its data");
    assert!(record.message.ends_with(&told), "{}", record.message);
    // Once more, by another item, with nothing known: there is nothing left to do.
    caches.world.wipe_bus().await;
    let again = WorkItem { item_id: ItemId::random(), ..gone };
    caches.world.settle(&again, State::Absent).await;
    assert_eq!(caches.snapshots().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w11_without_a_final_snapshot_nothing_is_left() {
    let caches = Caches::new().await;
    let (item, _) = caches.settled("{}").await;
    let record = caches.world.settle(&tombstone(&item, NO_SNAPSHOT), State::Absent).await;
    assert!(record.message.ends_with("without a final snapshot"), "{}", record.message);
    assert!(caches.found(&item).await.is_none() && caches.snapshots().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn w14_a_group_in_any_state_goes_once_aws_lets_it() {
    for status in ["modifying", "snapshotting", "create-failed", "odd"] {
        let caches = Caches::new().await;
        let (item, _) = caches.settled("{}").await;
        caches.world.aws.set_status(&id(&item), Some(status));
        let (gone, is_failed) = (tombstone(&item, "{}"), status == "create-failed");
        caches.world.publish(&gone).await;
        if !is_failed {
            caches.world.until(&gone, "waiting", |record| record.state == State::Pending).await;
            caches.world.aws.set_status(&id(&item), None);
        }
        caches.world.until(&gone, "absent", |record| record.state == State::Absent).await;
        assert_eq!(caches.snapshots().await.len(), usize::from(!is_failed), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_name_that_exists_already_is_not_overwritten_and_stops_nothing() {
    let caches = Caches::new().await;
    let (item, _) = caches.settled("{}").await;
    let request = caches.world.elasticache().create_snapshot().replication_group_id(id(&item));
    request.snapshot_name("last").send().await.unwrap();
    let named = r#"{"deleteStrategy":{"FinalSnapshotIdentifier":"last"}}"#;
    caches.world.settle(&tombstone(&item, named), State::Absent).await;
    assert!(caches.found(&item).await.is_none());
    assert_eq!(caches.snapshots().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_aws_refuses_for_good_needs_a_person_and_loses_nothing() {
    let caches = Caches::new().await;
    let (item, _) = caches.settled("{}").await;
    let refusal = Fault::Answered(400, "SnapshotFeatureNotSupportedFault");
    caches.world.aws.fail("DeleteReplicationGroup", 1, refusal);
    let gone = tombstone(&item, "{}");
    let record = caches.world.fail(&gone, "DeletionRefused").await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert!(
        record.message.contains("deleteStrategy.FinalSnapshotIdentifier"),
        "{}",
        record.message
    );
    caches.world.until(&gone, "absent", |record| record.state == State::Absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w14_a_group_that_was_never_made_and_whose_tags_nobody_knows_needs_a_person() {
    let mut caches = Caches::new().await;
    let (item, _) = caches.settled("{}").await;
    caches.world.wipe_bus().await;
    caches.world.network(|_| {}).await;
    caches.world.aws.set_status(&id(&item), Some("create-failed"));
    caches.world.fail(&caches.item("{}"), "ReplicationGroupStuck").await;
    let gone = tombstone(&item, "{}");
    let record = caches.world.fail(&gone, "ReplicationGroupUnidentified").await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(caches.world.count("DeleteReplicationGroup"), 0);
    // A person deletes it.
    let request = caches.world.elasticache().delete_replication_group();
    request.replication_group_id(id(&item)).send().await.unwrap();
    caches.world.until(&gone, "absent", |record| record.state == State::Absent).await;
}
