//! What AWS calls things of each kind.

use aws_provisioner::{postgres, redis};

/// What AWS calls things of a kind.
pub struct Words {
    pub service: &'static str,
    pub create: &'static str,
    pub modify: &'static str,
    pub delete: &'static str,
    pub list: &'static str,
    pub versions: &'static str,
    /// The call that asks for planned maintenance.
    pub maintain: &'static str,
    /// The steps of the creation and of the deletion.
    pub steps: [&'static str; 2],
    /// Calls that change something in a deletion.
    pub ending: &'static [&'static str],
    /// Code of a refusal because of its state.
    pub busy: &'static str,
    /// Code of a quota.
    pub quota: &'static str,
    /// A class, and the strategy that asks for it.
    pub class: (&'static str, &'static str),
    /// How that change is told.
    pub larger: &'static str,
    /// Strategy: planned maintenance is wanted now.
    pub maintained: &'static str,
    /// Strategy: seven days of backups, which is changed at once.
    pub seven_days: &'static str,
    /// Reason while it may be hidden.
    pub hidden: &'static str,
    /// Reason when somebody has deleted it.
    pub gone: &'static str,
}

pub const POSTGRES: Words = Words {
    service: "rds",
    create: "CreateDBInstance",
    modify: "ModifyDBInstance",
    delete: "DeleteDBInstance",
    list: "DescribeDBInstances",
    versions: "DescribeDBEngineVersions",
    maintain: "ApplyPendingMaintenanceAction",
    steps: [postgres::known::CREATE, postgres::known::DELETE],
    ending: &["ModifyDBInstance", "DeleteDBInstance"],
    busy: "InvalidDBInstanceState",
    quota: "InstanceQuotaExceeded",
    class: ("db.m5.large", r#"{"createStrategy":{"DBInstanceClass":"db.m5.large"}}"#),
    larger: "createStrategy.DBInstanceClass from db.t3.small to db.m5.large",
    maintained: r#"{"serviceUpdates":["1642032000"]}"#,
    seven_days: r#"{"createStrategy":{"BackupRetentionPeriod":7}}"#,
    hidden: "InstanceNotVisibleYet",
    gone: "InstanceGone",
};

pub const REDIS: Words = Words {
    service: "elasticache",
    create: "CreateReplicationGroup",
    modify: "ModifyReplicationGroup",
    delete: "DeleteReplicationGroup",
    list: "DescribeReplicationGroups",
    versions: "DescribeCacheEngineVersions",
    maintain: "BatchApplyUpdateAction",
    steps: [redis::known::CREATE, redis::known::DELETE],
    ending: &["DeleteReplicationGroup"],
    busy: "InvalidReplicationGroupState",
    quota: "NodeQuotaForCustomerExceeded",
    class: ("cache.m5.large", r#"{"createStrategy":{"CacheNodeType":"cache.m5.large"}}"#),
    larger: "createStrategy.CacheNodeType from cache.t3.micro to cache.m5.large",
    maintained: r#"{"serviceUpdates":["security-1"]}"#,
    seven_days: r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#,
    hidden: "ReplicationGroupNotVisibleYet",
    gone: "ReplicationGroupGone",
};
