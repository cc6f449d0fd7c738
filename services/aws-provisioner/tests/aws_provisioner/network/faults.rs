//! What others do to a network, and peerings that end.

use proto::{Desired, ErrorClass, State};
use stack::{Fault, LifeCycle, PATIENCE, eventually};

use super::nets::{Nets, status, whole};

#[tokio::test(flavor = "multi_thread")]
async fn w16_a_peering_that_expired_is_made_again() {
    let nets = Nets::new().await;
    let denied = Fault::Answered(403, "UnauthorizedOperation");
    nets.world.aws.fail("AcceptVpcPeeringConnection", 1, denied);
    let item = nets.item("{}");
    nets.world.fail(&item, "AccessDenied").await;
    let first = nets.peerings().await.remove(0);
    nets.world.aws.expire_peering(first.vpc_peering_connection_id().unwrap());
    nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
    let all: Vec<_> = nets.peerings().await.iter().map(status).collect();
    assert_eq!(all, ["expired", "active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn w16_a_peering_that_was_rejected_is_told_and_not_asked_for_again() {
    let nets = Nets::new().await;
    let denied = Fault::Answered(403, "UnauthorizedOperation");
    nets.world.aws.fail("AcceptVpcPeeringConnection", 1, denied);
    let item = nets.item("{}");
    nets.world.fail(&item, "AccessDenied").await;
    let first = nets.peerings().await.remove(0).vpc_peering_connection_id.unwrap();
    let reject = nets.world.ec2().reject_vpc_peering_connection().vpc_peering_connection_id(first);
    reject.send().await.unwrap();
    let reason = |it: &proto::Record| it.reason == "PeeringFails";
    let record = nets.world.until(&item, "told", reason).await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(nets.world.count("CreateVpcPeeringConnection"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w16_a_peering_that_somebody_deleted_is_made_again_with_its_routes() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let first = nets.peerings().await.remove(0).vpc_peering_connection_id.unwrap();
    let delete = nets.world.ec2().delete_vpc_peering_connection().vpc_peering_connection_id(&first);
    delete.send().await.unwrap();
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
    let range = nets.vpcs().await.remove(0).cidr_block.unwrap();
    assert!(!nets.routes(&nets.cluster, &range).await.contains(&first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peering_takes_its_time_and_is_told() {
    let nets = Nets::new().await;
    nets.world.aws.life_cycle(LifeCycle::each(std::time::Duration::from_secs(2)));
    let item = nets.item("{}");
    let record = nets.world.fail(&item, "Peering").await;
    assert!(record.message.starts_with("the peering with the cluster's VPC is "));
    nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w17_w57_what_somebody_has_taken_away_comes_back() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let group = nets.groups().await.remove(0);
    let revoke =
        nets.world.ec2().revoke_security_group_ingress().group_id(group.group_id().unwrap());
    revoke.set_ip_permissions(group.ip_permissions).send().await.unwrap();
    let tables = nets.tables(&nets.cluster).await;
    let range = nets.vpcs().await.remove(0).cidr_block.unwrap();
    let delete = nets.world.ec2().delete_route().destination_cidr_block(range);
    delete.route_table_id(tables[0].route_table_id().unwrap()).send().await.unwrap();
    let name = "integreatly.org/resource-name";
    let tag = aws_sdk_ec2::types::Tag::builder().key(name).build();
    let subnet = nets.subnets().await.remove(0).subnet_id.unwrap();
    nets.world.ec2().delete_tags().resources(&subnet).tags(tag).send().await.unwrap();
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
    assert!(nets.groups().await.iter().all(|it| it.ip_permissions().len() == 1));
    let subnets = nets.subnets().await;
    let has = |it: &aws_sdk_ec2::types::Subnet| it.tags().iter().any(|it| it.key() == Some(name));
    assert!(subnets.iter().all(has));
}

#[tokio::test(flavor = "multi_thread")]
async fn w19_a_group_of_the_same_name_elsewhere_is_not_ours() {
    let nets = Nets::new().await;
    let (item, record) = nets.ready().await;
    let name = format!("{}-postgres", record.placement.identifier.unwrap());
    let foreign = nets.group(&nets.cluster, &name).await;
    nets.again(&item, Desired::Present, State::Ready).await;
    nets.again(&item, Desired::Absent, State::Absent).await;
    let found = nets.world.ec2().describe_security_groups().group_ids(&foreign).send().await;
    assert!(found.is_ok(), "it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_of_somebody_else_is_left_and_told() {
    let nets = Nets::prepare().await;
    let other = nets.vpc("10.9.0.0/16").await;
    let ec2 = nets.world.ec2();
    let peering = ec2.create_vpc_peering_connection().vpc_id(&other).peer_vpc_id(&nets.cluster);
    let peering = peering.send().await.unwrap().vpc_peering_connection.unwrap();
    let peering = peering.vpc_peering_connection_id.unwrap();
    let table = nets.tables(&nets.cluster).await.remove(0).route_table_id.unwrap();
    let route = ec2.create_route().route_table_id(&table).destination_cidr_block("10.7.0.0/24");
    route.vpc_peering_connection_id(&peering).send().await.unwrap();
    let mut nets = nets;
    nets.world.start();
    let item = nets.item(r#"{"createStrategy":{"CidrBlock":"10.7.0.0/24"}}"#);
    let record = nets.world.fail(&item, "RouteTaken").await;
    assert!(record.message.contains(&table), "{}", record.message);
    assert_eq!(nets.routes(&nets.cluster, "10.7.0.0/24").await, [peering]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_quota_is_told() {
    let nets = Nets::new().await;
    nets.world.aws.quota("CreateVpc", Some(0));
    let record = nets.world.fail(&nets.item("{}"), "QuotaExceeded").await;
    assert_eq!(record.error_class, Some(ErrorClass::Quota));
    assert!(record.message.contains("VpcLimitExceeded"), "{}", record.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn w60_a_cluster_without_a_vpc_is_told() {
    let nets = Nets::new().await;
    let mut item = nets.item("{}");
    item.cluster.id = "elsewhere".into();
    item.identity.uid = proto::Uid::of_network("elsewhere");
    let record = nets.world.fail(&item, "NoClusterVpc").await;
    assert!(record.message.contains("CLUSTER_VPC_ID"), "{}", record.message);
    assert_eq!(nets.vpcs().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w23_a15_a_network_that_lost_its_tags_needs_a_person_and_gets_no_second_vpc() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let vpc = nets.vpcs().await.remove(0);
    let id = vpc.vpc_id.clone().unwrap();
    nets.world.ec2().delete_tags().resources(&id).set_tags(vpc.tags.clone()).send().await.unwrap();
    let item = proto::WorkItem { item_id: proto::ItemId::random(), ..item };
    let record = nets.world.fail(&item, "NetworkGone").await;
    assert!(record.message.contains(&id), "{}", record.message);
    nets.world.ec2().create_tags().resources(&id).set_tags(vpc.tags).send().await.unwrap();
    eventually("ready again", PATIENCE, async || {
        let record = nets.world.until(&item, "looked", |_| true).await;
        Ok((record.state == State::Ready).then_some(()))
    })
    .await
    .unwrap();
    assert_eq!(nets.vpcs().await.len(), 1);
}
