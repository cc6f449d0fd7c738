//! A world with caches: its claims, and what AWS has.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_provisioner::naming::short_name;
use aws_sdk_elasticache::types::{CacheCluster, ReplicationGroup, Snapshot};
use proto::{Kind, Record, State, WorkItem};

use crate::world::World;

/// The epoch began on a Thursday.
const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];

pub struct Caches {
    pub world: World,
}

impl Caches {
    /// A network that is ready, and the service.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self { world: World::on_ground(variables).await }
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
        let request = self.world.elasticache().describe_replication_groups();
        let answer = request.replication_group_id(id(item)).send().await;
        answer.ok()?.replication_groups?.into_iter().next()
    }

    /// The first member of an item's group.
    pub async fn member(&self, item: &WorkItem) -> CacheCluster {
        let request = self.world.elasticache().describe_cache_clusters();
        let answer = request.cache_cluster_id(format!("{}-001", id(item))).send().await;
        answer.unwrap().cache_clusters.unwrap().remove(0)
    }

    pub async fn snapshots(&self) -> Vec<Snapshot> {
        let request = self.world.elasticache().describe_snapshots();
        request.send().await.unwrap().snapshots.unwrap_or_default()
    }

    /// Tags of an item's group.
    pub async fn tags(&self, item: &WorkItem) -> Vec<(String, String)> {
        let arn = self.found(item).await.unwrap().arn.unwrap();
        let request = self.world.elasticache().list_tags_for_resource().resource_name(arn);
        let tags = request.send().await.unwrap().tag_list.unwrap_or_default();
        tags.into_iter().filter_map(|it| Some((it.key?, it.value?))).collect()
    }

    /// Settled, with the group of a claim.
    pub async fn settled(&self, strategy: &str) -> (WorkItem, Record) {
        let item = self.item(strategy);
        let record = self.world.settle(&item, State::Ready).await;
        (item, record)
    }

    /// The token that AWS was told of last.
    pub fn token(&self, item: &WorkItem) -> String {
        self.world.aws.login(&id(item)).unwrap().password
    }
}

/// The identifier of an item's group.
pub fn id(item: &WorkItem) -> String {
    short_name(&item.cluster.id, &item.identity)
}

/// A maintenance window that is three days off.
pub fn later() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400;
    let day = DAYS[usize::try_from((days + 3) % 7).unwrap()];
    format!("{day}:01:00-{day}:02:00")
}
