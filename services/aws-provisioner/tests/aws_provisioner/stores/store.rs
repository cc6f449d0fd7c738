//! A world with one claim of a database or a cache, and what AWS calls things of its kind.

use aws_provisioner::naming::{external_name, short_name};
use proto::{ItemId, Kind, Record, Service, State, Subject, WorkItem};

use crate::world::World;

/// Both kinds.
pub const BOTH: [Kind; 2] = [Kind::Postgres, Kind::Redis];

pub struct Store {
    pub world: World,
    pub kind: Kind,
}

/// What AWS calls things of a kind.
pub struct Words {
    pub service: &'static str,
    pub create: &'static str,
    pub modify: &'static str,
    pub delete: &'static str,
    pub list: &'static str,
    pub versions: &'static str,
    /// Calls that change something in a deletion.
    pub ending: &'static [&'static str],
    /// Code of a refusal because of its state.
    pub busy: &'static str,
    /// Code of a quota.
    pub quota: &'static str,
    /// A class, and the strategy that asks for it.
    pub class: (&'static str, &'static str),
    /// Strategy: seven days of backups, which is changed at once.
    pub seven_days: &'static str,
    /// Reason while it may be hidden.
    pub hidden: &'static str,
}

const POSTGRES: Words = Words {
    service: "rds",
    create: "CreateDBInstance",
    modify: "ModifyDBInstance",
    delete: "DeleteDBInstance",
    list: "DescribeDBInstances",
    versions: "DescribeDBEngineVersions",
    ending: &["ModifyDBInstance", "DeleteDBInstance"],
    busy: "InvalidDBInstanceState",
    quota: "InstanceQuotaExceeded",
    class: ("db.m5.large", r#"{"createStrategy":{"DBInstanceClass":"db.m5.large"}}"#),
    seven_days: r#"{"createStrategy":{"BackupRetentionPeriod":7}}"#,
    hidden: "InstanceNotVisibleYet",
};

const REDIS: Words = Words {
    service: "elasticache",
    create: "CreateReplicationGroup",
    modify: "ModifyReplicationGroup",
    delete: "DeleteReplicationGroup",
    list: "DescribeReplicationGroups",
    versions: "DescribeCacheEngineVersions",
    ending: &["DeleteReplicationGroup"],
    busy: "InvalidReplicationGroupState",
    quota: "NodeQuotaForCustomerExceeded",
    class: ("cache.m5.large", r#"{"createStrategy":{"CacheNodeType":"cache.m5.large"}}"#),
    seven_days: r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#,
    hidden: "ReplicationGroupNotVisibleYet",
};

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

    /// Changes an item's record behind the service's back.
    pub async fn write(&self, item: &WorkItem, change: impl FnOnce(&mut Record)) {
        let subject = Subject::Record(Service::AwsProvisioner, item.identity.uid.clone());
        let stored = self.world.records.read::<Record>(&subject).await.unwrap();
        let mut record = stored.value.unwrap();
        change(&mut record);
        self.world.records.write(&subject, &record, stored.sequence, None).await.unwrap();
    }

    /// Makes a resource that is nobody's.
    pub async fn make_foreign(&self, id: &str) {
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().create_replication_group();
            let request = request.replication_group_id(id).replication_group_description("theirs");
            request.send().await.unwrap();
        } else {
            let request = self.world.rds().create_db_instance().db_instance_identifier(id);
            let request = request.engine("postgres").db_instance_class("db.t3.small");
            request.allocated_storage(20).send().await.unwrap();
        }
    }

    /// Days for which backups of an item's resource are kept; `None` if there is none.
    pub async fn backup_days(&self, item: &WorkItem) -> Option<i32> {
        let id = self.id(item);
        if self.kind == Kind::Redis {
            let request = self.world.elasticache().describe_replication_groups();
            let answer = request.replication_group_id(id).send().await.ok()?;
            answer.replication_groups?.into_iter().next()?.snapshot_retention_limit
        } else {
            let request = self.world.rds().describe_db_instances().db_instance_identifier(id);
            request.send().await.ok()?.db_instances?.into_iter().next()?.backup_retention_period
        }
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
