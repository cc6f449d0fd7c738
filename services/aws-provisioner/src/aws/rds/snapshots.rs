//! Snapshots that were asked for, final ones included; not those that RDS makes by itself.

use std::sync::Arc;

use aws_sdk_rds::types::DbSnapshot;
use tokio::time::Instant;

use super::super::error::{gone, optional};
use super::{Error, PAGE, Place, Rds, instance, once};
use crate::aws::Snapshot;
use crate::aws::operations::rds as api;
use crate::tags::Tags;

const MANUAL: &str = "manual";

impl Rds {
    /// A snapshot of this name, if there is one.
    pub async fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, Error> {
        let request = self.client.describe_db_snapshots().db_snapshot_identifier(name);
        let found = optional(self.gate.call(api::DESCRIBE_DB_SNAPSHOTS, request.send()).await)?;
        Ok(found.and_then(|answer| answer.db_snapshots?.into_iter().find_map(read)))
    }

    /// All snapshots of the region, from one listing that was asked for at `not_before` or later.
    pub async fn snapshots(
        &self,
        place: &Place,
        not_before: Instant,
    ) -> Result<Arc<Vec<Snapshot>>, Error> {
        self.snapshots.get(place, not_before, self.list_snapshots()).await
    }

    async fn list_snapshots(&self) -> Result<Vec<Snapshot>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request = self.client.describe_db_snapshots().snapshot_type(MANUAL);
            let request = request.max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_DB_SNAPSHOTS, request.send()).await?;
            found.extend(page.db_snapshots.unwrap_or_default().into_iter().filter_map(read));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// Begins to take a snapshot of an instance; one attempt.
    pub async fn create_snapshot(
        &self,
        name: &str,
        instance: &str,
        tags: &Tags,
    ) -> Result<(), Error> {
        let request = self
            .client
            .create_db_snapshot()
            .db_snapshot_identifier(name)
            .db_instance_identifier(instance)
            .set_tags(Some(instance::built(tags)))
            .customize()
            .config_override(once());
        self.gate.call(api::CREATE_DB_SNAPSHOT, request.send()).await.map(|_| ())
    }

    /// Deletes a snapshot; one attempt. One that is gone already is no error.
    pub async fn delete_snapshot(&self, name: &str) -> Result<(), Error> {
        let request = self.client.delete_db_snapshot().db_snapshot_identifier(name);
        let request = request.customize().config_override(once());
        gone(self.gate.call(api::DELETE_DB_SNAPSHOT, request.send()).await.map(|_| ()))
    }
}

/// `None` for an answer without a name, which nothing can be done with.
fn read(found: DbSnapshot) -> Option<Snapshot> {
    Some(Snapshot {
        name: found.db_snapshot_identifier?.to_ascii_lowercase(),
        arn: found.db_snapshot_arn.unwrap_or_default(),
        source: found.db_instance_identifier.unwrap_or_default().to_ascii_lowercase(),
        status: found.status.unwrap_or_default(),
        tags: Some(instance::tags(found.tag_list.unwrap_or_default())),
    })
}
