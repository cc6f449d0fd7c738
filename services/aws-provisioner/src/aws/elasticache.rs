//! ElastiCache: replication groups, their snapshots and subnet groups.

use aws_sdk_elasticache::Client;

use super::gate::Gate;

/// Caches of one region.
#[derive(Clone)]
pub struct ElastiCache {
    client: Client,
    gate: Gate,
}

impl ElastiCache {
    /// An adapter behind its gate.
    pub fn new(client: Client, gate: Gate) -> Self {
        Self { client, gate }
    }
}
