//! Members of replication groups: AWS tells of them what it does not tell of the group, such as the engine's version.

use std::sync::Arc;

use aws_sdk_elasticache::types::CacheCluster;
use tokio::time::Instant;

use super::{ElastiCache, Error, PAGE, Place, Setting};
use crate::aws::operations::elasticache as api;

/// One node of a replication group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its own identifier.
    pub id: String,
    /// Identifier of its group, in lower case.
    pub group: String,
    /// What it has.
    pub settings: Vec<Setting>,
    /// What AWS has accepted and not applied yet.
    pub pending: Vec<Setting>,
}

impl ElastiCache {
    /// Members of all replication groups of the region, from one listing that was asked for at `not_before` or later.
    pub async fn members(
        &self,
        place: &Place,
        not_before: Instant,
    ) -> Result<Arc<Vec<Member>>, Error> {
        self.members.get(place, not_before, self.list_members()).await
    }

    async fn list_members(&self) -> Result<Vec<Member>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request =
                self.client.describe_cache_clusters().max_records(PAGE).set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_CACHE_CLUSTERS, request.send()).await?;
            let clusters = page.cache_clusters.unwrap_or_default();
            found.extend(clusters.into_iter().filter_map(Member::read));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}

impl Member {
    /// `None` for a cluster of its own.
    fn read(found: CacheCluster) -> Option<Self> {
        let group = found.cache_parameter_group.and_then(|it| it.cache_parameter_group_name);
        let settings = [
            found.engine_version.map(Setting::EngineVersion),
            found.preferred_maintenance_window.map(Setting::MaintenanceWindow),
            group.map(Setting::ParameterGroup),
        ];
        let pending = found.pending_modified_values.map(|pending| {
            [
                pending.engine_version.map(Setting::EngineVersion),
                pending.cache_node_type.map(Setting::NodeType),
            ]
        });
        Some(Self {
            id: found.cache_cluster_id.unwrap_or_default(),
            group: found.replication_group_id?.to_ascii_lowercase(),
            settings: settings.into_iter().flatten().collect(),
            pending: pending.into_iter().flatten().flatten().collect(),
        })
    }
}
