use std::time::Duration;

use proto::{Desired, ErrorClass, ItemId, Record, State, WorkItem};
use stack::{Fault, LifeCycle};

use super::caches::{Caches, id};
use crate::world::desiring;

#[tokio::test(flavor = "multi_thread")]
async fn a01_a03_a_lost_answer_makes_one_group_with_the_token_that_is_kept() {
    let caches = Caches::new().await;
    caches.world.aws.fail("CreateReplicationGroup", 1, Fault::AnswerLost);
    let (item, _) = caches.settled("{}").await;
    assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
    assert_eq!(caches.world.count("ListTagsForResource"), 1, "its tags tell that it is ours");
    let token = caches.world.keeper.values("ensured")["password"].clone();
    assert_eq!(caches.token(&item), token);
    caches.world.aws.fail("ModifyReplicationGroup", 1, Fault::AnswerLost);
    caches.settled(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#).await;
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 1);
    assert_eq!(caches.found(&item).await.unwrap().snapshot_retention_limit, Some(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_c10_a_change_whose_answer_never_came_is_made_once() {
    let mut caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    caches.world.aws.fail("ModifyReplicationGroup", 1, Fault::AnswerCut);
    let item = caches.item(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#);
    caches.world.publish(&item).await;
    caches.world.until_asked("ModifyReplicationGroup").await;
    caches.world.crash(&item).await;
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 1);
    assert_eq!(caches.found(&first).await.unwrap().snapshot_retention_limit, Some(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_what_is_stuck_in_its_creation_is_not_made_again() {
    let mut caches = Caches::new().await;
    let endless = LifeCycle { creating: Duration::MAX, ..LifeCycle::default() };
    caches.world.aws.life_cycle(endless);
    let item = caches.item("{}");
    let record = caches.world.fail(&item, "Provisioning").await;
    assert_eq!((record.state, record.error_class), (State::Pending, None));
    caches.world.crash(&item).await;
    // Once more, by another item.
    let again = WorkItem { item_id: ItemId::random(), ..item };
    caches.world.fail(&again, "Provisioning").await;
    assert_eq!(caches.world.mutations(), ["CreateReplicationGroup"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_c04_c08_a_service_killed_at_any_call_makes_one_of_the_kept_password() {
    let mut caches = Caches::new().await;
    let item = caches.item("{}");
    let calls =
        ["DescribeReplicationGroups", "DescribeCacheEngineVersions", "CreateReplicationGroup"];
    caches.world.hold_answers(&calls);
    caches.world.publish(&item).await;
    caches.world.crash_after(&item, &calls).await;
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
    let kept = caches.world.keeper.values("ensured")["password"].clone();
    assert_eq!(caches.world.aws.login(&id(&item)).unwrap().password, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_bus_makes_no_second_group_and_changes_no_token() {
    let mut caches = Caches::new().await;
    caches.settled("{}").await;
    let held = caches.world.keeper.values("ensured");
    caches.world.wipe_bus().await;
    caches.settled("{}").await;
    assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 0);
    assert_eq!(caches.world.keeper.values("ensured"), held);
}

#[tokio::test(flavor = "multi_thread")]
async fn w35_w41_a16_a_refusal_has_its_class_and_a_text_without_request_ids_and_heals() {
    let table = [
        ("CreateReplicationGroup", 1, 403, "AccessDenied", ErrorClass::NeedsPerson, "AccessDenied"),
        ("DescribeReplicationGroups", 4, 400, "Throttling", ErrorClass::Throttled, "Throttled"),
        (
            "CreateReplicationGroup",
            1,
            403,
            "ExpiredToken",
            ErrorClass::Transient,
            "CredentialsRejected",
        ),
    ];
    for (operation, times, status, code, class, reason) in table {
        let mut caches = Caches::prepare().await;
        caches.world.network(|_| {}).await;
        caches.world.aws.fail(operation, times, Fault::Answered(status, code));
        caches.world.start();
        let item = caches.item("{}");
        let record = caches.world.fail(&item, reason).await;
        assert_eq!(record.error_class, Some(class), "{operation}");
        assert!(!record.message.contains("planned"), "{}", record.message);
        caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w41_an_aws_that_is_down_is_told_at_once_and_heals() {
    let mut caches = Caches::prepare().await;
    caches.world.network(|_| {}).await;
    caches.world.aws.set_down(true);
    caches.world.start();
    let item = caches.item("{}");
    let record = caches.world.fail(&item, "AwsUnavailable").await;
    assert_eq!(record.error_class, Some(ErrorClass::Transient));
    caches.world.aws.set_down(false);
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a06_a_group_that_aws_does_not_show_yet_is_waited_for_and_not_made_again() {
    let caches = Caches::new().await;
    let item = caches.item("{}");
    caches.world.aws.lag("CreateReplicationGroup", 2);
    caches.world.aws.fail("CreateReplicationGroup", 1, Fault::AnswerLost);
    caches.world.publish(&item).await;
    let is_hidden = |record: &Record| record.reason == "ReplicationGroupNotVisibleYet";
    caches.world.until(&item, "hidden", is_hidden).await;
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w03_a_group_whose_tags_aws_does_not_tell_yet_is_waited_for_and_not_touched() {
    let mut caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    caches.world.wipe_bus().await;
    caches.world.network(|_| {}).await;
    let before = caches.world.mutations().len();
    let busy = Fault::Answered(400, "InvalidReplicationGroupState");
    caches.world.aws.fail("ListTagsForResource", 1, busy);
    let item = caches.item(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#);
    let record = caches.world.fail(&item, "Provisioning").await;
    assert_eq!((record.error_class, caches.world.mutations().len()), (None, before));
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(caches.found(&first).await.unwrap().snapshot_retention_limit, Some(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_request_that_was_lost_is_made_again() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    caches.world.aws.fail("ModifyReplicationGroup", 1, Fault::RequestLost);
    caches.settled(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#).await;
    assert_eq!(caches.found(&first).await.unwrap().snapshot_retention_limit, Some(7));
    caches.world.aws.fail("DeleteReplicationGroup", 1, Fault::RequestLost);
    caches.world.settle(&desiring(&first, Desired::Absent), State::Absent).await;
    assert!(caches.found(&first).await.is_none());
    assert_eq!(caches.snapshots().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_what_aws_calls_invalid_is_not_asked_for_again_until_it_is_changed() {
    let mut caches = Caches::new().await;
    let refusal = Fault::Answered(400, "InvalidParameterCombination");
    caches.world.aws.fail("CreateReplicationGroup", 1, refusal);
    let item = caches.item("{}");
    let record = caches.world.settle(&item, State::Refused).await;
    assert_eq!((record.error_class, record.intent), (Some(ErrorClass::Invalid), None));
    caches.world.crash(&item).await;
    caches.settled(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#).await;
    assert_eq!(caches.world.count("CreateReplicationGroup"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_than_the_expected_one_is_not_touched() {
    let caches = Caches::with(&[("EXPECTED_ACCOUNT_ID", "999999999999")]).await;
    let record = caches.world.fail(&caches.item("{}"), "WrongAccount").await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert!(caches.world.mutations().is_empty());
}
