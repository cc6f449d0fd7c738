//! Versions of PostgreSQL that AWS offers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{ENGINE, Error, PAGE, Place, Rds};
use crate::aws::operations::rds as api;
use crate::listing::at_most;

/// AWS adds and ends versions every few weeks.
const KEPT: Duration = Duration::from_hours(1);

impl Rds {
    /// Versions that AWS offers in the region, as AWS orders them: the oldest first. Versions that have ended are not
    /// among them. Asked once an hour at most.
    pub async fn versions(&self, place: &Place) -> Result<Arc<Vec<String>>, Error> {
        let not_before = at_most(KEPT, Instant::now());
        self.versions.get(place, not_before, self.list_versions()).await
    }

    async fn list_versions(&self) -> Result<Vec<String>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request = self.client.describe_db_engine_versions().engine(ENGINE);
            let request = request.max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_DB_ENGINE_VERSIONS, request.send()).await?;
            let versions = page.db_engine_versions.unwrap_or_default().into_iter();
            found.extend(versions.filter_map(|version| version.engine_version));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}
