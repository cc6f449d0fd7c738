//! A world with a cluster's VPC, and what AWS has beside it.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    Filter, RouteTable, SecurityGroup, Subnet, Tag, Vpc, VpcPeeringConnection,
};
use proto::{
    Desired, ItemId, Kind, Network, NetworkMode, Record, Service, State, Subject, Uid, WorkItem,
};

use crate::world::World;

pub const CLUSTER_RANGE: &str = "10.0.0.0/16";
const ID: &str = "integreatly.org/clusterID";

pub struct Nets {
    pub world: World,
    /// Id of the cluster's VPC.
    pub cluster: String,
}

/// What of ours exists, by kind: how many.
pub type Inventory = BTreeMap<&'static str, usize>;

impl Nets {
    /// Everything but the service.
    pub async fn prepare() -> Self {
        let mut nets = Self { world: World::prepare().await, cluster: String::new() };
        nets.cluster = nets.vpc(CLUSTER_RANGE).await;
        for (zone, range) in [("us-east-1a", "10.0.0.0/24"), ("us-east-1b", "10.0.1.0/24")] {
            let subnet = nets.subnet(&nets.cluster, zone, range).await;
            nets.tag(&subnet, "kubernetes.io/cluster/cluster", "owned").await;
        }
        nets
    }

    pub async fn new() -> Self {
        let mut nets = Self::prepare().await;
        nets.world.start();
        nets
    }

    /// The cluster's item, with this strategy.
    pub fn item(&self, strategy: &str) -> WorkItem {
        let network = Network {
            mode: NetworkMode::Standalone.into(),
            cluster_cidrs: vec!["10.128.0.0/14".into(), "fd01::/48".into(), "172.30.0.0/16".into()],
            ..Network::default()
        };
        let mut item = self.world.item(strategy);
        item.identity.kind = Kind::Network;
        item.identity.namespace = String::new();
        item.identity.name = "network".into();
        item.identity.uid = Uid::of_network("cluster");
        WorkItem { secret_name: String::new(), network: Some(network), ..item }
    }

    /// A network that is ready.
    pub async fn ready(&self) -> (WorkItem, Record) {
        let item = self.item("{}");
        let record = self.world.settle(&item, State::Ready).await;
        (item, record)
    }

    /// Asks for the same again, as a new item.
    pub async fn again(&self, item: &WorkItem, desired: Desired, state: State) -> Record {
        let item = WorkItem { item_id: ItemId::random(), desired, ..item.clone() };
        self.world.settle(&item, state).await
    }

    /// Stores a record as the service has left it before.
    pub async fn write(&self, record: &Record) {
        let subject = Subject::Record(Service::AwsProvisioner, record.identity.uid.clone());
        let last = self.world.records.read::<Record>(&subject).await.unwrap();
        self.world.records.write(&subject, record, last.sequence, None).await.unwrap();
    }

    /// What was changed since so many calls.
    pub fn changes_since(&self, calls: usize) -> Vec<String> {
        let calls = self.world.aws.calls().into_iter().skip(calls);
        calls.filter(stack::Call::is_write).map(|call| call.operation).collect()
    }

    pub async fn vpc(&self, range: &str) -> String {
        let answer = self.world.ec2().create_vpc().cidr_block(range).send().await.unwrap();
        answer.vpc.unwrap().vpc_id.unwrap()
    }

    pub async fn subnet(&self, vpc: &str, zone: &str, range: &str) -> String {
        let request = self.world.ec2().create_subnet().vpc_id(vpc).availability_zone(zone);
        let answer = request.cidr_block(range).send().await.unwrap();
        answer.subnet.unwrap().subnet_id.unwrap()
    }

    pub async fn group(&self, vpc: &str, name: &str) -> String {
        let request = self.world.ec2().create_security_group().vpc_id(vpc).group_name(name);
        request.description("foreign").send().await.unwrap().group_id.unwrap()
    }

    pub async fn tag(&self, id: &str, key: &str, value: &str) {
        let tag = Tag::builder().key(key).value(value).build();
        self.world.ec2().create_tags().resources(id).tags(tag).send().await.unwrap();
    }

    pub async fn vpcs(&self) -> Vec<Vpc> {
        let all = self.world.ec2().describe_vpcs().send().await.unwrap().vpcs.unwrap_or_default();
        all.into_iter().filter(|it| is_own(it.tags())).collect()
    }

    pub async fn subnets(&self) -> Vec<Subnet> {
        let all =
            self.world.ec2().describe_subnets().send().await.unwrap().subnets.unwrap_or_default();
        all.into_iter().filter(|it| is_own(it.tags())).collect()
    }

    pub async fn groups(&self) -> Vec<SecurityGroup> {
        let answer = self.world.ec2().describe_security_groups().send().await.unwrap();
        let all = answer.security_groups.unwrap_or_default();
        all.into_iter().filter(|it| is_own(it.tags())).collect()
    }

    pub async fn peerings(&self) -> Vec<VpcPeeringConnection> {
        let answer = self.world.ec2().describe_vpc_peering_connections().send().await.unwrap();
        let all = answer.vpc_peering_connections.unwrap_or_default();
        all.into_iter().filter(|it| is_own(it.tags())).collect()
    }

    pub async fn live_peerings(&self) -> Vec<VpcPeeringConnection> {
        let live = ["initiating-request", "pending-acceptance", "provisioning", "active"];
        let all = self.peerings().await.into_iter();
        all.filter(|it| live.contains(&status(it).as_str())).collect()
    }

    /// Somebody deletes the peering; answers with its id.
    pub async fn end_peering(&self) -> String {
        let id = self.live_peerings().await.remove(0).vpc_peering_connection_id.unwrap();
        let delete = self.world.ec2().delete_vpc_peering_connection();
        delete.vpc_peering_connection_id(&id).send().await.unwrap();
        id
    }

    pub async fn tables(&self, vpc: &str) -> Vec<RouteTable> {
        let filter = Filter::builder().name("vpc-id").values(vpc).build();
        let answer = self.world.ec2().describe_route_tables().filters(filter).send().await.unwrap();
        answer.route_tables.unwrap_or_default()
    }

    /// Routes of a VPC to this range: ids of their peerings.
    pub async fn routes(&self, vpc: &str, to: &str) -> Vec<String> {
        let tables = self.tables(vpc).await;
        let routes = tables.iter().flat_map(aws_sdk_ec2::types::RouteTable::routes);
        let routes = routes.filter(|it| it.destination_cidr_block() == Some(to));
        routes.filter_map(|it| it.vpc_peering_connection_id.clone()).collect()
    }

    /// Whatever is ours.
    pub async fn inventory(&self) -> Inventory {
        let answer = self.world.rds().describe_db_subnet_groups().send().await.unwrap();
        let db = answer.db_subnet_groups.unwrap_or_default().len();
        let answer = self.world.elasticache().describe_cache_subnet_groups().send().await.unwrap();
        let cache = answer.cache_subnet_groups.unwrap_or_default().into_iter();
        let is_own = |name: Option<String>| name.is_some_and(|it| it.starts_with("cro-"));
        let cache = cache.filter(|it| is_own(it.cache_subnet_group_name.clone())).count();
        let mut routes = 0;
        for vpc in self.vpcs().await {
            let range = vpc.cidr_block.unwrap();
            routes += self.routes(&self.cluster, &range).await.len();
            routes += self.routes(vpc.vpc_id.as_deref().unwrap(), CLUSTER_RANGE).await.len();
        }
        [
            ("vpc", self.vpcs().await.len()),
            ("subnet", self.subnets().await.len()),
            ("group", self.groups().await.len()),
            ("peering", self.live_peerings().await.len()),
            ("route", routes),
            ("db-group", db),
            ("cache-group", cache),
        ]
        .into()
    }

    /// How many resources of EC2 have a tag of ours. The double's own list of tags keeps those of what was deleted.
    pub async fn tagged(&self) -> usize {
        let tables = self.world.ec2().describe_route_tables().send().await.unwrap();
        let tables = tables.route_tables().iter().filter(|it| is_own(it.tags())).count();
        let (vpcs, subnets) = (self.vpcs().await.len(), self.subnets().await.len());
        tables + vpcs + subnets + self.groups().await.len()
    }
}

/// One of each, two of what there are two of.
pub fn whole() -> Inventory {
    [
        ("vpc", 1),
        ("subnet", 2),
        ("group", 2),
        ("peering", 1),
        ("route", 2),
        ("db-group", 1),
        ("cache-group", 1),
    ]
    .into()
}

/// Nothing.
pub fn empty() -> Inventory {
    whole().into_keys().map(|kind| (kind, 0)).collect()
}

pub fn status(peering: &VpcPeeringConnection) -> String {
    peering.status().unwrap().code().unwrap().as_str().to_owned()
}

fn is_own(tags: &[Tag]) -> bool {
    let has = |key: &str, value: &str| {
        tags.iter().any(|it| it.key() == Some(key) && it.value() == Some(value))
    };
    has(ID, "cluster") && has("integreatly.org/claim-kind", "network")
}
