use proto::{ErrorClass, Record, Service, State, Subject};
use stack::{Fault, PATIENCE, eventually};

use super::databases::{Databases, id};
use crate::ground::OFTEN;

#[tokio::test(flavor = "multi_thread")]
async fn w43_an_instance_that_was_changed_by_hand_is_brought_back_by_the_common_listing() {
    let databases = Databases::with(&OFTEN).await;
    let (item, _) = databases.settled("{}").await;
    let request = databases.world.rds().modify_db_instance().db_instance_identifier(id(&item));
    request.backup_retention_period(3).publicly_accessible(true).send().await.unwrap();
    let brought_back = eventually("brought back", PATIENCE, async || {
        let found = databases.found(&item).await.unwrap();
        let is_back =
            found.backup_retention_period == Some(31) && found.publicly_accessible == Some(false);
        Ok(is_back.then_some(()))
    });
    brought_back.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_an_instance_that_is_gone_needs_a_person_and_is_not_made_again() {
    let databases = Databases::with(&OFTEN).await;
    let (item, _) = databases.settled(r#"{"createStrategy":{"DeletionProtection":false}}"#).await;
    let request = databases.world.rds().delete_db_instance().db_instance_identifier(id(&item));
    request.skip_final_snapshot(true).send().await.unwrap();
    let is_noticed = |record: &Record| record.reason == "InstanceGone";
    let record = databases.world.until(&item, "noticed", is_noticed).await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(databases.world.count("CreateDBInstance"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w43_w44_a_settled_claim_costs_nothing_but_its_part_of_one_listing() {
    let databases =
        Databases::with(&[("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")]).await;
    let (item, _) = databases.settled("{}").await;
    let subject = Subject::Record(Service::AwsProvisioner, item.identity.uid.clone());
    let writes = async || databases.world.records.read::<Record>(&subject).await.unwrap().sequence;
    let (before, written) = (databases.world.calls().len(), writes().await);
    let listed = eventually("listed three times", PATIENCE, async || {
        let calls = databases.world.calls().split_off(before);
        let listings = calls.iter().filter(|call| *call == "DescribeDBInstances").count();
        Ok((listings >= 3).then_some(calls))
    });
    let calls = listed.await.unwrap();
    assert!(calls.iter().all(|call| call == "DescribeDBInstances"), "{calls:?}");
    assert_eq!(writes().await, written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_its_status_is_told() {
    let databases = Databases::with(&OFTEN).await;
    let (item, _) = databases.settled("{}").await;
    databases.world.aws.set_status(&id(&item), Some("backing-up"));
    let is_told =
        |record: &Record| record.state == State::Ready && record.message.ends_with("backing-up");
    databases.world.until(&item, "told", is_told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_what_was_refused_is_asked_for_again_when_its_hour_has_come() {
    let often = [("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")];
    let databases = Databases::with(&often).await;
    let refusal = Fault::Answered(400, "InvalidParameterCombination");
    databases.world.aws.fail("CreateDBInstance", 1, refusal);
    let item = databases.item("{}");
    databases.world.settle(&item, State::Refused).await;
    databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
}
