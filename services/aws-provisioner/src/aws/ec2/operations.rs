//! The operations of EC2 that we call.

use crate::aws::operation::{Operation, Service};

const fn ec2(name: &'static str) -> Operation {
    Operation::new(Service::Ec2, name)
}

pub(super) const ZONES: Operation = ec2("DescribeAvailabilityZones");
pub(super) const VPCS: Operation = ec2("DescribeVpcs");
pub(super) const SUBNETS: Operation = ec2("DescribeSubnets");
pub(super) const TABLES: Operation = ec2("DescribeRouteTables");
pub(super) const GROUPS: Operation = ec2("DescribeSecurityGroups");
pub(super) const PEERINGS: Operation = ec2("DescribeVpcPeeringConnections");
pub(super) const INTERFACES: Operation = ec2("DescribeNetworkInterfaces");
pub(super) const CREATE_VPC: Operation = ec2("CreateVpc");
pub(super) const CREATE_SUBNET: Operation = ec2("CreateSubnet");
pub(super) const CREATE_GROUP: Operation = ec2("CreateSecurityGroup");
pub(super) const ALLOW: Operation = ec2("AuthorizeSecurityGroupIngress");
pub(super) const PEER: Operation = ec2("CreateVpcPeeringConnection");
pub(super) const ACCEPT: Operation = ec2("AcceptVpcPeeringConnection");
pub(super) const CREATE_ROUTE: Operation = ec2("CreateRoute");
pub(super) const REPLACE_ROUTE: Operation = ec2("ReplaceRoute");
pub(super) const TAG: Operation = ec2("CreateTags");
pub(super) const DELETE_VPC: Operation = ec2("DeleteVpc");
pub(super) const DELETE_SUBNET: Operation = ec2("DeleteSubnet");
pub(super) const DELETE_GROUP: Operation = ec2("DeleteSecurityGroup");
pub(super) const DELETE_PEERING: Operation = ec2("DeleteVpcPeeringConnection");
pub(super) const DELETE_ROUTE: Operation = ec2("DeleteRoute");
