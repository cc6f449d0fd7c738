//! AWS is down, or does what it is asked and does not say so.

use stack::{Fault, condition};

use crate::scene::{IN_CLUSTER, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_that_is_down_holds_up_its_own_claims_and_heals_by_itself() {
    let scene = Scene::start("aws-down").await;
    scene.stack.aws.set_down(true);
    scene.create().await;
    let (others, on_aws) = scene.claims.split_at(IN_CLUSTER);
    for claim in on_aws {
        let object = scene.stack.until_reason(claim, "Transient").await.unwrap();
        assert_eq!(object.data["status"]["phase"], "in progress");
    }
    for claim in others {
        scene.stack.until_complete(claim).await.unwrap();
    }
    scene.stack.aws.set_down(false);
    scene.check().await;

    // What works is said to work, and a deletion waits.
    scene.stack.aws.set_down(true);
    for claim in on_aws {
        scene.stack.delete(claim).await.unwrap();
        scene.stack.until_reason(claim, "Transient").await.unwrap();
    }
    let object = scene.stack.get(&others[0]).await.unwrap().unwrap();
    assert_eq!(condition(&object, "Ready").unwrap()["status"], "True");
    for claim in others {
        scene.stack.delete(claim).await.unwrap();
    }
    scene.stack.aws.set_down(false);
    scene.until_nothing_is_left().await;
}

/// Each of these calls succeeds that often without saying so.
fn lose(scene: &Scene, calls: &[&str], times: usize) {
    for call in calls {
        scene.stack.aws.fail(call, times, Fault::AnswerLost);
    }
}

fn all_were_lost(scene: &Scene, calls: &[&str]) {
    let log = scene.stack.aws.calls();
    for call in calls {
        assert!(log.iter().any(|it| it.operation == *call && it.status == 500), "{call}: {log:#?}");
    }
}

const MAKING: [&str; 19] = [
    "PUT tagging",
    "PUT publicAccessBlock",
    "PUT encryption",
    "PUT policy",
    "PutUserPolicy",
    "CreateAccessKey",
    "CreateUser",
    "PUT",
    "CreateVpc",
    "CreateSubnet",
    "CreateSecurityGroup",
    "AuthorizeSecurityGroupIngress",
    "CreateVpcPeeringConnection",
    "AcceptVpcPeeringConnection",
    "CreateRoute",
    "CreateDBSubnetGroup",
    "CreateCacheSubnetGroup",
    "CreateDBInstance",
    "CreateReplicationGroup",
];
const REMOVING: [&str; 13] = [
    "DeleteAccessKey",
    "DeleteUserPolicy",
    "DeleteUser",
    "DELETE",
    "DeleteDBInstance",
    "DeleteReplicationGroup",
    "DeleteDBSubnetGroup",
    "DeleteCacheSubnetGroup",
    "DeleteVpcPeeringConnection",
    "DeleteRoute",
    "DeleteSubnet",
    "DeleteSecurityGroup",
    "DeleteVpc",
];

#[tokio::test(flavor = "multi_thread")]
async fn a01_every_answer_of_aws_may_be_lost_after_its_success() {
    let scene = Scene::start("aws-lost").await;
    lose(&scene, &MAKING, 1);
    scene.create().await;
    scene.check().await;
    all_were_lost(&scene, &MAKING);
    lose(&scene, &REMOVING, 1);
    scene.delete().await;
    scene.until_nothing_is_left().await;
    all_were_lost(&scene, &REMOVING);
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_answers_lost_more_often_than_the_sdk_asks_again_make_nothing_twice() {
    let scene = Scene::start("aws-lost-often").await;
    let calls = [
        "PUT tagging",
        "PUT policy",
        "PutUserPolicy",
        "CreateUser",
        "CreateVpc",
        "CreateSubnet",
        "CreateDBInstance",
        "CreateReplicationGroup",
    ];
    lose(&scene, &calls, 5);
    scene.create().await;
    scene.check().await;
    all_were_lost(&scene, &calls);
}
