//! The fields of a cache's strategy that are taken or refused; others are ignored and reported.

use crate::strategy::Field;

const NO_TOKEN: &str =
    "the token is generated and kept in the cluster: it cannot be set here; see auth";
const NO_NAME: &str = "each claim has a replication group of its own name";
const NO_NETWORK: &str = "the cluster's network decides it: see network mode existing";
const NO_OTHERS_DATA: &str = "each claim's cache begins empty";
const NO_GLOBAL: &str = "a claim's group belongs to no other one";
const NO_SHARDS: &str = "groups have one shard: set NumCacheClusters";

const CREATE: &[Field] = &[
    Field::take("Engine"),
    Field::take("EngineVersion"),
    Field::take("CacheNodeType"),
    Field::take("NumCacheClusters"),
    Field::take("NumNodeGroups"),
    Field::take("ClusterMode"),
    Field::take("AutomaticFailoverEnabled"),
    Field::take("MultiAZEnabled"),
    Field::take("PreferredCacheClusterAZs"),
    Field::take("CacheParameterGroupName"),
    Field::take("PreferredMaintenanceWindow"),
    Field::take("SnapshotRetentionLimit"),
    Field::take("SnapshotWindow"),
    Field::take("Port"),
    Field::take("AtRestEncryptionEnabled"),
    Field::take("TransitEncryptionEnabled"),
    Field::take("TransitEncryptionMode"),
    Field::take("KmsKeyId"),
    Field::take("AutoMinorVersionUpgrade"),
    Field::take("DataTieringEnabled"),
    Field::take("ReplicationGroupDescription"),
    Field::refuse("AuthToken", NO_TOKEN),
    Field::refuse("UserGroupIds", NO_TOKEN),
    Field::refuse("ReplicationGroupId", NO_NAME),
    Field::refuse("CacheClusterId", NO_NAME),
    Field::refuse("PrimaryClusterId", NO_GLOBAL),
    Field::refuse("GlobalReplicationGroupId", NO_GLOBAL),
    Field::refuse("CacheSubnetGroupName", NO_NETWORK),
    Field::refuse("SecurityGroupIds", NO_NETWORK),
    Field::refuse("CacheSecurityGroupNames", NO_NETWORK),
    Field::refuse("SnapshotArns", NO_OTHERS_DATA),
    Field::refuse("SnapshotName", NO_OTHERS_DATA),
    Field::refuse("ServerlessCacheSnapshotName", NO_OTHERS_DATA),
    Field::refuse("NodeGroupConfiguration", NO_SHARDS),
    Field::refuse("ReplicasPerNodeGroup", NO_SHARDS),
];

const DELETE: &[Field] = &[
    Field::take_empty("FinalSnapshotIdentifier"),
    Field::take("RetainPrimaryCluster"),
    Field::refuse("ReplicationGroupId", NO_NAME),
];

pub(super) const TIER: &[Field] = &[
    Field::take("region"),
    Field::nested("createStrategy", CREATE),
    Field::nested("deleteStrategy", DELETE),
    Field::take("serviceUpdates"),
    Field::take("auth"),
    Field::take("lostPassword"),
];
