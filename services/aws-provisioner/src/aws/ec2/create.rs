//! Makes parts of a network. Each is tagged by the call that makes it.

use aws_sdk_ec2::types::{IpPermission, IpRange, ResourceType, UserIdGroupPair};
use ipnet::Ipv4Net;

use super::{Ec2, Error, Peering, Subnet, Vpc, built, once, some, tagged};
use crate::aws::operations::ec2 as api;
use crate::tags::Tags;

/// A route through a peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRoute {
    /// Id of the route table.
    pub table: String,
    /// The range of addresses that it is for.
    pub destination: String,
    /// Id of the peering.
    pub peering: String,
    /// Whether the table has a route to that range already.
    pub replaces: bool,
}

impl Ec2 {
    /// Makes a VPC; one attempt: nothing tells two apart.
    pub async fn create_vpc(&self, range: Ipv4Net, tags: &Tags) -> Result<Vpc, Error> {
        let request = self
            .client
            .create_vpc()
            .cidr_block(range.to_string())
            .tag_specifications(tagged(ResourceType::Vpc, tags))
            .customize()
            .config_override(once());
        let answer = self.gate.call(api::CREATE_VPC, request.send()).await?;
        some(api::CREATE_VPC, answer.vpc.and_then(Vpc::read))
    }

    /// Makes a subnet; one attempt. Two of one range conflict.
    pub async fn create_subnet(
        &self,
        vpc: &str,
        range: Ipv4Net,
        zone: &str,
        tags: &Tags,
    ) -> Result<Subnet, Error> {
        let request = self
            .client
            .create_subnet()
            .vpc_id(vpc)
            .cidr_block(range.to_string())
            .availability_zone(zone)
            .tag_specifications(tagged(ResourceType::Subnet, tags))
            .customize()
            .config_override(once());
        let answer = self.gate.call(api::CREATE_SUBNET, request.send()).await?;
        some(api::CREATE_SUBNET, answer.subnet.and_then(Subnet::read))
    }

    /// Makes a security group that lets nobody in; one attempt. Answers with its id.
    pub async fn create_group(
        &self,
        vpc: &str,
        name: &str,
        description: &str,
        tags: &Tags,
    ) -> Result<String, Error> {
        let request = self
            .client
            .create_security_group()
            .vpc_id(vpc)
            .group_name(name)
            .description(description)
            .tag_specifications(tagged(ResourceType::SecurityGroup, tags))
            .customize()
            .config_override(once());
        let answer = self.gate.call(api::CREATE_SECURITY_GROUP, request.send()).await?;
        some(api::CREATE_SECURITY_GROUP, answer.group_id)
    }

    /// Lets these sources, ranges of addresses and ids of security groups, connect to one TCP port.
    pub async fn allow(&self, group: &str, port: i32, sources: &[String]) -> Result<(), Error> {
        let (groups, ranges): (Vec<_>, Vec<_>) =
            sources.iter().cloned().partition(|it| it.starts_with("sg-"));
        let range = |it| IpRange::builder().cidr_ip(it).build();
        let pair = |it| UserIdGroupPair::builder().group_id(it).build();
        let some = |is_empty: bool| (!is_empty).then_some(());
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(port)
            .to_port(port)
            .set_user_id_group_pairs(
                some(groups.is_empty()).map(|()| groups.into_iter().map(pair).collect()),
            )
            .set_ip_ranges(
                some(ranges.is_empty()).map(|()| ranges.into_iter().map(range).collect()),
            )
            .build();
        let request = self.client.authorize_security_group_ingress().group_id(group);
        self.gate
            .call(api::AUTHORIZE_SECURITY_GROUP_INGRESS, request.ip_permissions(permission).send())
            .await
            .map(|_| ())
    }

    /// Asks for a peering; one attempt. Two VPCs have one that lives.
    pub async fn peer(&self, vpc: &str, other: &str, tags: &Tags) -> Result<Peering, Error> {
        let request = self
            .client
            .create_vpc_peering_connection()
            .vpc_id(vpc)
            .peer_vpc_id(other)
            .tag_specifications(tagged(ResourceType::VpcPeeringConnection, tags))
            .customize()
            .config_override(once());
        let answer = self.gate.call(api::CREATE_VPC_PEERING_CONNECTION, request.send()).await?;
        some(
            api::CREATE_VPC_PEERING_CONNECTION,
            answer.vpc_peering_connection.and_then(Peering::read),
        )
    }

    /// Accepts a peering of two VPCs of this account. Answers with its status.
    pub async fn accept(&self, peering: &str) -> Result<String, Error> {
        let request =
            self.client.accept_vpc_peering_connection().vpc_peering_connection_id(peering);
        let answer = self.gate.call(api::ACCEPT_VPC_PEERING_CONNECTION, request.send()).await?;
        let peering = some(
            api::ACCEPT_VPC_PEERING_CONNECTION,
            answer.vpc_peering_connection.and_then(Peering::read),
        )?;
        Ok(peering.status)
    }

    /// Makes or replaces a route.
    pub async fn route(&self, new: &NewRoute) -> Result<(), Error> {
        if new.replaces {
            let request = self
                .client
                .replace_route()
                .route_table_id(&new.table)
                .destination_cidr_block(&new.destination)
                .vpc_peering_connection_id(&new.peering);
            return self.gate.call(api::REPLACE_ROUTE, request.send()).await.map(|_| ());
        }
        let request = self
            .client
            .create_route()
            .route_table_id(&new.table)
            .destination_cidr_block(&new.destination)
            .vpc_peering_connection_id(&new.peering);
        self.gate.call(api::CREATE_ROUTE, request.send()).await.map(|_| ())
    }

    /// Adds or replaces tags of several resources.
    pub async fn tag(&self, ids: &[String], tags: &Tags) -> Result<(), Error> {
        let request = self.client.create_tags().set_resources(Some(ids.to_vec()));
        self.gate
            .call(api::CREATE_TAGS, request.set_tags(Some(built(tags))).send())
            .await
            .map(|_| ())
    }
}
