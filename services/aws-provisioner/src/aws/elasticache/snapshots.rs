//! Snapshots that were asked for, final ones included; not those that ElastiCache makes by itself.

use std::sync::Arc;

use aws_sdk_elasticache::types::Snapshot as Found;
use tokio::time::Instant;

use super::super::error::{gone, optional};
use super::{ElastiCache, Error, Place, once, tagging};
use crate::aws::Snapshot;
use crate::aws::operations::elasticache as api;
use crate::tags::Tags;

const USERS: &str = "user";
/// The largest page that AWS gives of snapshots.
const SNAPSHOT_PAGE: i32 = 50;

impl ElastiCache {
    /// A snapshot of this name, if there is one.
    pub async fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, Error> {
        let request = self.client.describe_snapshots().snapshot_name(name);
        let found = optional(self.gate.call(api::DESCRIBE_SNAPSHOTS, request.send()).await)?;
        Ok(found.and_then(|answer| answer.snapshots?.into_iter().find_map(read)))
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
            let request = self.client.describe_snapshots().snapshot_source(USERS);
            let request = request.max_records(SNAPSHOT_PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_SNAPSHOTS, request.send()).await?;
            found.extend(page.snapshots.unwrap_or_default().into_iter().filter_map(read));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// Begins to take a snapshot of a group: of this node of it where AWS wants one named. One attempt.
    pub async fn create_snapshot(
        &self,
        name: &str,
        group: &str,
        node: Option<&str>,
        tags: &Tags,
    ) -> Result<(), Error> {
        let request = self.client.create_snapshot().snapshot_name(name);
        let request = match node {
            Some(node) => request.cache_cluster_id(node),
            None => request.replication_group_id(group),
        };
        let request = request.set_tags(Some(tagging::built(tags)));
        let request = request.customize().config_override(once());
        self.gate.call(api::CREATE_SNAPSHOT, request.send()).await.map(|_| ())
    }

    /// Begins to delete a snapshot; one attempt. One that is gone already is no error (W-74).
    pub async fn delete_snapshot(&self, name: &str) -> Result<(), Error> {
        let request = self.client.delete_snapshot().snapshot_name(name);
        let request = request.customize().config_override(once());
        gone(self.gate.call(api::DELETE_SNAPSHOT, request.send()).await.map(|_| ()))
    }
}

/// `None` for an answer without a name, which nothing can be done with.
fn read(found: Found) -> Option<Snapshot> {
    Some(Snapshot {
        name: found.snapshot_name?.to_ascii_lowercase(),
        arn: found.arn.unwrap_or_default(),
        source: found.replication_group_id.unwrap_or_default().to_ascii_lowercase(),
        status: found.snapshot_status.unwrap_or_default(),
        tags: None,
    })
}
