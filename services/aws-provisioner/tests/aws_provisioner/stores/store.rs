//! A world with one claim of a database or a cache.

use aws_provisioner::naming::{external_name, short_name};
use proto::{ItemId, Kind, Record, Service, State, Subject, WorkItem};

use super::words::{POSTGRES, REDIS, Words};
use crate::world::World;

/// Both kinds.
pub const BOTH: [Kind; 2] = [Kind::Postgres, Kind::Redis];

pub struct Store {
    pub world: World,
    pub kind: Kind,
}

impl Store {
    /// Everything but the service and the network's record.
    pub async fn prepare(kind: Kind) -> Self {
        Self { world: World::with_ground().await, kind }
    }

    /// A network that is ready, and the service.
    pub async fn new(kind: Kind) -> Self {
        Self::with(kind, &[]).await
    }

    pub async fn with(kind: Kind, variables: &[(&str, &str)]) -> Self {
        Self { world: World::on_ground(variables).await, kind }
    }

    pub fn words(&self) -> &'static Words {
        if self.kind == Kind::Redis { &REDIS } else { &POSTGRES }
    }

    /// An item of the world's one claim, with this strategy.
    pub fn item(&self, strategy: &str) -> WorkItem {
        let mut item = self.world.item(strategy);
        item.identity.kind = self.kind;
        item
    }

    /// The same in a window that the claim opens.
    pub fn open(&self, strategy: &str) -> WorkItem {
        let mut item = self.item(strategy);
        item.options.maintenance_window = true;
        item
    }

    /// An item of another claim.
    pub fn another(&self) -> WorkItem {
        let mut item = self.item("{}");
        item.identity.uid = ItemId::random().as_str().parse().unwrap();
        item
    }

    /// The identifier of an item's resource.
    pub fn id(&self, item: &WorkItem) -> String {
        match self.kind {
            Kind::Redis => short_name(&item.cluster.id, &item.identity),
            _ => external_name(&item.cluster.id, &item.identity),
        }
    }

    /// Settled.
    pub async fn settled(&self, strategy: &str) -> (WorkItem, Record) {
        let item = self.item(strategy);
        let record = self.world.settle(&item, State::Ready).await;
        (item, record)
    }

    pub async fn until_ready(&self, item: &WorkItem) -> Record {
        self.world.until(item, "ready", |record| record.state == State::Ready).await
    }

    /// Of the last write to a claim's record.
    pub async fn sequence(&self, item: &WorkItem) -> u64 {
        self.world.records.read::<Record>(&subject(item)).await.unwrap().sequence
    }

    /// What is recorded of a claim, whichever of its items it is of.
    pub async fn stored(&self, item: &WorkItem) -> Record {
        self.world.records.read::<Record>(&subject(item)).await.unwrap().value.unwrap()
    }

    /// Changes an item's record behind the service's back.
    pub async fn write(&self, item: &WorkItem, change: impl FnOnce(&mut Record)) {
        let subject = subject(item);
        let stored = self.world.records.read::<Record>(&subject).await.unwrap();
        let mut record = stored.value.unwrap();
        change(&mut record);
        self.world.records.write(&subject, &record, stored.sequence, None).await.unwrap();
    }

    /// How many resources AWS has.
    pub async fn all(&self) -> usize {
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().describe_replication_groups();
            request.send().await.unwrap().replication_groups.unwrap_or_default().len()
        } else {
            let request = self.world.rds().describe_db_instances();
            request.send().await.unwrap().db_instances.unwrap_or_default().len()
        }
    }

    /// How many snapshots AWS has.
    pub async fn snapshots(&self) -> usize {
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().describe_snapshots();
            request.send().await.unwrap().snapshots.unwrap_or_default().len()
        } else {
            let request = self.world.rds().describe_db_snapshots().snapshot_type("manual");
            request.send().await.unwrap().db_snapshots.unwrap_or_default().len()
        }
    }

    /// The password that AWS was told of is the one that is kept.
    pub fn has_kept_password(&self, item: &WorkItem) -> bool {
        let kept = self.world.keeper.values("ensured")["password"].clone();
        self.world.aws.login(&self.id(item)).unwrap().password == kept
    }
}

fn subject(item: &WorkItem) -> Subject {
    Subject::Record(Service::AwsProvisioner, item.identity.uid.clone())
}
