//! What exists in a test's AWS account, and how often it was made.

use std::collections::{BTreeMap, BTreeSet};

use stack::{Call, Proxy, Values};

/// What exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Names of buckets.
    pub buckets: BTreeSet<String>,
    /// Names of users, with the ids of their keys.
    pub users: BTreeMap<String, Vec<String>>,
    /// Identifiers of instances of RDS and replication groups of ElastiCache.
    pub databases: BTreeSet<String>,
    /// Ids of parts of networks of ours, by what AWS calls such an id.
    pub network: BTreeMap<&'static str, BTreeSet<String>>,
}

/// How RDS lists its instances.
pub const INSTANCES: &str = "Action=DescribeDBInstances&Version=2014-10-31";
/// How AWS lists parts of networks, and what it calls their ids.
const PARTS: [[&str; 3]; 6] = [
    ["rds", "Action=DescribeDBSubnetGroups&Version=2014-10-31", "DBSubnetGroupName"],
    ["elasticache", "Action=DescribeCacheSubnetGroups&Version=2015-02-02", "CacheSubnetGroupName"],
    ["ec2", "Action=DescribeVpcs", "vpcId"],
    ["ec2", "Action=DescribeSubnets", "subnetId"],
    ["ec2", "Action=DescribeSecurityGroups", "groupId"],
    [
        "ec2",
        // AWS shows those that were deleted for an hour.
        "Action=DescribeVpcPeeringConnections&Filter.2.Name=status-code&Filter.2.Value.1=active",
        "vpcPeeringConnectionId",
    ],
];
/// The cluster's own network has no such tag.
const OURS: &str =
    "Version=2016-11-15&Filter.1.Name=tag-key&Filter.1.Value.1=integreatly.org/clusterID";

impl Account {
    /// Lists everything.
    pub async fn of(aws: &Proxy) -> anyhow::Result<Self> {
        let buckets = aws.buckets().await?.into_iter().collect();
        let (users, databases) = (users(aws).await?, databases(aws).await?);
        Ok(Self { buckets, users, databases, network: network(aws).await? })
    }

    /// Adds what AWS has for a claim.
    pub fn add(&mut self, id: &str, secret: &Values) {
        let Some(bucket) = secret.get("bucketName") else {
            self.databases.insert(id.to_owned());
            return;
        };
        self.users.insert(bucket.clone(), vec![secret["credentialKeyID"].clone()]);
        self.buckets.insert(bucket.clone());
    }
}

async fn users(aws: &Proxy) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let list = |action: &str| format!("Action={action}&Version=2010-05-08");
    let mut users = BTreeMap::new();
    for user in aws.query("iam", &list("ListUsers"), "UserName").await? {
        let keys = format!("{}&UserName={user}", list("ListAccessKeys"));
        let keys = aws.query("iam", &keys, "AccessKeyId").await?;
        users.insert(user, keys);
    }
    Ok(users)
}

async fn databases(aws: &Proxy) -> anyhow::Result<BTreeSet<String>> {
    let groups = "Action=DescribeReplicationGroups&Version=2015-02-02";
    let instances = aws.query("rds", INSTANCES, "DBInstanceIdentifier").await?;
    let groups = aws.query("elasticache", groups, "ReplicationGroupId").await?;
    Ok(instances.into_iter().chain(groups).collect())
}

async fn network(aws: &Proxy) -> anyhow::Result<BTreeMap<&'static str, BTreeSet<String>>> {
    let mut network = BTreeMap::new();
    for [service, list, id] in PARTS {
        let list = if service == "ec2" { format!("{list}&{OURS}") } else { list.to_owned() };
        let ids: BTreeSet<String> = aws.query(service, &list, id).await?.into_iter().collect();
        if !ids.is_empty() {
            network.insert(id, ids);
        }
    }
    Ok(network)
}

/// Calls of our services that may have changed something.
pub fn writes(aws: &Proxy) -> Vec<Call> {
    // `Account::of` lists by POST too, but its actions are reads.
    aws.calls().into_iter().filter(Call::is_write).collect()
}

const CREATIONS: [&str; 4] = ["PUT", "CreateUser", "CreateDBInstance", "CreateReplicationGroup"];

/// How often each bucket, user and database was made with an answer that says so.
pub fn creations(aws: &Proxy) -> BTreeMap<(String, String), usize> {
    let is_creation = |call: &Call| CREATIONS.contains(&call.operation.as_str());
    let mut counts = BTreeMap::new();
    for call in writes(aws).into_iter().filter(is_creation).filter(|call| call.status < 300) {
        *counts.entry((call.operation, call.resource)).or_default() += 1;
    }
    counts
}
