//! EC2: networks. VPCs, subnets, route tables, peerings, security groups.

use aws_sdk_ec2::Client;

use super::gate::Gate;

/// Networks of one region.
#[derive(Clone)]
pub struct Ec2 {
    client: Client,
    gate: Gate,
}

impl Ec2 {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate }
    }
}
