use std::time::Duration;

use proto::{Desired, ErrorClass, ItemId, Record, State, WorkItem};
use stack::{Fault, LifeCycle};

use super::databases::{Databases, id};
use crate::world::desiring;

#[tokio::test(flavor = "multi_thread")]
async fn a01_a03_a_lost_answer_makes_one_instance_with_the_password_that_is_kept() {
    let databases = Databases::new().await;
    databases.world.aws.fail("CreateDBInstance", 1, Fault::AnswerLost);
    let (item, _) = databases.settled("{}").await;
    assert_eq!(databases.world.count("CreateDBInstance"), 1);
    let kept = databases.world.keeper.values("ensured")["password"].clone();
    assert_eq!(databases.world.aws.login(&id(&item)).unwrap().password, kept);
    databases.world.aws.fail("ModifyDBInstance", 1, Fault::AnswerLost);
    databases.settled(r#"{"createStrategy":{"BackupRetentionPeriod":7}}"#).await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_c10_a_change_whose_answer_never_came_is_made_once() {
    let mut databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    databases.world.aws.fail("ModifyDBInstance", 1, Fault::AnswerCut);
    let item = databases.item(r#"{"createStrategy":{"BackupRetentionPeriod":7}}"#);
    databases.world.publish(&item).await;
    databases.world.until_asked("ModifyDBInstance").await;
    databases.world.crash(&item).await;
    databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 1);
    assert_eq!(databases.found(&first).await.unwrap().backup_retention_period, Some(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_what_is_stuck_in_its_creation_is_not_made_again() {
    let mut databases = Databases::new().await;
    let endless = LifeCycle { creating: Duration::MAX, ..LifeCycle::default() };
    databases.world.aws.life_cycle(endless);
    let item = databases.item("{}");
    let record = databases.world.fail(&item, "Provisioning").await;
    assert_eq!((record.state, record.error_class), (State::Pending, None));
    databases.world.crash(&item).await;
    // Once more, by another item.
    let again = WorkItem { item_id: ItemId::random(), ..item };
    databases.world.fail(&again, "Provisioning").await;
    assert_eq!(databases.world.mutations(), ["CreateDBInstance"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_c04_c08_a_service_killed_at_any_call_makes_one_of_the_kept_password() {
    let mut databases = Databases::new().await;
    let item = databases.item("{}");
    let calls = ["DescribeDBInstances", "DescribeDBEngineVersions", "CreateDBInstance"];
    databases.world.hold_answers(&calls);
    databases.world.publish(&item).await;
    databases.world.crash_after(&item, &calls).await;
    databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(databases.world.count("CreateDBInstance"), 1);
    let kept = databases.world.keeper.values("ensured")["password"].clone();
    assert_eq!(databases.world.aws.login(&id(&item)).unwrap().password, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_bus_makes_no_second_instance_and_changes_no_password() {
    let mut databases = Databases::new().await;
    databases.settled("{}").await;
    let held = databases.world.keeper.values("ensured");
    databases.world.wipe_bus().await;
    databases.settled("{}").await;
    assert_eq!(databases.world.count("CreateDBInstance"), 1);
    assert_eq!(databases.world.count("ModifyDBInstance"), 0);
    assert_eq!(databases.world.keeper.values("ensured"), held);
}

#[tokio::test(flavor = "multi_thread")]
async fn w35_w41_a16_a_refusal_has_its_class_and_a_text_without_request_ids_and_heals() {
    let table = [
        ("CreateDBInstance", 1, 403, "AccessDenied", ErrorClass::NeedsPerson, "AccessDenied"),
        ("DescribeDBInstances", 4, 400, "Throttling", ErrorClass::Throttled, "Throttled"),
        ("CreateDBInstance", 1, 403, "ExpiredToken", ErrorClass::Transient, "CredentialsRejected"),
    ];
    for (operation, times, status, code, class, reason) in table {
        let mut databases = Databases::prepare().await;
        databases.world.network(|_| {}).await;
        databases.world.aws.fail(operation, times, Fault::Answered(status, code));
        databases.world.start();
        let item = databases.item("{}");
        let record = databases.world.fail(&item, reason).await;
        assert_eq!(record.error_class, Some(class), "{operation}");
        assert!(!record.message.contains("planned"), "{}", record.message);
        databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w41_an_aws_that_is_down_is_told_at_once_and_heals() {
    let mut databases = Databases::prepare().await;
    databases.world.network(|_| {}).await;
    databases.world.aws.set_down(true);
    databases.world.start();
    let item = databases.item("{}");
    let record = databases.world.fail(&item, "AwsUnavailable").await;
    assert_eq!(record.error_class, Some(ErrorClass::Transient));
    databases.world.aws.set_down(false);
    databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a06_an_instance_that_aws_does_not_show_yet_is_waited_for_and_not_made_again() {
    let databases = Databases::new().await;
    let item = databases.item("{}");
    databases.world.aws.lag("CreateDBInstance", 2);
    databases.world.aws.fail("CreateDBInstance", 1, Fault::AnswerLost);
    databases.world.publish(&item).await;
    let is_hidden = |record: &Record| record.reason == "InstanceNotVisibleYet";
    databases.world.until(&item, "hidden", is_hidden).await;
    databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(databases.world.count("CreateDBInstance"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_request_that_was_lost_is_made_again() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    databases.world.aws.fail("ModifyDBInstance", 1, Fault::RequestLost);
    databases.settled(r#"{"createStrategy":{"BackupRetentionPeriod":7}}"#).await;
    assert_eq!(databases.found(&first).await.unwrap().backup_retention_period, Some(7));
    databases.world.aws.fail("DeleteDBInstance", 1, Fault::RequestLost);
    databases.world.settle(&desiring(&first, Desired::Absent), State::Absent).await;
    assert!(databases.found(&first).await.is_none());
    assert_eq!(databases.snapshots().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_what_aws_calls_invalid_is_not_asked_for_again_until_it_is_changed() {
    let mut databases = Databases::new().await;
    let refusal = Fault::Answered(400, "InvalidParameterCombination");
    databases.world.aws.fail("CreateDBInstance", 1, refusal);
    let item = databases.item("{}");
    let record = databases.world.settle(&item, State::Refused).await;
    assert_eq!((record.error_class, record.intent), (Some(ErrorClass::Invalid), None));
    databases.world.crash(&item).await;
    databases.settled(r#"{"createStrategy":{"BackupRetentionPeriod":7}}"#).await;
    assert_eq!(databases.world.count("CreateDBInstance"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_than_the_expected_one_is_not_touched() {
    let databases = Databases::with(&[("EXPECTED_ACCOUNT_ID", "999999999999")]).await;
    let record = databases.world.fail(&databases.item("{}"), "WrongAccount").await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert!(databases.world.mutations().is_empty());
}
