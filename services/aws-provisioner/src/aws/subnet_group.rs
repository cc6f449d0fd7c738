//! A subnet group of RDS or ElastiCache: both have the same.

/// A subnet group that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubnetGroup {
    /// Its name, in lower case.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Id of its VPC.
    pub vpc: String,
    /// Ids of its subnets.
    pub subnets: Vec<String>,
}
