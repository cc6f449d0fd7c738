//! What others do to a network, and peerings that end.

use std::time::Duration;

use aws_sdk_ec2::types::{IpPermission, IpRange, SecurityGroup};
use proto::{Desired, ErrorClass, Record, State};
use stack::{Fault, Folder, LifeCycle, PATIENCE, eventually};

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
    let reason = |it: &Record| it.reason == "PeeringFails";
    let record = nets.world.until(&item, "told", reason).await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(nets.world.count("CreateVpcPeeringConnection"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w16_a_peering_that_somebody_deleted_is_made_again_with_its_routes() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let first = nets.end_peering().await;
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
    let range = nets.vpcs().await.remove(0).cidr_block.unwrap();
    assert!(!nets.routes(&nets.cluster, &range).await.contains(&first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peering_takes_its_time_and_is_told() {
    let nets = Nets::new().await;
    nets.world.aws.life_cycle(LifeCycle::each(Duration::from_secs(2)));
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
async fn w17_a_rule_that_somebody_has_widened_and_described_is_still_ours() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    for group in nets.groups().await {
        let ours = group.ip_permissions()[0].clone();
        let theirs = IpRange::builder().cidr_ip("192.168.0.0/24").description("theirs").build();
        let rule = IpPermission::builder()
            .set_ip_protocol(ours.ip_protocol)
            .set_from_port(ours.from_port)
            .set_to_port(ours.to_port)
            .ip_ranges(theirs)
            .build();
        let allow = nets.world.ec2().authorize_security_group_ingress();
        let allow = allow.set_group_id(group.group_id).ip_permissions(rule);
        allow.send().await.unwrap();
    }
    let before = nets.world.aws.calls().len();
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.changes_since(before), [""; 0]);
    let groups = nets.groups().await;
    let rules = groups.iter().flat_map(SecurityGroup::ip_permissions);
    let ranges = rules.flat_map(IpPermission::ip_ranges);
    assert_eq!(ranges.filter(|it| it.cidr_ip() == Some("192.168.0.0/24")).count(), 2);
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
async fn a10_a_quota_is_told_and_once_it_is_lifted_the_network_is_made() {
    let nets = Nets::new().await;
    nets.world.aws.quota("CreateVpc", Some(0));
    let item = nets.item("{}");
    let record = nets.world.fail(&item, "QuotaExceeded").await;
    assert_eq!((record.error_class, record.intent), (Some(ErrorClass::Quota), None));
    assert!(record.message.contains("VpcLimitExceeded"), "{}", record.message);
    assert_eq!(nets.world.count("CreateVpc"), 1);
    nets.world.aws.quota("CreateVpc", None);
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!((nets.inventory().await, nets.world.count("CreateVpc")), (whole(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_what_aws_calls_invalid_is_not_asked_for_again_until_another_item_comes() {
    let mut nets = Nets::new().await;
    let refusal = Fault::Answered(400, "InvalidSubnet.Range");
    nets.world.aws.fail("CreateSubnet", 1, refusal);
    let item = nets.item("{}");
    let record = nets.world.settle(&item, State::Refused).await;
    assert_eq!((record.error_class, record.intent), (Some(ErrorClass::Invalid), None));
    let told = "ec2 refused CreateSubnet (InvalidSubnet.Range): correct the strategy";
    assert_eq!(record.message, told);
    nets.world.crash(&item).await;
    // The new process has been at work.
    nets.world.settle(&nets.world.item("{}"), State::Ready).await;
    assert_eq!(nets.world.count("CreateSubnet"), 1);
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!((nets.inventory().await, nets.world.count("CreateVpc")), (whole(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_storm_of_throttling_is_told_holds_up_ec2_alone_and_ends_in_one_vpc() {
    let nets = Nets::new().await;
    nets.world.aws.storm("ec2", 80);
    nets.world.aws.fail("CreateVpc", 1, Fault::Throttled);
    let item = nets.item("{}");
    nets.world.publish(&item).await;
    let is_throttled = |it: &Record| it.error_class == Some(ErrorClass::Throttled);
    nets.world.until(&item, "throttled", is_throttled).await;
    nets.world.settle(&nets.world.item("{}"), State::Ready).await;
    nets.world.aws.storm("ec2", 0);
    nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
    let made = nets.world.aws.calls().into_iter().filter(|it| it.status == 200);
    assert_eq!(made.filter(|it| it.operation == "CreateVpc").count(), 2, "and the cluster's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_a_peering_that_never_becomes_active_is_told_with_its_age_and_not_asked_for_again() {
    let mut nets = Nets::new().await;
    let endless = LifeCycle { peering: Duration::MAX, ..LifeCycle::default() };
    nets.world.aws.life_cycle(endless);
    let item = nets.item("{}");
    let mut record = nets.world.fail(&item, "Peering").await;
    let told = "the peering with the cluster's VPC is initiating-request";
    assert_eq!((record.message.as_str(), record.error_class), (told, None));
    // Two hours later.
    nets.world.kill();
    let since = record.facts.get_mut("waiting-since-ms").unwrap();
    *since = (since.parse::<u64>().unwrap() - 7_200_000).to_string();
    nets.write(&record).await;
    nets.world.crash(&item).await;
    let told = format!("{told}, for 2 h");
    nets.world.until(&item, "told with its age", |record| record.message == told).await;
    // Once more, by another item.
    nets.again(&item, Desired::Present, State::Pending).await;
    assert_eq!(nets.world.count("CreateVpcPeeringConnection"), 1);
    assert_eq!((nets.peerings().await.len(), nets.vpcs().await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_keys_that_have_expired_are_read_anew_and_new_ones_may_take_their_time() {
    let folder = Folder::for_test().unwrap();
    let file = folder.path().join("credentials");
    let hand_out = |id: &str| {
        let key = format!("aws_access_key_id = {id}\naws_secret_access_key = canary\n");
        std::fs::write(&file, format!("[default]\n{key}")).unwrap();
    };
    hand_out("old");
    let mut nets = Nets::prepare().await;
    let from_file = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| (name, ""));
    let file = file.to_string_lossy();
    let file = ("AWS_SHARED_CREDENTIALS_FILE", file.as_ref());
    nets.world.start_with(&[from_file[0], from_file[1], file]);
    let item = nets.item("{}");
    // The old ones are in use.
    nets.again(&item, Desired::Paused, State::Paused).await;
    hand_out("new");
    nets.world.aws.fail("DescribeVpcs", 1, Fault::Answered(403, "ExpiredToken"));
    nets.world.aws.fail("DescribeVpcs", 2, Fault::Answered(403, "InvalidClientTokenId"));
    nets.world.publish(&item).await;
    for code in ["ExpiredToken", "InvalidClientTokenId"] {
        let told = format!("AWS does not accept the operator's credentials ({code})");
        let record = nets.world.until(&item, code, |record| record.message == told).await;
        let found = (record.state, record.error_class);
        assert_eq!(found, (State::Pending, Some(ErrorClass::Transient)), "nothing is final");
    }
    nets.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(nets.inventory().await, whole());
    let asked = nets.world.aws.calls().into_iter().filter(|it| it.caller != "test");
    let looks = asked.filter(|it| it.operation == "DescribeVpcs").map(|it| it.caller);
    assert_eq!(looks.take(5).collect::<Vec<_>>(), ["old", "old", "new", "new", "new"]);
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
