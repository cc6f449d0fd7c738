//! Answers that are lost, and the service that dies, at each step.

use proto::{Desired, State};
use stack::Fault;

use super::nets::{Nets, empty, whole};
use crate::world::desiring;

pub const MAKING: [&str; 10] = [
    "CreateVpc",
    "CreateTags",
    "CreateSubnet",
    "CreateSecurityGroup",
    "CreateDBSubnetGroup",
    "CreateCacheSubnetGroup",
    "CreateVpcPeeringConnection",
    "AcceptVpcPeeringConnection",
    "AuthorizeSecurityGroupIngress",
    "CreateRoute",
];

const REMOVING: [&str; 7] = [
    "DeleteDBSubnetGroup",
    "DeleteCacheSubnetGroup",
    "DeleteRoute",
    "DeleteVpcPeeringConnection",
    "DeleteSubnet",
    "DeleteSecurityGroup",
    "DeleteVpc",
];

#[tokio::test(flavor = "multi_thread")]
async fn a01_a03_c06_c07_w15_a_lost_answer_at_each_step_leaves_one_of_each() {
    for fault in [Fault::AnswerCut, Fault::AnswerLost] {
        let nets = Nets::new().await;
        for operation in MAKING {
            nets.world.aws.fail(operation, 1, fault);
        }
        let (item, _) = nets.ready().await;
        assert_eq!(nets.inventory().await, whole());
        for operation in REMOVING {
            nets.world.aws.fail(operation, 1, fault);
        }
        nets.again(&item, Desired::Absent, State::Absent).await;
        assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_c07_a_lost_request_at_each_step_is_made_up_for() {
    let nets = Nets::new().await;
    // A VPC that was perhaps made is awaited for two minutes: that one is tested by its plan.
    for operation in &MAKING[1..] {
        nets.world.aws.fail(operation, 1, Fault::RequestLost);
    }
    let (item, _) = nets.ready().await;
    assert_eq!(nets.inventory().await, whole());
    for operation in REMOVING {
        nets.world.aws.fail(operation, 1, Fault::RequestLost);
    }
    nets.again(&item, Desired::Absent, State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn c07_a_service_killed_after_each_step_goes_on_where_it_was() {
    let mut nets = Nets::new().await;
    nets.world.hold_answers(&MAKING);
    let item = nets.item("{}");
    nets.world.publish(&item).await;
    nets.world.crash_after(&item, &MAKING).await;
    nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn c07_w15_a_service_killed_after_steps_of_a_removal_ends_it() {
    let mut nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    // Few: a tombstone comes back when its delivery has been silent for 30 s.
    let steps = ["DeleteDBSubnetGroup", "DeleteVpcPeeringConnection", "DeleteVpc"];
    nets.world.hold_answers(&steps);
    let gone = desiring(&item, Desired::Absent);
    nets.world.publish(&gone).await;
    nets.world.crash_after(&gone, &steps).await;
    nets.world.until(&gone, "absent", |record| record.state == State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn c06_w23_a_crash_after_the_vpc_was_made_makes_no_second_one() {
    let mut nets = Nets::new().await;
    nets.world.aws.fail("CreateVpc", 1, Fault::AnswerCut);
    nets.world.aws.lag("CreateVpc", 4);
    let item = nets.item("{}");
    nets.world.fail(&item, "OutcomeNotKnownYet").await;
    nets.world.crash(&item).await;
    nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
    assert_eq!(nets.world.count("CreateVpc"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a06_what_aws_does_not_show_yet_is_not_made_again() {
    let nets = Nets::new().await;
    for operation in [
        "CreateVpc",
        "CreateSubnet",
        "CreateSecurityGroup",
        "CreateVpcPeeringConnection",
        "CreateDBSubnetGroup",
        "CreateCacheSubnetGroup",
    ] {
        nets.world.aws.lag(operation, 3);
    }
    nets.ready().await;
    assert_eq!(nets.inventory().await, whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn w23_a_bus_that_was_wiped_finds_the_network_again() {
    let mut nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    nets.world.wipe_bus().await;
    let before = nets.world.aws.calls().len();
    let record = nets.again(&item, Desired::Present, State::Ready).await;
    assert!(record.placement.observed);
    assert_eq!(nets.changes_since(before), [""; 0]);
}
