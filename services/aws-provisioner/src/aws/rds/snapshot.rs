//! Snapshots, as far as a deletion needs to know them.

use super::super::error::optional;
use super::{Error, Rds};
use crate::aws::operations::rds as api;

/// A snapshot that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Identifier of the instance that it was taken of.
    pub instance: String,
    /// The text of the API, such as `available`.
    pub status: String,
}

impl Rds {
    /// A snapshot of this name, if there is one.
    pub async fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, Error> {
        let request = self.client.describe_db_snapshots().db_snapshot_identifier(name);
        let found = optional(self.gate.call(api::DESCRIBE_DB_SNAPSHOTS, request.send()).await)?;
        let found = found.and_then(|answer| answer.db_snapshots?.into_iter().next());
        Ok(found.map(|found| Snapshot {
            instance: found.db_instance_identifier.unwrap_or_default(),
            status: found.status.unwrap_or_default(),
        }))
    }
}
