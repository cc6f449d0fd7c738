//! What a replication group can be given, at its creation and later: one value of one field.

use std::fmt;

use aws_sdk_elasticache::operation::create_replication_group::builders::CreateReplicationGroupFluentBuilder as Create;
use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder as Modify;

/// One value of one field; the names are those of `CreateReplicationGroup`
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Type of its nodes, such as `cache.t3.micro`.
    NodeType(String),
    /// Version of the engine, such as `7.1`; AWS tells `7.1.0`.
    EngineVersion(String),
    /// Days; 0 means no automatic snapshots.
    SnapshotRetention(i32),
    /// `hh:mm-hh:mm`, UTC.
    SnapshotWindow(String),
    /// `ddd:hh:mm-ddd:hh:mm`, UTC.
    MaintenanceWindow(String),
    /// Name of the cache parameter group.
    ParameterGroup(String),
    /// A replica takes over when the primary fails.
    AutomaticFailover(bool),
    /// Its nodes are in several zones.
    MultiAz(bool),
    /// AWS upgrades minor versions by itself.
    AutoMinorVersionUpgrade(bool),
}

impl Setting {
    /// Its path in a strategy.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NodeType(_) => "createStrategy.CacheNodeType",
            Self::EngineVersion(_) => "createStrategy.EngineVersion",
            Self::SnapshotRetention(_) => "createStrategy.SnapshotRetentionLimit",
            Self::SnapshotWindow(_) => "createStrategy.SnapshotWindow",
            Self::MaintenanceWindow(_) => "createStrategy.PreferredMaintenanceWindow",
            Self::ParameterGroup(_) => "createStrategy.CacheParameterGroupName",
            Self::AutomaticFailover(_) => "createStrategy.AutomaticFailoverEnabled",
            Self::MultiAz(_) => "createStrategy.MultiAZEnabled",
            Self::AutoMinorVersionUpgrade(_) => "createStrategy.AutoMinorVersionUpgrade",
        }
    }

    pub(super) fn create(&self, request: Create) -> Create {
        match self {
            Self::NodeType(it) => request.cache_node_type(it),
            Self::EngineVersion(it) => request.engine_version(it),
            Self::SnapshotRetention(it) => request.snapshot_retention_limit(*it),
            Self::SnapshotWindow(it) => request.snapshot_window(it),
            Self::MaintenanceWindow(it) => request.preferred_maintenance_window(it),
            Self::ParameterGroup(it) => request.cache_parameter_group_name(it),
            Self::AutomaticFailover(it) => request.automatic_failover_enabled(*it),
            Self::MultiAz(it) => request.multi_az_enabled(*it),
            Self::AutoMinorVersionUpgrade(it) => request.auto_minor_version_upgrade(*it),
        }
    }

    pub(super) fn modify(&self, request: Modify) -> Modify {
        match self {
            Self::NodeType(it) => request.cache_node_type(it),
            Self::EngineVersion(it) => request.engine_version(it),
            Self::SnapshotRetention(it) => request.snapshot_retention_limit(*it),
            Self::SnapshotWindow(it) => request.snapshot_window(it),
            Self::MaintenanceWindow(it) => request.preferred_maintenance_window(it),
            Self::ParameterGroup(it) => request.cache_parameter_group_name(it),
            Self::AutomaticFailover(it) => request.automatic_failover_enabled(*it),
            Self::MultiAz(it) => request.multi_az_enabled(*it),
            Self::AutoMinorVersionUpgrade(it) => request.auto_minor_version_upgrade(*it),
        }
    }
}

/// The value alone.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeType(it)
            | Self::EngineVersion(it)
            | Self::SnapshotWindow(it)
            | Self::MaintenanceWindow(it)
            | Self::ParameterGroup(it) => f.write_str(it),
            Self::SnapshotRetention(it) => it.fmt(f),
            Self::AutomaticFailover(it) | Self::MultiAz(it) | Self::AutoMinorVersionUpgrade(it) => {
                it.fmt(f)
            }
        }
    }
}
