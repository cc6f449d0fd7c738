//! What an instance can be given, at its creation and later: one value of one field.

use std::fmt;

use aws_sdk_rds::operation::create_db_instance::builders::CreateDBInstanceFluentBuilder as Create;
use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder as Modify;

/// One value of one field; the names are those of `CreateDBInstance`
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Class, such as `db.t3.small`.
    Class(String),
    /// Version of the engine: `15.15`, or `15` for AWS's default of that major version.
    EngineVersion(String),
    /// Gigabytes.
    AllocatedStorage(i32),
    /// Gigabytes up to which AWS grows the storage by itself.
    MaxAllocatedStorage(i32),
    /// Such as `gp3`.
    StorageType(String),
    /// Input and output operations per second.
    Iops(i32),
    /// MiB per second.
    StorageThroughput(i32),
    /// With a standby in another zone.
    MultiAz(bool),
    /// Days; 0 means no automated backups.
    BackupRetention(i32),
    /// `hh:mm-hh:mm`, UTC.
    BackupWindow(String),
    /// `ddd:hh:mm-ddd:hh:mm`, UTC.
    MaintenanceWindow(String),
    /// AWS refuses its deletion.
    DeletionProtection(bool),
    /// Reachable from outside its VPC.
    PubliclyAccessible(bool),
    /// TCP port.
    Port(i32),
    /// AWS upgrades minor versions by itself.
    AutoMinorVersionUpgrade(bool),
    /// Snapshots get its tags.
    CopyTagsToSnapshot(bool),
    /// Name of the certificate authority.
    CaCertificate(String),
    /// Name of the parameter group.
    ParameterGroup(String),
    /// Users of IAM may log in.
    IamAuthentication(bool),
    /// Performance Insights is on.
    PerformanceInsights(bool),
    /// Seconds between samples of enhanced monitoring; 0 means none.
    MonitoringInterval(i32),
    /// ARN of the role of enhanced monitoring.
    MonitoringRole(String),
}

impl Setting {
    /// Its path in a strategy.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Class(_) => "createStrategy.DBInstanceClass",
            Self::EngineVersion(_) => "createStrategy.EngineVersion",
            Self::AllocatedStorage(_) => "createStrategy.AllocatedStorage",
            Self::MaxAllocatedStorage(_) => "createStrategy.MaxAllocatedStorage",
            Self::StorageType(_) => "createStrategy.StorageType",
            Self::Iops(_) => "createStrategy.Iops",
            Self::StorageThroughput(_) => "createStrategy.StorageThroughput",
            Self::MultiAz(_) => "createStrategy.MultiAZ",
            Self::BackupRetention(_) => "createStrategy.BackupRetentionPeriod",
            Self::BackupWindow(_) => "createStrategy.PreferredBackupWindow",
            Self::MaintenanceWindow(_) => "createStrategy.PreferredMaintenanceWindow",
            Self::DeletionProtection(_) => "createStrategy.DeletionProtection",
            Self::PubliclyAccessible(_) => "createStrategy.PubliclyAccessible",
            Self::Port(_) => "createStrategy.Port",
            Self::AutoMinorVersionUpgrade(_) => "createStrategy.AutoMinorVersionUpgrade",
            Self::CopyTagsToSnapshot(_) => "createStrategy.CopyTagsToSnapshot",
            Self::CaCertificate(_) => "createStrategy.CACertificateIdentifier",
            Self::ParameterGroup(_) => "createStrategy.DBParameterGroupName",
            Self::IamAuthentication(_) => "createStrategy.EnableIAMDatabaseAuthentication",
            Self::PerformanceInsights(_) => "createStrategy.EnablePerformanceInsights",
            Self::MonitoringInterval(_) => "createStrategy.MonitoringInterval",
            Self::MonitoringRole(_) => "createStrategy.MonitoringRoleArn",
        }
    }

    pub(super) fn create(&self, request: Create) -> Create {
        match self {
            Self::Class(it) => request.db_instance_class(it),
            Self::EngineVersion(it) => request.engine_version(it),
            Self::AllocatedStorage(it) => request.allocated_storage(*it),
            Self::MaxAllocatedStorage(it) => request.max_allocated_storage(*it),
            Self::StorageType(it) => request.storage_type(it),
            Self::Iops(it) => request.iops(*it),
            Self::StorageThroughput(it) => request.storage_throughput(*it),
            Self::MultiAz(it) => request.multi_az(*it),
            Self::BackupRetention(it) => request.backup_retention_period(*it),
            Self::BackupWindow(it) => request.preferred_backup_window(it),
            Self::MaintenanceWindow(it) => request.preferred_maintenance_window(it),
            Self::DeletionProtection(it) => request.deletion_protection(*it),
            Self::PubliclyAccessible(it) => request.publicly_accessible(*it),
            Self::Port(it) => request.port(*it),
            Self::AutoMinorVersionUpgrade(it) => request.auto_minor_version_upgrade(*it),
            Self::CopyTagsToSnapshot(it) => request.copy_tags_to_snapshot(*it),
            Self::CaCertificate(it) => request.ca_certificate_identifier(it),
            Self::ParameterGroup(it) => request.db_parameter_group_name(it),
            Self::IamAuthentication(it) => request.enable_iam_database_authentication(*it),
            Self::PerformanceInsights(it) => request.enable_performance_insights(*it),
            Self::MonitoringInterval(it) => request.monitoring_interval(*it),
            Self::MonitoringRole(it) => request.monitoring_role_arn(it),
        }
    }

    pub(super) fn modify(&self, request: Modify) -> Modify {
        match self {
            Self::Class(it) => request.db_instance_class(it),
            Self::EngineVersion(it) => request.engine_version(it),
            Self::AllocatedStorage(it) => request.allocated_storage(*it),
            Self::MaxAllocatedStorage(it) => request.max_allocated_storage(*it),
            Self::StorageType(it) => request.storage_type(it),
            Self::Iops(it) => request.iops(*it),
            Self::StorageThroughput(it) => request.storage_throughput(*it),
            Self::MultiAz(it) => request.multi_az(*it),
            Self::BackupRetention(it) => request.backup_retention_period(*it),
            Self::BackupWindow(it) => request.preferred_backup_window(it),
            Self::MaintenanceWindow(it) => request.preferred_maintenance_window(it),
            Self::DeletionProtection(it) => request.deletion_protection(*it),
            Self::PubliclyAccessible(it) => request.publicly_accessible(*it),
            Self::Port(it) => request.db_port_number(*it),
            Self::AutoMinorVersionUpgrade(it) => request.auto_minor_version_upgrade(*it),
            Self::CopyTagsToSnapshot(it) => request.copy_tags_to_snapshot(*it),
            Self::CaCertificate(it) => request.ca_certificate_identifier(it),
            Self::ParameterGroup(it) => request.db_parameter_group_name(it),
            Self::IamAuthentication(it) => request.enable_iam_database_authentication(*it),
            Self::PerformanceInsights(it) => request.enable_performance_insights(*it),
            Self::MonitoringInterval(it) => request.monitoring_interval(*it),
            Self::MonitoringRole(it) => request.monitoring_role_arn(it),
        }
    }
}

/// The value alone.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(it)
            | Self::EngineVersion(it)
            | Self::StorageType(it)
            | Self::BackupWindow(it)
            | Self::MaintenanceWindow(it)
            | Self::CaCertificate(it)
            | Self::ParameterGroup(it)
            | Self::MonitoringRole(it) => f.write_str(it),
            Self::AllocatedStorage(it)
            | Self::MaxAllocatedStorage(it)
            | Self::Iops(it)
            | Self::StorageThroughput(it)
            | Self::BackupRetention(it)
            | Self::Port(it)
            | Self::MonitoringInterval(it) => it.fmt(f),
            Self::MultiAz(it)
            | Self::DeletionProtection(it)
            | Self::PubliclyAccessible(it)
            | Self::AutoMinorVersionUpgrade(it)
            | Self::CopyTagsToSnapshot(it)
            | Self::IamAuthentication(it)
            | Self::PerformanceInsights(it) => it.fmt(f),
        }
    }
}
