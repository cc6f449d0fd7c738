//! Versions of engines that AWS offers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{ElastiCache, Error, PAGE, Place};
use crate::aws::operations::elasticache as api;
use crate::listing::at_most;

/// AWS adds and ends versions every few weeks.
const KEPT: Duration = Duration::from_hours(1);

/// A version of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Such as `valkey`.
    pub engine: String,
    /// Such as `7.2`.
    pub version: String,
}

impl ElastiCache {
    /// Versions of every engine that AWS offers in the region. Versions that have ended are not among them. Asked once
    /// an hour at most.
    pub async fn versions(&self, place: &Place) -> Result<Arc<Vec<Version>>, Error> {
        let not_before = at_most(KEPT, Instant::now());
        self.versions.get(place, not_before, self.list_versions()).await
    }

    async fn list_versions(&self) -> Result<Vec<Version>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request = self.client.describe_cache_engine_versions();
            let request = request.max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_CACHE_ENGINE_VERSIONS, request.send()).await?;
            let versions = page.cache_engine_versions.unwrap_or_default().into_iter();
            found.extend(versions.filter_map(|it| {
                Some(Version { engine: it.engine?, version: it.engine_version? })
            }));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}
