use proto::{ErrorClass, Record, Service, State, Subject};
use stack::{PATIENCE, eventually};

use super::caches::{Caches, OFTEN, id};

#[tokio::test(flavor = "multi_thread")]
async fn w43_a_group_that_was_changed_by_hand_is_brought_back_by_the_common_listing() {
    let caches = Caches::with(&OFTEN).await;
    let (item, _) = caches.settled("{}").await;
    let request = caches.elasticache().modify_replication_group().replication_group_id(id(&item));
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
    let item = caches.item(strategy);
    caches.double.show_member(&id(&item), "7.1.0", "sun:01:00-sun:02:00", "");
    caches.world.settle(&item, State::Ready).await;
    // Made at once by the double, it was not looked at closely; from now on it is.
    let (item, _) = caches.settled(strategy).await;
    caches.double.show_member(&id(&item), "7.1.0", "mon:01:00-mon:02:00", "");
    let brought_back = eventually("brought back", PATIENCE, async || {
        let asked = caches.double.last("ModifyReplicationGroup");
        Ok(asked.contains("PreferredMaintenanceWindow=sun").then_some(()))
    });
    brought_back.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_group_that_is_gone_needs_a_person_and_is_not_made_again() {
    let caches = Caches::with(&OFTEN).await;
    let (item, _) = caches.settled("{}").await;
    let request = caches.elasticache().delete_replication_group().replication_group_id(id(&item));
    request.send().await.unwrap();
    let is_noticed = |record: &Record| record.reason == "ReplicationGroupGone";
    let record = caches.world.until(&item, "noticed", is_noticed).await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(caches.double.count("CreateReplicationGroup"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w43_w44_a_settled_claim_costs_nothing_but_its_part_of_one_listing() {
    let caches =
        Caches::with(&[("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")]).await;
    let (item, _) = caches.settled("{}").await;
    let subject = Subject::Record(Service::AwsProvisioner, item.identity.uid.clone());
    let writes = async || caches.world.records.read::<Record>(&subject).await.unwrap().sequence;
    let (before, written) = (caches.double.calls().len(), writes().await);
    let listed = eventually("listed three times", PATIENCE, async || {
        let calls = caches.double.calls().split_off(before);
        let listings = calls.iter().filter(|call| *call == "DescribeReplicationGroups").count();
        Ok((listings >= 3).then_some(calls))
    });
    let calls = listed.await.unwrap();
    assert!(calls.iter().all(|call| call == "DescribeReplicationGroups"), "{calls:?}");
    assert_eq!(writes().await, written);
}
