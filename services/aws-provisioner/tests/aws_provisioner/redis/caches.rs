//! A world with caches: its network, its claims, and what AWS has.

use aws_provisioner::naming::short_name;
use aws_provisioner::network::reference::{REDIS_SECURITY_GROUPS, SUBNET_GROUP};
use aws_sdk_elasticache::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_elasticache::types::{ReplicationGroup, Snapshot};
use proto::{
    Identity, ItemId, Kind, Placement, Provider, Record, Service, State, Subject, Uid, WorkItem,
};

use super::double::Double;
use crate::world::{World, http};

/// A listing every second, and no other look.
pub const OFTEN: [(&str, &str); 2] =
    [("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "86400")];

pub struct Caches {
    pub world: World,
    pub double: Double,
}

impl Caches {
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
        let mut caches = Self::prepare().await;
        caches.network(|_| {}).await;
        caches.start_with(variables);
        caches
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

    /// Stores the network's record with this change.
    pub async fn network(&self, change: impl FnOnce(&mut Record)) {
        let mut record = network_record();
        record.facts.insert(SUBNET_GROUP.to_owned(), "cro-subnets".to_owned());
        record.facts.insert(REDIS_SECURITY_GROUPS.to_owned(), "sg-1".to_owned());
        change(&mut record);
        let subject = Subject::Record(Service::AwsProvisioner, record.identity.uid.clone());
        let records = &self.world.records;
        let last = records.read::<Record>(&subject).await.unwrap();
        records.write(&subject, &record, last.sequence, None).await.unwrap();
    }

    /// An item of the world's one cache, with this strategy.
    pub fn item(&self, strategy: &str) -> WorkItem {
        let mut item = self.world.item(strategy);
        item.identity.kind = Kind::Redis;
        item.identity.name = "sessions".into();
        item
    }

    /// The group of an item as AWS has it.
    pub async fn found(&self, item: &WorkItem) -> Option<ReplicationGroup> {
        let request = self.elasticache().describe_replication_groups();
        let groups = request.send().await.ok()?.replication_groups?;
        groups.into_iter().find(|it| it.replication_group_id.as_deref() == Some(&id(item)))
    }

    pub async fn snapshots(&self) -> Vec<Snapshot> {
        let request = self.elasticache().describe_snapshots();
        request.send().await.unwrap().snapshots.unwrap_or_default()
    }

    /// Tags of an item's group.
    pub async fn tags(&self, item: &WorkItem) -> Vec<(String, String)> {
        let arn = self.found(item).await.unwrap().arn.unwrap();
        let answer = self.elasticache().list_tags_for_resource().resource_name(arn).send().await;
        let tags = answer.unwrap().tag_list.unwrap_or_default();
        tags.into_iter().filter_map(|it| Some((it.key?, it.value?))).collect()
    }

    /// Settled, with the group of a claim.
    pub async fn settled(&self, strategy: &str) -> (WorkItem, Record) {
        let item = self.item(strategy);
        let record = self.world.settle(&item, State::Ready).await;
        (item, record)
    }

    /// As the service sees AWS.
    pub fn elasticache(&self) -> aws_sdk_elasticache::Client {
        let config = aws_sdk_elasticache::config::Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .endpoint_url(self.double.url())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"));
        aws_sdk_elasticache::Client::from_conf(config.http_client(http()).build())
    }
}

/// The identifier of an item's group.
pub fn id(item: &WorkItem) -> String {
    short_name(&item.cluster.id, &item.identity)
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
