use proto::{ErrorClass, State};
use stack::Fault;

use crate::world::{World, name};

#[tokio::test(flavor = "multi_thread")]
async fn a03_a04_every_answer_may_be_lost_once() {
    let world = World::new().await;
    let calls = [
        "PUT",
        "PUT tagging",
        "PUT publicAccessBlock",
        "PUT encryption",
        "PUT policy",
        "CreateUser",
        "PutUserPolicy",
        "CreateAccessKey",
    ];
    for call in calls {
        world.aws.fail(call, 1, Fault::AnswerLost);
    }
    let item = world.item("{}");
    world.settle(&item, State::Ready).await;
    let listed = world.iam().access_keys(&name(&item)).await.unwrap();
    assert_eq!(listed, world.keeper.ids());
    assert_eq!(listed.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_that_is_down_heals_by_itself() {
    let world = World::prepare().await;
    world.aws.set_down(true);
    let mut world = world;
    world.start();
    let item = world.item("{}");
    let record = world.fail(&item, "AwsUnavailable").await;
    assert_eq!(record.error_class, Some(ErrorClass::Transient));
    world.aws.set_down(false);
    world.until(&item, "ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c09_a_service_killed_after_any_call_leaves_one_bucket_and_one_key() {
    let mut world = World::new().await;
    let item = world.item("{}");
    world.publish(&item).await;
    let name = name(&item);
    let calls = ["PUT tagging", "CreateAccessKey"];
    for call in calls {
        world.until_asked(call).await;
        world.kill();
        world.start();
    }
    world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(world.iam().access_keys(&name).await.unwrap(), world.keeper.ids());
    assert_eq!(world.keeper.ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_aws_says_what_to_do_and_heals() {
    let table = [
        ("PUT tagging", 1, 403, "AccessDenied", ErrorClass::NeedsPerson, "AccessDenied"),
        // As often as the SDK repeats it by itself.
        ("CreateUser", 4, 400, "Throttling", ErrorClass::Throttled, "Throttled"),
        ("PUT policy", 1, 403, "ExpiredToken", ErrorClass::Transient, "CredentialsRejected"),
    ];
    for (operation, times, status, code, class, reason) in table {
        let world = World::prepare().await;
        world.aws.fail(operation, times, Fault::Answered(status, code));
        let mut world = world;
        world.start();
        let item = world.item("{}");
        let record = world.fail(&item, reason).await;
        assert_eq!(record.error_class, Some(class), "{operation}");
        world.until(&item, "ready", |record| record.state == State::Ready).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_quota_is_shown_as_one() {
    let world = World::new().await;
    world.aws.fail("PUT", 1, Fault::Answered(400, "TooManyBuckets"));
    let record = world.fail(&world.item("{}"), "QuotaExceeded").await;
    assert_eq!(record.error_class, Some(ErrorClass::Quota));
    assert!(record.intent.is_none() && !record.placement.observed);
}

#[tokio::test(flavor = "multi_thread")]
async fn c05_a_service_killed_before_it_has_tagged_its_bucket_takes_it_for_its_own() {
    let mut world = World::new().await;
    let item = world.item("{}");
    world.hold_answers(&["PUT"]);
    world.publish(&item).await;
    world.crash_after(&item, &["PUT"]).await;
    assert_eq!(world.count("PUT tagging"), 0);
    world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(world.aws.buckets().await.unwrap(), [name(&item)]);
    assert!(world.count("PUT tagging") > 0);
}
