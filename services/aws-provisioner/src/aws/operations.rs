//! Every operation of AWS that we call: what the policy of the operator is generated from.

use super::operation::Operation;

macro_rules! operations {
    ($module:ident: $service:ident { $($name:ident = $text:literal $([$($action:literal),*])?,)* }) => {
        /// Named as in the API of the service; in brackets what the operator's policy must allow where that is something else.
        /// Who assumes a role is not the operator yet.
        pub(super) mod $module {
            use crate::aws::operation::{Operation, Service};

            $(pub(in crate::aws) const $name: Operation = Operation {
                service: Service::$service,
                name: $text,
                actions: operations!(@actions $text $([$($action),*])?),
            };)*

            pub(super) const ALL: &[Operation] = &[$($name),*];
        }
    };
    (@actions $text:literal) => { &[$text] };
    (@actions $text:literal [$($action:literal),*]) => { &[$($action),*] };
}

operations!(s3: S3 {
    HEAD_BUCKET = "HeadBucket" ["ListBucket"],
    LIST_BUCKETS = "ListBuckets" ["ListAllMyBuckets"],
    CREATE_BUCKET = "CreateBucket",
    DELETE_BUCKET = "DeleteBucket",
    GET_BUCKET_TAGGING = "GetBucketTagging",
    PUT_BUCKET_TAGGING = "PutBucketTagging",
    GET_PUBLIC_ACCESS_BLOCK = "GetPublicAccessBlock" ["GetBucketPublicAccessBlock"],
    PUT_PUBLIC_ACCESS_BLOCK = "PutPublicAccessBlock" ["PutBucketPublicAccessBlock"],
    GET_BUCKET_ENCRYPTION = "GetBucketEncryption" ["GetEncryptionConfiguration"],
    PUT_BUCKET_ENCRYPTION = "PutBucketEncryption" ["PutEncryptionConfiguration"],
    GET_BUCKET_POLICY = "GetBucketPolicy",
    PUT_BUCKET_POLICY = "PutBucketPolicy",
    LIST_OBJECT_VERSIONS = "ListObjectVersions" ["ListBucketVersions"],
    DELETE_OBJECTS = "DeleteObjects" ["DeleteObject", "DeleteObjectVersion"],
    LIST_MULTIPART_UPLOADS = "ListMultipartUploads" ["ListBucketMultipartUploads"],
    ABORT_MULTIPART_UPLOAD = "AbortMultipartUpload",
});

operations!(iam: Iam {
    GET_USER = "GetUser",
    CREATE_USER = "CreateUser",
    TAG_USER = "TagUser",
    DELETE_USER = "DeleteUser",
    GET_USER_POLICY = "GetUserPolicy",
    PUT_USER_POLICY = "PutUserPolicy",
    DELETE_USER_POLICY = "DeleteUserPolicy",
    LIST_ACCESS_KEYS = "ListAccessKeys",
    CREATE_ACCESS_KEY = "CreateAccessKey",
    DELETE_ACCESS_KEY = "DeleteAccessKey",
});

operations!(ses: Ses {
    GET_SEND_QUOTA = "GetSendQuota",
});

operations!(sts: Sts {
    GET_CALLER_IDENTITY = "GetCallerIdentity",
    ASSUME_ROLE = "AssumeRole" [],
    ASSUME_ROLE_WITH_WEB_IDENTITY = "AssumeRoleWithWebIdentity" [],
});

operations!(rds: Rds {
    DESCRIBE_DB_INSTANCES = "DescribeDBInstances",
    CREATE_DB_INSTANCE = "CreateDBInstance",
    MODIFY_DB_INSTANCE = "ModifyDBInstance",
    DELETE_DB_INSTANCE = "DeleteDBInstance" ["DeleteDBInstance", "CreateDBSnapshot"],
    ADD_TAGS_TO_RESOURCE = "AddTagsToResource",
    DESCRIBE_DB_SNAPSHOTS = "DescribeDBSnapshots",
    CREATE_DB_SNAPSHOT = "CreateDBSnapshot",
    DELETE_DB_SNAPSHOT = "DeleteDBSnapshot",
    DESCRIBE_PENDING_MAINTENANCE_ACTIONS = "DescribePendingMaintenanceActions",
    APPLY_PENDING_MAINTENANCE_ACTION = "ApplyPendingMaintenanceAction",
    DESCRIBE_DB_SUBNET_GROUPS = "DescribeDBSubnetGroups",
    CREATE_DB_SUBNET_GROUP = "CreateDBSubnetGroup",
    MODIFY_DB_SUBNET_GROUP = "ModifyDBSubnetGroup",
    DELETE_DB_SUBNET_GROUP = "DeleteDBSubnetGroup",
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource",
    DESCRIBE_ORDERABLE_DB_INSTANCE_OPTIONS = "DescribeOrderableDBInstanceOptions",
    DESCRIBE_DB_ENGINE_VERSIONS = "DescribeDBEngineVersions",
});

operations!(elasticache: ElastiCache {
    DESCRIBE_REPLICATION_GROUPS = "DescribeReplicationGroups",
    CREATE_REPLICATION_GROUP = "CreateReplicationGroup",
    MODIFY_REPLICATION_GROUP = "ModifyReplicationGroup",
    DELETE_REPLICATION_GROUP = "DeleteReplicationGroup" ["DeleteReplicationGroup", "CreateSnapshot"],
    DESCRIBE_SNAPSHOTS = "DescribeSnapshots",
    CREATE_SNAPSHOT = "CreateSnapshot",
    DELETE_SNAPSHOT = "DeleteSnapshot",
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource",
    ADD_TAGS_TO_RESOURCE = "AddTagsToResource",
    DESCRIBE_CACHE_SUBNET_GROUPS = "DescribeCacheSubnetGroups",
    CREATE_CACHE_SUBNET_GROUP = "CreateCacheSubnetGroup",
    MODIFY_CACHE_SUBNET_GROUP = "ModifyCacheSubnetGroup",
    DELETE_CACHE_SUBNET_GROUP = "DeleteCacheSubnetGroup",
    DESCRIBE_CACHE_CLUSTERS = "DescribeCacheClusters",
    DESCRIBE_UPDATE_ACTIONS = "DescribeUpdateActions",
    BATCH_APPLY_UPDATE_ACTION = "BatchApplyUpdateAction",
    DESCRIBE_CACHE_ENGINE_VERSIONS = "DescribeCacheEngineVersions",
});

operations!(ec2: Ec2 {
    DESCRIBE_AVAILABILITY_ZONES = "DescribeAvailabilityZones",
    DESCRIBE_VPCS = "DescribeVpcs",
    DESCRIBE_SUBNETS = "DescribeSubnets",
    DESCRIBE_ROUTE_TABLES = "DescribeRouteTables",
    DESCRIBE_SECURITY_GROUPS = "DescribeSecurityGroups",
    DESCRIBE_VPC_PEERING_CONNECTIONS = "DescribeVpcPeeringConnections",
    DESCRIBE_NETWORK_INTERFACES = "DescribeNetworkInterfaces",
    CREATE_VPC = "CreateVpc",
    CREATE_SUBNET = "CreateSubnet",
    CREATE_SECURITY_GROUP = "CreateSecurityGroup",
    AUTHORIZE_SECURITY_GROUP_INGRESS = "AuthorizeSecurityGroupIngress",
    CREATE_VPC_PEERING_CONNECTION = "CreateVpcPeeringConnection",
    ACCEPT_VPC_PEERING_CONNECTION = "AcceptVpcPeeringConnection",
    CREATE_ROUTE = "CreateRoute",
    REPLACE_ROUTE = "ReplaceRoute",
    CREATE_TAGS = "CreateTags",
    DELETE_VPC = "DeleteVpc",
    DELETE_SUBNET = "DeleteSubnet",
    DELETE_SECURITY_GROUP = "DeleteSecurityGroup",
    DELETE_VPC_PEERING_CONNECTION = "DeleteVpcPeeringConnection",
    DELETE_ROUTE = "DeleteRoute",
    DESCRIBE_INSTANCE_TYPES = "DescribeInstanceTypes",
});

operations!(cloudwatch: CloudWatch {
    GET_METRIC_DATA = "GetMetricData",
});

/// All of them.
pub fn all() -> impl Iterator<Item = Operation> {
    [s3::ALL, iam::ALL, ses::ALL, sts::ALL, rds::ALL, elasticache::ALL, ec2::ALL, cloudwatch::ALL]
        .into_iter()
        .flatten()
        .copied()
}
