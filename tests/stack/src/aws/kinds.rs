//! Kinds of resources that can lag behind their creation or meet a quota.

/// One kind.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) service: &'static str,
    /// The operation that makes one.
    pub(crate) create: &'static str,
    /// The element that names one.
    pub(crate) id: &'static str,
    /// The operation that lists them.
    pub(crate) list: &'static str,
    /// The list in the answer.
    pub(crate) items: &'static str,
    /// How an unknown one is answered.
    pub(crate) missing: (u16, &'static str),
    /// How one too many is answered.
    pub(crate) quota: (u16, &'static str),
}

macro_rules! kinds {
    ($($service:literal $create:literal $id:literal $list:literal $items:literal
       $missing:literal $missing_code:literal $quota:literal $quota_code:literal;)*) => {
        const KINDS: &[Kind] = &[$(Kind {
            service: $service, create: $create, id: $id, list: $list, items: $items,
            missing: ($missing, $missing_code), quota: ($quota, $quota_code),
        }),*];
    };
}

// Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and the models of the other APIs.
kinds! {
    "rds" "CreateDBInstance" "DBInstanceIdentifier" "DescribeDBInstances" "DBInstances"
        404 "DBInstanceNotFound" 400 "InstanceQuotaExceeded";
    "rds" "CreateDBSnapshot" "DBSnapshotIdentifier" "DescribeDBSnapshots" "DBSnapshots"
        404 "DBSnapshotNotFound" 400 "SnapshotQuotaExceeded";
    "rds" "CreateDBSubnetGroup" "DBSubnetGroupName" "DescribeDBSubnetGroups" "DBSubnetGroups"
        404 "DBSubnetGroupNotFoundFault" 400 "DBSubnetGroupQuotaExceeded";
    "rds" "CreateDBParameterGroup" "DBParameterGroupName" "DescribeDBParameterGroups" "DBParameterGroups"
        404 "DBParameterGroupNotFound" 400 "DBParameterGroupQuotaExceeded";
    "elasticache" "CreateReplicationGroup" "ReplicationGroupId" "DescribeReplicationGroups" "ReplicationGroups"
        404 "ReplicationGroupNotFoundFault" 400 "NodeQuotaForCustomerExceeded";
    "elasticache" "CreateSnapshot" "SnapshotName" "DescribeSnapshots" "Snapshots"
        404 "SnapshotNotFoundFault" 400 "SnapshotQuotaExceededFault";
    "elasticache" "CreateCacheSubnetGroup" "CacheSubnetGroupName" "DescribeCacheSubnetGroups" "CacheSubnetGroups"
        400 "CacheSubnetGroupNotFoundFault" 400 "CacheSubnetGroupQuotaExceeded";
    "elasticache" "CreateCacheParameterGroup" "CacheParameterGroupName" "DescribeCacheParameterGroups"
        "CacheParameterGroups" 404 "CacheParameterGroupNotFound" 400 "CacheParameterGroupQuotaExceeded";
    "ec2" "CreateVpc" "vpcId" "DescribeVpcs" "vpcSet"
        400 "InvalidVpcID.NotFound" 400 "VpcLimitExceeded";
    "ec2" "CreateSubnet" "subnetId" "DescribeSubnets" "subnetSet"
        400 "InvalidSubnetID.NotFound" 400 "SubnetLimitExceeded";
    "ec2" "CreateSecurityGroup" "groupId" "DescribeSecurityGroups" "securityGroupInfo"
        400 "InvalidGroup.NotFound" 400 "SecurityGroupLimitExceeded";
    "ec2" "CreateRouteTable" "routeTableId" "DescribeRouteTables" "routeTableSet"
        400 "InvalidRouteTableID.NotFound" 400 "RouteTableLimitExceeded";
    "ec2" "CreateVpcPeeringConnection" "vpcPeeringConnectionId" "DescribeVpcPeeringConnections"
        "vpcPeeringConnectionSet"
        400 "InvalidVpcPeeringConnectionID.NotFound" 400 "OutstandingVpcPeeringConnectionLimitExceeded";
    "iam" "CreateUser" "UserName" "ListUsers" "Users"
        404 "NoSuchEntity" 409 "LimitExceeded";
}

/// The kind that this operation makes.
pub(crate) fn made_by(create: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.create == create)
}
