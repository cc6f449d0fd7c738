//! A world with databases: its network, its claims, and what AWS has.

use aws_provisioner::naming::external_name;
use aws_provisioner::network::reference::{POSTGRES_SECURITY_GROUPS, SUBNET_GROUP};
use aws_sdk_rds::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_rds::types::{DbInstance, DbSnapshot};
use proto::{
    Identity, ItemId, Kind, Placement, Provider, Record, Service, State, Subject, Uid, WorkItem,
};

use stack::{PATIENCE, eventually};

use super::double::Double;
use crate::world::{World, http};

/// A listing every second, and no other look.
pub const OFTEN: [(&str, &str); 2] =
    [("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "86400")];

pub struct Databases {
    pub world: World,
    pub double: Double,
}

impl Databases {
    /// Everything but the service and the network's record.
    pub async fn prepare() -> Self {
        let world = World::prepare().await;
        let double = Double::start(world.aws.url()).await;
        Self { world, double }
    }

    /// A network that is ready, and the service.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let mut databases = Self::prepare().await;
        databases.network(|_| {}).await;
        databases.start_with(variables);
        databases
    }

    pub fn start(&mut self) {
        self.start_with(&[]);
    }

    pub fn start_with(&mut self, variables: &[(&str, &str)]) {
        let url = self.double.url();
        let own = [("AWS_ENDPOINT_URL", url.as_str())];
        let all: Vec<_> = own.into_iter().chain(variables.iter().copied()).collect();
        self.world.start_with(&all);
    }

    /// The service is killed with no chance to clean up, and starts again.
    pub fn restart(&mut self) {
        self.world.kill();
        self.start();
    }

    /// Makes subnets known to RDS, and stores the network's record with this change.
    pub async fn network(&self, change: impl FnOnce(&mut Record)) {
        let subnets = self.ec2().describe_subnets().send().await.unwrap().subnets.unwrap();
        let ids = subnets.iter().take(2).filter_map(|it| it.subnet_id.clone()).collect();
        let request = self.rds().create_db_subnet_group().db_subnet_group_name("cro-subnets");
        let request = request.db_subnet_group_description("test").set_subnet_ids(Some(ids));
        request.send().await.unwrap();
        self.network_record(change).await;
    }

    /// Stores the network's record alone.
    pub async fn network_record(&self, change: impl FnOnce(&mut Record)) {
        let group = self.security_group().await;
        let mut record = network_record();
        record.facts.insert(SUBNET_GROUP.to_owned(), "cro-subnets".to_owned());
        record.facts.insert(POSTGRES_SECURITY_GROUPS.to_owned(), group);
        change(&mut record);
        let subject = Subject::Record(Service::AwsProvisioner, record.identity.uid.clone());
        let records = &self.world.records;
        let last = records.read::<Record>(&subject).await.unwrap();
        records.write(&subject, &record, last.sequence, None).await.unwrap();
    }

    /// The group that the network's record names.
    pub async fn security_group(&self) -> String {
        let groups = self.ec2().describe_security_groups().send().await.unwrap();
        groups.security_groups.unwrap()[0].group_id.clone().unwrap()
    }

    /// An item of the world's one database, with this strategy.
    pub fn item(&self, strategy: &str) -> WorkItem {
        let mut item = self.world.item(strategy);
        item.identity.kind = Kind::Postgres;
        item.identity.name = "orders".into();
        item
    }

    /// The instance of an item as AWS has it.
    pub async fn found(&self, item: &WorkItem) -> Option<DbInstance> {
        let request = self.rds().describe_db_instances().db_instance_identifier(id(item));
        request.send().await.ok()?.db_instances?.into_iter().next()
    }

    /// The instance of an item once AWS has it so.
    pub async fn until(
        &self,
        item: &WorkItem,
        what: &str,
        is_it: impl Fn(&DbInstance) -> bool,
    ) -> DbInstance {
        let found = async || Ok(self.found(item).await.filter(&is_it));
        eventually(what, PATIENCE, found).await.unwrap()
    }

    pub async fn snapshots(&self) -> Vec<DbSnapshot> {
        let request = self.rds().describe_db_snapshots().snapshot_type("manual");
        request.send().await.unwrap().db_snapshots.unwrap_or_default()
    }

    /// Settled, with the instance of a claim.
    pub async fn settled(&self, strategy: &str) -> (WorkItem, Record) {
        let item = self.item(strategy);
        let record = self.world.settle(&item, State::Ready).await;
        (item, record)
    }

    pub fn rds(&self) -> aws_sdk_rds::Client {
        let config = aws_sdk_rds::config::Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .endpoint_url(self.world.aws.url())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"));
        aws_sdk_rds::Client::from_conf(config.http_client(http()).build())
    }

    fn ec2(&self) -> aws_sdk_ec2::Client {
        let config = aws_sdk_ec2::config::Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .endpoint_url(self.world.aws.url())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"));
        aws_sdk_ec2::Client::from_conf(config.http_client(http()).build())
    }
}

/// The identifier of an item's instance.
pub fn id(item: &WorkItem) -> String {
    external_name(&item.cluster.id, &item.identity)
}

fn network_record() -> Record {
    let identity = Identity {
        kind: Kind::Network,
        namespace: String::new(),
        name: "network".into(),
        uid: Uid::of_network("cluster"),
        generation: 0,
    };
    let placement = Placement { region: "us-east-1".into(), ..Placement::at(Provider::Aws) };
    let record = Record::new(identity, placement, ItemId::random());
    Record { state: State::Ready, ..record }
}
