//! Taking a network down.

use std::time::Duration;

use aws_provisioner::network::reference::CLOSING;
use proto::{Desired, Intent, ItemId, Kind, Placement, Provider, Record, State, WorkItem};
use stack::{LifeCycle, PATIENCE, eventually};

use super::crashes::MAKING;
use super::nets::{Nets, empty, whole};
use crate::world::desiring;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_network_and_it_can_be_made_again() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let record = nets.again(&item, Desired::Absent, State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
    assert!(record.facts.is_empty() && !record.placement.observed, "{record:?}");
    let tables = nets.tables(&nets.cluster).await;
    assert_eq!(tables[0].routes().len(), 1, "the local one");
    let before = nets.world.aws.calls().len();
    nets.again(&item, Desired::Absent, State::Absent).await;
    assert_eq!(nets.changes_since(before), [""; 0]);
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn w06_w58_a_network_stays_while_an_instance_lives_in_it() {
    let nets = Nets::new().await;
    let (item, record) = nets.ready().await;
    let instance = nets
        .world
        .rds()
        .create_db_instance()
        .db_instance_identifier("foreign")
        .db_instance_class("db.t3.small")
        .engine("postgres")
        .allocated_storage(20)
        .master_username("u")
        .master_user_password("password-1")
        .db_subnet_group_name(&record.facts["subnet-group"]);
    instance.send().await.unwrap();
    let before = nets.world.aws.calls().len();
    let tombstone = desiring(&item, Desired::Absent);
    let record = nets.world.fail(&tombstone, "NetworkInUse").await;
    assert_eq!(record.message, "the network stays while rds instance foreign lives in it");
    assert!(!record.facts.contains_key(CLOSING), "it is open again");
    assert_eq!(nets.changes_since(before), [""; 0]);
    let delete = nets.world.rds().delete_db_instance().db_instance_identifier("foreign");
    delete.skip_final_snapshot(true).send().await.unwrap();
    nets.world.until(&tombstone, "absent", |record| record.state == State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn w06_a_network_stays_while_a_cache_lives_in_it() {
    let nets = Nets::new().await;
    let (item, record) = nets.ready().await;
    let group = nets
        .world
        .elasticache()
        .create_replication_group()
        .replication_group_id("foreign")
        .replication_group_description("foreign")
        .engine("redis")
        .cache_node_type("cache.t3.micro")
        .num_cache_clusters(2)
        .cache_subnet_group_name(&record.facts["subnet-group"]);
    group.send().await.unwrap();
    let record = nets.world.fail(&desiring(&item, Desired::Absent), "NetworkInUse").await;
    assert!(record.message.contains("cache cluster foreign-001"), "{}", record.message);
    assert_eq!(nets.inventory().await, whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn w06_w23_a_database_that_has_stored_its_intent_keeps_the_network() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let mut database = nets.world.item("{}");
    database.identity.kind = Kind::Postgres;
    // Asked to be looked at only: the record that the test writes stays.
    database.desired = Desired::Paused;
    nets.world.settle(&database, State::Paused).await;
    let placement = Placement { identifier: Some("x".into()), ..Placement::at(Provider::Aws) };
    let mut record = Record::new(database.identity.clone(), placement, ItemId::random());
    let step = "rds.create-db-instance".to_owned();
    record.intent = Some(Intent { step, item_id: ItemId::random(), at_ms: 0 });
    nets.write(&record).await;
    let before = nets.world.aws.calls().len();
    let tombstone = desiring(&item, Desired::Absent);
    let found = nets.world.fail(&tombstone, "NetworkInUse").await;
    assert_eq!(found.message, "the network stays while postgres team/pictures lives in it");
    assert_eq!(nets.changes_since(before), [""; 0]);
    record.state = State::Absent;
    nets.write(&record).await;
    nets.world.until(&tombstone, "absent", |record| record.state == State::Absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w58_what_is_not_ours_in_the_vpc_is_left_and_named() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let vpc = nets.vpcs().await.remove(0).vpc_id.unwrap();
    // The rest of the range is taken by our two: a range of its own.
    let second =
        nets.world.ec2().associate_vpc_cidr_block().vpc_id(&vpc).cidr_block("10.50.0.0/24");
    second.send().await.unwrap();
    let subnet = nets.subnet(&vpc, "us-east-1a", "10.50.0.0/26").await;
    let tombstone = desiring(&item, Desired::Absent);
    let record = nets.world.fail(&tombstone, "NetworkHeld").await;
    let expected = format!(
        "VPC {vpc} cannot be deleted: subnet {subnet} in it is not the operator's: remove it"
    );
    assert_eq!(record.message, expected);
    nets.world.ec2().delete_subnet().subnet_id(subnet).send().await.unwrap();
    nets.world.until(&tombstone, "absent", |record| record.state == State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_things_outlive_a_network() {
    let nets = Nets::prepare().await;
    // The Go operator's: tagged as the cluster's, and not ours.
    let foreign = nets.vpc("10.60.0.0/26").await;
    nets.tag(&foreign, "integreatly.org/clusterID", "cluster").await;
    let subnet = nets.subnet(&foreign, "us-east-1a", "10.60.0.0/27").await;
    let mut nets = nets;
    let before = everything(&nets).await;
    nets.world.start();
    let (item, _) = nets.ready().await;
    nets.again(&item, Desired::Absent, State::Absent).await;
    assert_eq!(everything(&nets).await, before);
    assert!(before.contains(&foreign) && before.contains(&subnet));
}

/// All of EC2 that a network could touch, with its tags, in words.
async fn everything(nets: &Nets) -> String {
    let ec2 = nets.world.ec2();
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    let subnets = ec2.describe_subnets().send().await.unwrap();
    let tables = ec2.describe_route_tables().send().await.unwrap();
    let groups = ec2.describe_security_groups().send().await.unwrap();
    format!(
        "{:?} {:?} {:?} {:?}",
        vpcs.vpcs, subnets.subnets, tables.route_tables, groups.security_groups
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn r06_a_network_that_is_wanted_again_half_way_is_made_whole() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let vpc = nets.vpcs().await.remove(0).vpc_id;
    let denied = stack::Fault::Answered(403, "UnauthorizedOperation");
    nets.world.aws.fail("DeleteSubnet", 1, denied);
    let record = nets.world.fail(&desiring(&item, Desired::Absent), "AccessDenied").await;
    assert!(record.facts.contains_key(CLOSING));
    let record = nets.again(&item, Desired::Present, State::Ready).await;
    assert!(!record.facts.contains_key(CLOSING));
    assert_eq!(nets.inventory().await, whole());
    assert_eq!(nets.vpcs().await.remove(0).vpc_id, vpc);
}

#[tokio::test(flavor = "multi_thread")]
async fn w13_a_network_goes_without_a_strategy_and_a_cluster_vpc() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let tombstone = WorkItem { strategy: None, network: None, ..desiring(&item, Desired::Absent) };
    nets.world.settle(&tombstone, State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn l01_a_network_that_is_not_wanted_any_more_goes_at_every_stage_of_its_making() {
    let nets = Nets::new().await;
    for operation in MAKING {
        let (item, before) = (nets.item("{}"), nets.world.count(operation));
        nets.world.publish(&item).await;
        let asked = async || Ok((nets.world.count(operation) > before).then_some(()));
        eventually(operation, PATIENCE, asked).await.unwrap();
        nets.again(&item, Desired::Absent, State::Absent).await;
        assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l01_a_network_goes_whose_peering_is_still_coming_about() {
    let nets = Nets::new().await;
    let slow = LifeCycle { peering: Duration::from_secs(2), ..LifeCycle::default() };
    nets.world.aws.life_cycle(slow);
    let item = nets.item("{}");
    nets.world.fail(&item, "Peering").await;
    nets.again(&item, Desired::Absent, State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}
