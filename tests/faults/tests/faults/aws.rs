//! AWS is down, or does what it is asked and does not say so.

use stack::{Fault, condition};

use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_that_is_down_holds_up_its_own_claims_and_heals_by_itself() {
    let scene = Scene::start("aws-down").await;
    scene.stack.aws.set_down(true);
    scene.create().await;
    let (bucket, others) = scene.claims.split_last().unwrap();
    let object = scene.stack.until_reason(bucket, "AwsUnavailable").await.unwrap();
    assert_eq!(object.data["status"]["phase"], "in progress");
    for claim in others {
        scene.stack.until_complete(claim).await.unwrap();
    }
    scene.stack.aws.set_down(false);
    scene.check().await;

    // What works is said to work, and a deletion waits.
    scene.stack.aws.set_down(true);
    scene.stack.delete(bucket).await.unwrap();
    scene.stack.until_reason(bucket, "AwsUnavailable").await.unwrap();
    let object = scene.stack.get(&others[0]).await.unwrap().unwrap();
    assert_eq!(condition(&object, "Ready").unwrap()["status"], "True");
    for claim in others {
        scene.stack.delete(claim).await.unwrap();
    }
    scene.stack.aws.set_down(false);
    scene.until_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_every_answer_of_aws_may_be_lost_after_its_success() {
    let scene = Scene::start("aws-lost").await;
    let lose = |calls: &[&str]| {
        for call in calls {
            // The SDK asks again by itself; the second loss ends in a turn of ours.
            scene.stack.aws.fail(call, 1, Fault::AnswerLost);
        }
    };
    let (tags, settings) = ("PUT tagging", ["PUT publicAccessBlock", "PUT encryption"]);
    lose(&[tags]);
    lose(&settings);
    lose(&["PUT policy", "PutUserPolicy", "CreateAccessKey", "CreateUser", "PUT"]);
    scene.create().await;
    scene.check().await;
    lose(&["DELETE policy", "DeleteAccessKey", "DeleteUserPolicy", "DeleteUser", "DELETE"]);
    for claim in &scene.claims {
        scene.stack.delete(claim).await.unwrap();
    }
    scene.until_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_answers_lost_for_longer_than_the_sdk_asks_again_make_nothing_twice() {
    let scene = Scene::start("aws-lost-long").await;
    let calls = ["PUT tagging", "PUT policy", "PutUserPolicy", "CreateUser"];
    for call in calls {
        scene.stack.aws.fail(call, 5, Fault::AnswerLost);
    }
    scene.create().await;
    scene.check().await;
}
