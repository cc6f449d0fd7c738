//! A network of its own, from nothing.

use std::collections::BTreeSet;

use aws_provisioner::network::reference::{self, Reference};
use aws_sdk_ec2::types::UserIdGroupPair;
use proto::{Desired, Kind, State};
use stack::{PATIENCE, eventually};

use super::nets::{CLUSTER_RANGE, Nets, whole};
use crate::ground::OFTEN;

/// What a listing of buckets calls, the first time.
const LISTING: [&str; 2] = ["GetCallerIdentity", "GET max-buckets"];

#[tokio::test(flavor = "multi_thread")]
async fn w23_w36_w49_one_network_is_made_and_then_nothing_is_changed() {
    let nets = Nets::new().await;
    let before = nets.world.aws.calls().len();
    let (item, record) = nets.ready().await;
    let calls = nets.world.aws.calls().len() - before;
    // Looks before the VPC, after it and beside what is waited for; two more when the service has just started.
    let (changes, looks) = (nets.changes_since(before).len(), 6 * 10);
    assert!(changes == 14 && calls <= changes + looks, "{calls} calls, {changes} changes");
    assert_eq!(nets.inventory().await, whole());
    let vpc = nets.vpcs().await.remove(0);
    assert_eq!(vpc.cidr_block(), Some("10.1.0.0/26"), "the first that is free");
    let zones: BTreeSet<_> =
        nets.subnets().await.into_iter().filter_map(|it| it.availability_zone).collect();
    assert_eq!(zones.len(), 2);
    for group in nets.groups().await {
        let rules = group.ip_permissions();
        let port = if group.group_name().unwrap().ends_with("postgres") { 5432 } else { 6379 };
        assert_eq!(
            (rules.len(), rules[0].from_port(), rules[0].to_port()),
            (1, Some(port), Some(port))
        );
        assert_eq!(rules[0].ip_ranges()[0].cidr_ip(), Some(CLUSTER_RANGE));
    }
    for kind in [Kind::Postgres, Kind::Redis] {
        let found: Reference = reference::usable(Some(&record), kind).unwrap();
        assert_eq!(found.security_groups.len(), 1);
        assert!(found.subnet_group.starts_with("cro-network-"), "{found:?}");
    }
    let before = nets.world.aws.calls().len();
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.changes_since(before), [""; 0]);
    assert!(!nets.world.log().contains("turn failed"), "nothing failed on the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn w43_a_settled_network_costs_nothing_while_others_are_listed() {
    let mut nets = Nets::new().await;
    nets.world.settle(&nets.world.item("{}"), State::Ready).await;
    nets.ready().await;
    nets.world.kill();
    nets.world.start_with(&OFTEN);
    for _ in 0..2 {
        let before = nets.world.calls().len();
        let listed = eventually("buckets are listed", PATIENCE, async || {
            let calls = nets.world.calls().split_off(before);
            Ok(calls.iter().any(|call| call == LISTING[1]).then_some(calls))
        });
        let calls = listed.await.unwrap();
        assert!(calls.iter().all(|call| LISTING.contains(&call.as_str())), "{calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w55_a_range_that_overlaps_is_refused_and_nothing_is_made() {
    let nets = Nets::new().await;
    let before = nets.world.aws.calls().len();
    let table = [
        ("10.0.128.0/20", "10.0.0.0/16 of the cluster's VPC"),
        ("10.130.0.0/16", "10.128.0.0/14 of the cluster"),
        ("172.30.1.0/24", "172.30.0.0/16 of the cluster"),
    ];
    for (range, taken) in table {
        let item = nets.item(&format!(r#"{{"createStrategy":{{"CidrBlock":"{range}"}}}}"#));
        let record = nets.world.fail(&item, "RangesOverlap").await;
        let expected = format!(
            "createStrategy.CidrBlock {range} overlaps with {taken}: choose another, or none"
        );
        assert_eq!((record.state, record.message), (State::Refused, expected));
    }
    assert_eq!(nets.changes_since(before), [""; 0]);
    let item = nets.item(r#"{"createStrategy":{"CidrBlock":"192.168.7.0/24"}}"#);
    nets.world.settle(&item, State::Ready).await;
    assert_eq!(nets.vpcs().await[0].cidr_block(), Some("192.168.7.0/24"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w55_second_ranges_and_peered_vpcs_and_routes_count() {
    let nets = Nets::prepare().await;
    let other = nets.vpc("10.2.0.0/16").await;
    let ec2 = nets.world.ec2();
    let peering = ec2.create_vpc_peering_connection().vpc_id(&other).peer_vpc_id(&nets.cluster);
    let peering = peering.send().await.unwrap().vpc_peering_connection.unwrap();
    let peering = peering.vpc_peering_connection_id.unwrap();
    ec2.accept_vpc_peering_connection().vpc_peering_connection_id(&peering).send().await.unwrap();
    let second = ec2.associate_vpc_cidr_block().vpc_id(&nets.cluster).cidr_block("10.1.0.0/16");
    second.send().await.unwrap();
    let table = nets.tables(&nets.cluster).await.remove(0).route_table_id.unwrap();
    let route = ec2.create_route().route_table_id(&table).destination_cidr_block("10.3.0.0/16");
    route.vpc_peering_connection_id(&peering).send().await.unwrap();
    let mut nets = nets;
    nets.world.start();
    nets.ready().await;
    assert_eq!(nets.vpcs().await[0].cidr_block(), Some("10.4.0.0/26"));
    let vpc = nets.vpcs().await.remove(0).vpc_id.unwrap();
    assert_eq!(nets.routes(&vpc, "10.1.0.0/16").await.len(), 1, "the second range has a route too");
    assert_eq!(nets.routes(&nets.cluster, "10.3.0.0/16").await, [peering], "that of others stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn w56_each_zone_offers_every_class() {
    let nets = Nets::new().await;
    nets.world.aws.withhold("db.t3.small", Some("us-east-1a"));
    nets.world.aws.withhold("db.m6g.large", None);
    let item = nets.item(r#"{"instanceClasses":["db.t3.small","db.m6g.large"]}"#);
    let record = nets.world.fail(&item, "TooFewZones").await;
    assert!(
        record.message.contains("zones with db.m6g.large and db.t3.small"),
        "{}",
        record.message
    );
    assert_eq!(nets.vpcs().await.len(), 0, "nothing is made that could not be finished");
    let item = nets.item(
        r#"{"instanceClasses":["db.t3.small"],"availabilityZones":["us-east-1a","us-east-1b"]}"#,
    );
    let record = nets.world.fail(&item, "TooFewZones").await;
    assert_eq!(record.state, State::Refused);
    let item = nets.item(r#"{"instanceClasses":["db.t3.small"]}"#);
    nets.world.settle(&item, State::Ready).await;
    let zones: BTreeSet<_> =
        nets.subnets().await.into_iter().filter_map(|it| it.availability_zone).collect();
    assert!(!zones.contains("us-east-1a") && zones.len() == 2, "{zones:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_groups_that_are_named_are_let_in_instead_of_the_clusters_range() {
    let nets = Nets::new().await;
    let clients = nets.group(&nets.cluster, "clients").await;
    let mut item = nets.item("{}");
    item.network.as_mut().unwrap().client_security_group_ids = vec![clients.clone()];
    nets.world.settle(&item, State::Ready).await;
    let rules: Vec<_> =
        nets.groups().await.into_iter().filter_map(|it| it.ip_permissions).flatten().collect();
    assert_eq!(rules.len(), 2);
    for rule in &rules {
        let groups: Vec<_> =
            rule.user_id_group_pairs().iter().map(UserIdGroupPair::group_id).collect();
        assert_eq!((groups, rule.ip_ranges().len()), (vec![Some(clients.as_str())], 0));
    }
    let before = nets.world.aws.calls().len();
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.changes_since(before), [""; 0]);
}
