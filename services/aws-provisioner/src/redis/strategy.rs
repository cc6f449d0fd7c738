//! What a strategy may say about a cache: the Go operator's JSON, which is that of the AWS API.

mod check;
mod fields;

use proto::{Defaults, Strategy as Tier};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::strategy::{Described, Read, StrategyError, describe, read};

/// One tier for caches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Strategy {
    /// Region of new groups.
    pub region: Option<String>,
    /// How a group is made, and what it shall be afterwards.
    pub create_strategy: Create,
    /// How a group is deleted.
    pub delete_strategy: Delete,
    /// Names of service updates that are applied.
    pub service_updates: Vec<String>,
    /// Whether applications must know a token; unset: with TLS under `defaults: secure`.
    pub auth: Option<bool>,
    /// What becomes of a group whose token nobody knows any more.
    pub lost_password: LostPassword,
}

/// What becomes of a group whose token nobody knows any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LostPassword {
    /// A person decides: applications may still know it.
    #[default]
    NeedsPerson,
    /// It gets a new one.
    Reset,
}

/// Fields of `CreateReplicationGroup`
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Create {
    /// `redis` or `valkey`.
    pub engine: Option<String>,
    /// `7.1`, or `7` for the newest of that major version.
    pub engine_version: Option<String>,
    /// Such as `cache.t3.micro`.
    pub cache_node_type: Option<String>,
    /// The primary and its replicas.
    pub num_cache_clusters: Option<i32>,
    /// Only 1.
    pub num_node_groups: Option<i32>,
    /// Only `disabled`.
    pub cluster_mode: Option<String>,
    /// A replica takes over when the primary fails.
    pub automatic_failover_enabled: Option<bool>,
    /// Nodes in several zones.
    #[serde(rename = "MultiAZEnabled")]
    pub multi_az_enabled: Option<bool>,
    /// Zones of the nodes.
    #[serde(rename = "PreferredCacheClusterAZs")]
    pub zones: Vec<String>,
    /// Name of the cache parameter group.
    pub cache_parameter_group_name: Option<String>,
    /// `ddd:hh:mm-ddd:hh:mm`, UTC.
    pub preferred_maintenance_window: Option<String>,
    /// Days.
    pub snapshot_retention_limit: Option<i32>,
    /// `hh:mm-hh:mm`, UTC.
    pub snapshot_window: Option<String>,
    /// TCP port.
    pub port: Option<i32>,
    /// Under `defaults: secure` only true.
    pub at_rest_encryption_enabled: Option<bool>,
    /// TLS.
    pub transit_encryption_enabled: Option<bool>,
    /// Only `required`.
    pub transit_encryption_mode: Option<String>,
    /// A key of the same account.
    pub kms_key_id: Option<String>,
    /// AWS upgrades minor versions by itself.
    pub auto_minor_version_upgrade: Option<bool>,
    /// Rarely used data moves to disks.
    pub data_tiering_enabled: Option<bool>,
    /// For people.
    pub replication_group_description: Option<String>,
}

/// Fields of `DeleteReplicationGroup`
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Delete {
    /// Name of the final snapshot; the empty text: none, and the data is lost.
    pub final_snapshot_identifier: Option<String>,
    /// Only false.
    pub retain_primary_cluster: Option<bool>,
}

impl Strategy {
    /// What a tier may say, for the reference.
    pub(crate) fn describe() -> Vec<Described> {
        describe::<Self>(fields::TIER)
    }

    /// Reads a tier; an empty text is an empty object.
    pub fn read(tier: &Tier, defaults: Defaults) -> Result<Read<Self>, StrategyError> {
        let json = if tier.json.trim().is_empty() { "{}" } else { &tier.json };
        let read = read::<Self>(json, fields::TIER)?;
        read.strategy.check(defaults)?;
        Ok(read)
    }

    /// Whether a new group speaks TLS.
    pub fn wants_tls(&self, defaults: Defaults) -> bool {
        let named = self.create_strategy.transit_encryption_enabled;
        named.unwrap_or(defaults == Defaults::Secure)
    }

    /// Whether applications of a new group must know a token. AWS has that with TLS only.
    pub fn wants_auth(&self, defaults: Defaults) -> bool {
        let has_tls = self.wants_tls(defaults);
        has_tls && self.auth.unwrap_or(defaults == Defaults::Secure)
    }
}

#[cfg(test)]
mod tests;
