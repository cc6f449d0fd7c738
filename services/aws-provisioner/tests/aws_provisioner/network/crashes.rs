//! Answers that are lost, and the service that dies, at each step.

use aws_provisioner::network::known::CREATE_VPC;
use proto::{Desired, ItemId, State, WorkItem};
use stack::Fault;

use super::nets::{CLUSTER_RANGE, Nets, empty, whole};
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
    // A VPC that was perhaps made is awaited for two minutes: that one has a test of its own.
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
async fn a02_a_vpc_whose_request_was_lost_is_made_once_the_outcome_is_known() {
    let mut nets = Nets::new().await;
    nets.world.aws.fail("CreateVpc", 1, Fault::RequestLost);
    let item = nets.item("{}");
    let record = nets.world.fail(&item, "NetworkNotVisibleYet").await;
    assert_eq!(record.intent.as_ref().map(|it| it.step.as_str()), Some(CREATE_VPC));
    nets.world.crash(&item).await;
    let again = WorkItem { item_id: ItemId::random(), ..item };
    let mut record = nets.world.fail(&again, "NetworkNotVisibleYet").await;
    assert_eq!((nets.vpcs().await.len(), nets.world.count("CreateVpc")), (0, 1));
    // Two minutes later.
    nets.world.kill();
    record.intent.as_mut().unwrap().at_ms -= 121_000;
    nets.write(&record).await;
    nets.world.crash(&again).await;
    nets.world.until(&again, "ready", |record| record.state == State::Ready).await;
    assert_eq!((nets.inventory().await, nets.world.count("CreateVpc")), (whole(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a03_routes_whose_replacement_had_no_answer_lead_to_the_peering_that_lives() {
    for fault in [Fault::AnswerCut, Fault::AnswerLost] {
        let nets = Nets::new().await;
        let (item, _) = nets.ready().await;
        let ended = nets.end_peering().await;
        nets.world.aws.fail("ReplaceRoute", 1, fault);
        nets.again(&item, Desired::Present, State::Ready).await;
        assert_eq!(nets.inventory().await, whole());
        let vpc = nets.vpcs().await.remove(0);
        let routes = [
            nets.routes(&nets.cluster, vpc.cidr_block().unwrap()).await,
            nets.routes(vpc.vpc_id().unwrap(), CLUSTER_RANGE).await,
        ];
        assert!(!routes.concat().contains(&ended), "{routes:?}");
        assert!(nets.world.count("ReplaceRoute") > 2, "two, and one for which there was no answer");
    }
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
async fn c07_w15_a_service_killed_after_each_step_of_a_removal_ends_it() {
    let mut nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    nets.world.hold_answers(&REMOVING);
    let mut gone = desiring(&item, Desired::Absent);
    nets.world.publish(&gone).await;
    for step in REMOVING {
        nets.world.crash_after(&gone, &[step]).await;
        // The same again: a delivery that is silent comes back after 30 s only.
        gone = desiring(&gone, Desired::Absent);
        nets.world.publish(&gone).await;
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn r01_r03_w23_a_replica_that_stood_still_in_a_call_makes_no_other() {
    for step in ["CreateVpc", "CreateSubnet", "CreateVpcPeeringConnection"] {
        let mut nets = Nets::new().await;
        nets.world.hold_answers(&[step]);
        let item = nets.item("{}");
        nets.world.publish(&item).await;
        nets.world.until_asked(step).await;
        nets.world.overtake(&item).await;
        nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
        let before = nets.world.mutations();
        nets.world.resume().await;
        assert_eq!((nets.inventory().await, nets.world.mutations()), (whole(), before), "{step}");
        assert_eq!((nets.vpcs().await.len(), nets.world.count("CreateVpc")), (1, 1), "{step}");
    }
}
