//! Snapshots, as far as a deletion needs to know them.

use super::super::error::optional;
use super::{ElastiCache, Error};
use crate::aws::operations::elasticache as api;

/// A snapshot that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Identifier of the group that it was taken of.
    pub group: String,
    /// The text of the API, such as `available`.
    pub status: String,
}

impl ElastiCache {
    /// A snapshot of this name, if there is one.
    pub async fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, Error> {
        let request = self.client.describe_snapshots().snapshot_name(name);
        let found = optional(self.gate.call(api::DESCRIBE_SNAPSHOTS, request.send()).await)?;
        let found = found.and_then(|answer| answer.snapshots?.into_iter().next());
        Ok(found.map(|found| Snapshot {
            group: found.replication_group_id.unwrap_or_default(),
            status: found.snapshot_status.unwrap_or_default(),
        }))
    }
}
