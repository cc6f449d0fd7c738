//! Removes parts of a network, by id. What is gone already is no error.

use super::{Ec2, Error};
use crate::aws::error::gone;
use crate::aws::operations::ec2 as api;

impl Ec2 {
    /// Removes a VPC with its main route table and default security group.
    pub async fn delete_vpc(&self, id: &str) -> Result<(), Error> {
        let request = self.client.delete_vpc().vpc_id(id);
        gone(self.gate.call(api::DELETE_VPC, request.send()).await.map(|_| ()))
    }

    /// Removes a subnet in which nothing lives.
    pub async fn delete_subnet(&self, id: &str) -> Result<(), Error> {
        let request = self.client.delete_subnet().subnet_id(id);
        gone(self.gate.call(api::DELETE_SUBNET, request.send()).await.map(|_| ()))
    }

    /// Removes a security group that nothing uses.
    pub async fn delete_group(&self, id: &str) -> Result<(), Error> {
        let request = self.client.delete_security_group().group_id(id);
        gone(self.gate.call(api::DELETE_SECURITY_GROUP, request.send()).await.map(|_| ()))
    }

    /// Ends a peering.
    pub async fn delete_peering(&self, id: &str) -> Result<(), Error> {
        let request = self.client.delete_vpc_peering_connection().vpc_peering_connection_id(id);
        gone(self.gate.call(api::DELETE_VPC_PEERING_CONNECTION, request.send()).await.map(|_| ()))
    }

    /// Removes a route.
    pub async fn delete_route(&self, table: &str, destination: &str) -> Result<(), Error> {
        let request =
            self.client.delete_route().route_table_id(table).destination_cidr_block(destination);
        gone(self.gate.call(api::DELETE_ROUTE, request.send()).await.map(|_| ()))
    }
}
