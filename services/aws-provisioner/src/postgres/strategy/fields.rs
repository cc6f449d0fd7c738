//! The fields of a database's strategy that are taken or refused; others are ignored and reported.

use crate::strategy::Field;

pub(super) const NO_PASSWORD: &str =
    "the password is generated and kept in the cluster: it cannot be set here";
const NO_NAME: &str = "each claim has an instance of its own name";
const NO_CLUSTER: &str = "only instances are made, no clusters";
const NO_NETWORK: &str = "the cluster's network decides it: see network mode existing";
const NO_ROLE: &str = "an instance gets no role of its own";

const CREATE: &[Field] = &[
    Field::take("Engine"),
    Field::take("EngineVersion"),
    Field::take("DBInstanceClass"),
    Field::take("AllocatedStorage"),
    Field::take("MaxAllocatedStorage"),
    Field::take("StorageType"),
    Field::take("Iops"),
    Field::take("StorageThroughput"),
    Field::take("MultiAZ"),
    Field::take("AvailabilityZone"),
    Field::take("BackupRetentionPeriod"),
    Field::take("PreferredBackupWindow"),
    Field::take("PreferredMaintenanceWindow"),
    Field::take("DeletionProtection"),
    Field::take("PubliclyAccessible"),
    Field::take("StorageEncrypted"),
    Field::take("KmsKeyId"),
    Field::take("Port"),
    Field::take("DBName"),
    Field::take("MasterUsername"),
    Field::take("ManageMasterUserPassword"),
    Field::take("AutoMinorVersionUpgrade"),
    Field::take("CopyTagsToSnapshot"),
    Field::take("CACertificateIdentifier"),
    Field::take("DBParameterGroupName"),
    Field::take("EnableIAMDatabaseAuthentication"),
    Field::take("EnablePerformanceInsights"),
    Field::take("MonitoringInterval"),
    Field::take("MonitoringRoleArn"),
    Field::refuse("MasterUserPassword", NO_PASSWORD),
    Field::refuse("MasterUserSecretKmsKeyId", NO_PASSWORD),
    Field::refuse("DBInstanceIdentifier", NO_NAME),
    Field::refuse("DBClusterIdentifier", NO_CLUSTER),
    Field::refuse("DBSubnetGroupName", NO_NETWORK),
    Field::refuse("VpcSecurityGroupIds", NO_NETWORK),
    Field::refuse("DBSecurityGroups", NO_NETWORK),
    Field::refuse("CustomIamInstanceProfile", NO_ROLE),
    Field::refuse("DomainIAMRoleName", NO_ROLE),
    Field::refuse("TdeCredentialArn", NO_ROLE),
    Field::refuse("PerformanceInsightsKMSKeyId", NO_ROLE),
];

const DELETE: &[Field] = &[
    Field::take("SkipFinalSnapshot"),
    Field::take("FinalDBSnapshotIdentifier"),
    Field::take("DeleteAutomatedBackups"),
    Field::refuse("DBInstanceIdentifier", NO_NAME),
];

pub(super) const TIER: &[Field] = &[
    Field::take("region"),
    Field::nested("createStrategy", CREATE),
    Field::nested("deleteStrategy", DELETE),
    Field::take("serviceUpdates"),
    Field::take("lostPassword"),
];
