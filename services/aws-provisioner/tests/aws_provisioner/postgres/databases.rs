//! A world with databases: its claims, and what AWS has.

use aws_provisioner::naming::external_name;
use aws_sdk_rds::types::{DbInstance, DbSnapshot};
use proto::{Kind, Record, State, WorkItem};
use stack::{PATIENCE, eventually};

use crate::world::World;

pub struct Databases {
    pub world: World,
}

impl Databases {
    /// A network that is ready, and the service.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self { world: World::on_ground(variables).await }
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
        let request = self.world.rds().describe_db_instances().db_instance_identifier(id(item));
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
        let request = self.world.rds().describe_db_snapshots().snapshot_type("manual");
        request.send().await.unwrap().db_snapshots.unwrap_or_default()
    }

    /// Settled, with the instance of a claim.
    pub async fn settled(&self, strategy: &str) -> (WorkItem, Record) {
        let item = self.item(strategy);
        let record = self.world.settle(&item, State::Ready).await;
        (item, record)
    }
}

/// The identifier of an item's instance.
pub fn id(item: &WorkItem) -> String {
    external_name(&item.cluster.id, &item.identity)
}
