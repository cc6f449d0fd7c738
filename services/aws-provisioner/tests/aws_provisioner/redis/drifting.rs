use proto::{ErrorClass, Record, Service, State, Subject};
use stack::{Fault, PATIENCE, eventually};

use super::caches::{Caches, id};
use crate::ground::OFTEN;

#[tokio::test(flavor = "multi_thread")]
async fn w43_a_group_that_was_changed_by_hand_is_brought_back_by_the_common_listing() {
    let caches = Caches::with(&OFTEN).await;
    let (item, _) = caches.settled("{}").await;
    let request =
        caches.world.elasticache().modify_replication_group().replication_group_id(id(&item));
    request.snapshot_retention_limit(3).send().await.unwrap();
    let brought_back = eventually("brought back", PATIENCE, async || {
        let found = caches.found(&item).await.unwrap();
        Ok((found.snapshot_retention_limit == Some(31)).then_some(()))
    });
    brought_back.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn w43_what_only_members_show_is_found_by_their_common_listing() {
    let caches = Caches::with(&OFTEN).await;
    let strategy = r#"{"createStrategy":{"PreferredMaintenanceWindow":"sun:01:00-sun:02:00"}}"#;
    let (item, _) = caches.settled(strategy).await;
    let window = async || caches.member(&item).await.preferred_maintenance_window;
    let request = caches.world.elasticache().modify_replication_group();
    let request = request.replication_group_id(id(&item));
    request.preferred_maintenance_window("mon:01:00-mon:02:00").send().await.unwrap();
    let brought_back = eventually("brought back", PATIENCE, async || {
        Ok((window().await.as_deref() == Some("sun:01:00-sun:02:00")).then_some(()))
    });
    brought_back.await.unwrap();
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_group_that_is_gone_needs_a_person_and_is_not_made_again() {
    let caches = Caches::with(&OFTEN).await;
    let (item, _) = caches.settled("{}").await;
    let request =
        caches.world.elasticache().delete_replication_group().replication_group_id(id(&item));
    request.send().await.unwrap();
    let is_noticed = |record: &Record| record.reason == "ReplicationGroupGone";
    let record = caches.world.until(&item, "noticed", is_noticed).await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w43_w44_a_settled_claim_costs_nothing_but_its_part_of_one_listing() {
    let caches =
        Caches::with(&[("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")]).await;
    let (item, _) = caches.settled("{}").await;
    let subject = Subject::Record(Service::AwsProvisioner, item.identity.uid.clone());
    let writes = async || caches.world.records.read::<Record>(&subject).await.unwrap().sequence;
    let (before, written) = (caches.world.calls().len(), writes().await);
    let listed = eventually("listed three times", PATIENCE, async || {
        let calls = caches.world.calls().split_off(before);
        let listings = calls.iter().filter(|call| *call == "DescribeReplicationGroups").count();
        Ok((listings >= 3).then_some(calls))
    });
    let calls = listed.await.unwrap();
    assert!(calls.iter().all(|call| call == "DescribeReplicationGroups"), "{calls:?}");
    assert_eq!(writes().await, written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_what_was_refused_is_asked_for_again_when_its_hour_has_come() {
    let often = [("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")];
    let caches = Caches::with(&often).await;
    let refusal = Fault::Answered(400, "InvalidParameterCombination");
    caches.world.aws.fail("CreateReplicationGroup", 1, refusal);
    let item = caches.item("{}");
    caches.world.settle(&item, State::Refused).await;
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
}
