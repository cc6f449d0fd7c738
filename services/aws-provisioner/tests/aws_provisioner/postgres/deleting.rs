use proto::{Desired, ErrorClass, ItemId, Record, State, WorkItem};

use super::databases::{Databases, id};
use crate::ground::OFTEN;
use crate::world::desiring;

const UNPROTECTED: &str = r#"{"createStrategy":{"DeletionProtection":false}}"#;

fn tombstone(item: &WorkItem, strategy: &str) -> WorkItem {
    let mut tombstone = desiring(item, Desired::Absent);
    tombstone.strategy.as_mut().unwrap().json = strategy.into();
    tombstone
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_claim_leaves_a_final_snapshot_and_nothing_else() {
    let mut databases = Databases::new().await;
    let (item, _) = databases.settled("{}").await;
    let gone = tombstone(&item, "{}");
    let record = databases.world.settle(&gone, State::Absent).await;
    assert!(databases.found(&item).await.is_none());
    let snapshots = databases.snapshots().await;
    let name = snapshots[0].db_snapshot_identifier.clone().unwrap();
    assert_eq!(snapshots.len(), 1);
    assert!(name.starts_with(&format!("{}-final-", id(&item))), "{name}");
    assert!(
        record.message.ends_with(&format!("snapshot {name} keeps its data")),
        "{}",
        record.message
    );
    // Once more, by another item, with nothing known: there is nothing left to do.
    databases.world.wipe_bus().await;
    let again = WorkItem { item_id: ItemId::random(), ..gone };
    databases.world.settle(&again, State::Absent).await;
    assert_eq!(databases.snapshots().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_final_snapshot_nothing_is_left() {
    let databases = Databases::new().await;
    let (item, _) = databases.settled("{}").await;
    let skips = tombstone(&item, r#"{"deleteStrategy":{"SkipFinalSnapshot":true}}"#);
    let record = databases.world.settle(&skips, State::Absent).await;
    assert!(record.message.ends_with("without a final snapshot"), "{}", record.message);
    assert!(databases.found(&item).await.is_none() && databases.snapshots().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn w11_an_administrators_deletion_protection_is_honoured() {
    let databases = Databases::with(&OFTEN).await;
    let unprotected = r#"{"createStrategy":{"DeletionProtection":false},"deleteStrategy":{"SkipFinalSnapshot":true}}"#;
    let (item, _) = databases.settled(unprotected).await;
    let protect = async |is_on| {
        let request = databases.world.rds().modify_db_instance().db_instance_identifier(id(&item));
        request.deletion_protection(is_on).apply_immediately(true).send().await.unwrap();
    };
    protect(true).await;
    databases.until(&item, "protected", |it| it.deletion_protection == Some(true)).await;
    let told = |record: &Record| record.message.contains("switched on by an administrator");
    databases.world.until(&item, "told", told).await;
    let gone = tombstone(&item, unprotected);
    let record = databases.world.fail(&gone, "DeletionProtected").await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert!(databases.found(&item).await.is_some());
    protect(false).await;
    databases.until(&item, "open", |it| it.deletion_protection == Some(false)).await;
    databases.world.settle(&tombstone(&item, unprotected), State::Absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w11_a_strategy_that_demands_deletion_protection_keeps_the_instance() {
    let databases = Databases::new().await;
    let protected = r#"{"createStrategy":{"DeletionProtection":true}}"#;
    let (item, _) = databases.settled(protected).await;
    let record = databases.world.fail(&tombstone(&item, protected), "DeletionProtected").await;
    assert!(record.message.contains("set it to false"), "{}", record.message);
    databases.world.settle(&tombstone(&item, UNPROTECTED), State::Absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w14_an_instance_in_any_state_goes() {
    for status in ["stopped", "incompatible-restore", "storage-full"] {
        let databases = Databases::new().await;
        let (item, _) = databases.settled(UNPROTECTED).await;
        databases.world.aws.set_status(&id(&item), Some(status));
        databases.world.settle(&tombstone(&item, UNPROTECTED), State::Absent).await;
        let kept = databases.snapshots().await.len();
        assert_eq!(kept, usize::from(status != "incompatible-restore"), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_name_that_exists_already_is_not_overwritten_and_stops_nothing() {
    let databases = Databases::new().await;
    let (item, _) = databases.settled("{}").await;
    let request = databases.world.rds().create_db_snapshot().db_instance_identifier(id(&item));
    request.db_snapshot_identifier("last").send().await.unwrap();
    let named = r#"{"deleteStrategy":{"FinalDBSnapshotIdentifier":"last"}}"#;
    databases.world.settle(&tombstone(&item, named), State::Absent).await;
    assert!(databases.found(&item).await.is_none());
    assert_eq!(databases.snapshots().await.len(), 2);
}
