use proto::{ErrorClass, State};
use stack::{Fault, eventually};

use crate::world::{World, item, name};

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_may_be_lost_once() {
    let world = World::new().await;
    let calls = [
        "PUT /cro-",
        "tagging",
        "publicAccessBlock",
        "encryption",
        "policy",
        "CreateUser",
        "PutUserPolicy",
        "CreateAccessKey",
    ];
    for call in calls {
        world.aws.fail_next(call, Fault::AnswerLost);
    }
    let item = item("{}");
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
    let item = item("{}");
    let record = world.fail(&item, "AwsUnavailable").await;
    assert_eq!(record.error_class, Some(ErrorClass::Transient));
    world.aws.set_down(false);
    world.until(&item, "ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_after_any_call_leaves_one_bucket_and_one_key() {
    let mut world = World::new().await;
    let item = item("{}");
    world.publish(&item).await;
    let name = name(&item);
    let calls = ["?tagging", "?policy", "CreateAccessKey"];
    for call in calls {
        let seen = eventually(call, std::time::Duration::from_secs(60), async || {
            Ok((world.count(call) > 0).then_some(()))
        });
        seen.await.unwrap();
        world.kill();
        world.start();
    }
    world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(world.iam().access_keys(&name).await.unwrap(), world.keeper.ids());
    assert_eq!(world.keeper.ids().len(), 1);
}
