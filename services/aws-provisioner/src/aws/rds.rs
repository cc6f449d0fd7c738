//! RDS: database instances, their snapshots and subnet groups.

use aws_sdk_rds::Client;

use super::gate::Gate;

/// Databases of one region.
#[derive(Clone)]
pub struct Rds {
    client: Client,
    gate: Gate,
}

impl Rds {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate }
    }
}
