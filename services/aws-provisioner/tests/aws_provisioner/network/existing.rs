//! The administrator's network: used, never changed.

use proto::{Desired, ErrorClass, Network, NetworkMode, State, WorkItem};
use stack::Fault;

use super::nets::Nets;

struct Named {
    vpc: String,
    subnets: Vec<String>,
    group: String,
}

async fn named(nets: &Nets) -> Named {
    let vpc = nets.vpc("10.20.0.0/16").await;
    let one = nets.subnet(&vpc, "us-east-1a", "10.20.0.0/24").await;
    let two = nets.subnet(&vpc, "us-east-1b", "10.20.1.0/24").await;
    let group = nets.group(&vpc, "databases").await;
    Named { vpc, subnets: vec![one, two], group }
}

fn item(nets: &Nets, named: &Named) -> WorkItem {
    let network = Network {
        mode: NetworkMode::Existing.into(),
        vpc_id: named.vpc.clone(),
        subnet_ids: named.subnets.clone(),
        security_group_ids: vec![named.group.clone()],
        ..Network::default()
    };
    WorkItem { network: Some(network), ..nets.item("{}") }
}

/// What is changed, and what is said of it.
type Mistake<'a> = (&'a dyn Fn(&mut Network), &'a str);

#[tokio::test(flavor = "multi_thread")]
async fn the_administrators_network_is_used_and_never_changed() {
    let nets = Nets::new().await;
    let named = named(&nets).await;
    let item = item(&nets, &named);
    let before = nets.world.aws.calls().len();
    let record = nets.world.settle(&item, State::Ready).await;
    assert_eq!(nets.changes_since(before), ["CreateDBSubnetGroup", "CreateCacheSubnetGroup"]);
    assert_eq!(record.facts["security-groups-postgres"], named.group);
    assert_eq!(record.facts["security-groups-redis"], named.group);
    let before = nets.world.aws.calls().len();
    nets.again(&item, Desired::Present, State::Ready).await;
    assert_eq!(nets.changes_since(before), [""; 0]);
    nets.again(&item, Desired::Absent, State::Absent).await;
    assert_eq!(nets.changes_since(before), ["DeleteDBSubnetGroup", "DeleteCacheSubnetGroup"]);
    assert_eq!((nets.tagged().await, nets.inventory().await["db-group"]), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn w57_a_subnet_that_is_named_later_is_added() {
    let nets = Nets::new().await;
    let mut named = named(&nets).await;
    nets.world.settle(&item(&nets, &named), State::Ready).await;
    named.subnets.push(nets.subnet(&named.vpc, "us-east-1c", "10.20.2.0/24").await);
    let before = nets.world.aws.calls().len();
    nets.world.settle(&item(&nets, &named), State::Ready).await;
    assert_eq!(nets.changes_since(before), ["ModifyDBSubnetGroup", "ModifyCacheSubnetGroup"]);
    let groups = nets.world.rds().describe_db_subnet_groups().send().await.unwrap();
    assert_eq!(groups.db_subnet_groups()[0].subnets().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a03_w57_a_subnet_is_added_once_though_no_answer_comes() {
    for fault in [Fault::AnswerCut, Fault::AnswerLost] {
        let nets = Nets::new().await;
        let mut named = named(&nets).await;
        nets.world.settle(&item(&nets, &named), State::Ready).await;
        named.subnets.push(nets.subnet(&named.vpc, "us-east-1c", "10.20.2.0/24").await);
        for operation in ["ModifyDBSubnetGroup", "ModifyCacheSubnetGroup"] {
            nets.world.aws.fail(operation, 1, fault);
        }
        let before = nets.world.aws.calls().len();
        nets.world.settle(&item(&nets, &named), State::Ready).await;
        let mut changes = nets.changes_since(before);
        changes.dedup();
        assert_eq!(changes, ["ModifyDBSubnetGroup", "ModifyCacheSubnetGroup"]);
        let db = nets.world.rds().describe_db_subnet_groups().send().await.unwrap();
        let cache = nets.world.elasticache().describe_cache_subnet_groups().send().await.unwrap();
        let own = cache.cache_subnet_groups().iter();
        let own = own.filter(|it| it.vpc_id() == Some(&named.vpc)).map(|it| it.subnets().len());
        assert_eq!(db.db_subnet_groups()[0].subnets().len(), 3);
        assert_eq!(own.collect::<Vec<_>>(), [3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_told_and_nothing_is_made() {
    let nets = Nets::new().await;
    let named = named(&nets).await;
    let good = item(&nets, &named);
    let foreign = nets.group(&nets.cluster, "foreign").await;
    let before = nets.world.aws.calls().len();
    let table: [Mistake<'_>; 5] = [
        (&|it| it.vpc_id = "vpc-0".into(), "VPC vpc-0 is not in region us-east-1"),
        (&|it| it.subnet_ids.push("subnet-0".into()), "subnet subnet-0 is not in VPC"),
        (&|it| it.subnet_ids.truncate(1), "two zones or more"),
        (&|it| it.security_group_ids.clear(), "SECURITY_GROUP_IDS"),
        (&|it| it.security_group_ids = vec![foreign.clone()], "is not in VPC"),
    ];
    for (spoil, expected) in table {
        let mut item = item(&nets, &named);
        spoil(item.network.as_mut().unwrap());
        let record = nets.world.fail(&item, "NetworkUnusable").await;
        assert!(record.message.contains(expected), "{}", record.message);
        assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    }
    assert_eq!(nets.changes_since(before), [""; 0]);
    nets.world.settle(&good, State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_the_cluster_out_is_told_until_it_is_mended() {
    let nets = Nets::new().await;
    let named = named(&nets).await;
    let (item, ec2) = (item(&nets, &named), nets.world.ec2());
    let told = async || {
        let record = nets.again(&item, Desired::Present, State::Ready).await;
        let fact = record.facts.get("obstacle-postgres").cloned().unwrap_or_default();
        assert_eq!(record.message.contains("postgres: "), !fact.is_empty(), "{}", record.message);
        fact
    };
    let shut = "no security group of SECURITY_GROUP_IDS lets 10.0.0.0/16 in at TCP 5432";
    assert_eq!(told().await, shut);
    let rule = ec2.authorize_security_group_ingress().group_id(&named.group).ip_protocol("tcp");
    rule.from_port(5432).to_port(6379).cidr_ip("10.0.0.0/16").send().await.unwrap();
    assert_eq!(told().await, format!("no route of VPC {} leads to 10.0.0.0/16", named.vpc));
    let peering = ec2.create_vpc_peering_connection().vpc_id(&named.vpc).peer_vpc_id(&nets.cluster);
    let peering = peering.send().await.unwrap().vpc_peering_connection.unwrap();
    let peering = peering.vpc_peering_connection_id.unwrap();
    let accept = ec2.accept_vpc_peering_connection().vpc_peering_connection_id(&peering);
    accept.send().await.unwrap();
    for (vpc, range) in [(&named.vpc, "10.0.0.0/16"), (&nets.cluster, "10.20.0.0/16")] {
        let table = nets.tables(vpc).await.remove(0).route_table_id.unwrap();
        let route = ec2.create_route().route_table_id(table).destination_cidr_block(range);
        route.vpc_peering_connection_id(&peering).send().await.unwrap();
    }
    assert_eq!(told().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_one_mode_does_not_become_one_of_the_other() {
    let nets = Nets::new().await;
    let (standalone, _) = nets.ready().await;
    let named = named(&nets).await;
    let record = nets.world.fail(&item(&nets, &named), "OtherMode").await;
    assert!(record.message.starts_with("the network was made as standalone"), "{}", record.message);
    nets.again(&standalone, Desired::Absent, State::Absent).await;
    nets.world.settle(&item(&nets, &named), State::Ready).await;
    let record = nets.world.fail(&nets.item("{}"), "OtherMode").await;
    let expected = format!("the network was made as a network in VPC {}", named.vpc);
    assert!(record.message.starts_with(&expected), "{}", record.message);
    assert_eq!(nets.vpcs().await.len(), 0);
}
