//! What is typed well and still cannot be followed. Pure.

use proto::Defaults;

use crate::strategy::{StrategyError, looks_like_region, owner_of_arn};
use crate::version::is_sound;

use super::super::desired::{ENGINES, NODES};
use super::{Create, Strategy};

/// What AWS takes for one shard.
const NODE_COUNTS: std::ops::RangeInclusive<i32> = 1..=6;
const RETENTION_DAYS: std::ops::RangeInclusive<i32> = 0..=35;

impl Strategy {
    /// What is typed well and still cannot be followed.
    pub(super) fn check(&self, defaults: Defaults) -> Result<(), StrategyError> {
        let create = &self.create_strategy;
        let region = self.region.as_deref().unwrap_or("us-east-1");
        let is_secure = defaults == Defaults::Secure;
        let checks = [
            ("region", looks_like_region(region), "no AWS region"),
            (
                "createStrategy.AtRestEncryptionEnabled",
                create.at_rest_encryption_enabled != Some(false) || !is_secure,
                "new caches are encrypted under defaults: secure",
            ),
            (
                "deleteStrategy.RetainPrimaryCluster",
                self.delete_strategy.retain_primary_cluster != Some(true),
                "nobody would own the cluster that is left",
            ),
            (
                "auth",
                self.auth != Some(true) || self.wants_tls(defaults),
                "AWS has tokens only with createStrategy.TransitEncryptionEnabled",
            ),
        ];
        first_broken(checks.into_iter().chain(create.checks()))
    }
}

impl Create {
    fn checks(&self) -> [(&'static str, bool, &'static str); 9] {
        let is = |field: &Option<String>, only: &[&str]| {
            field.as_deref().is_none_or(|text| only.contains(&text))
        };
        let nodes = self.num_cache_clusters.unwrap_or(NODES);
        [
            (
                "createStrategy.Engine",
                is(&self.engine, &ENGINES),
                "only redis and valkey are served",
            ),
            (
                "createStrategy.EngineVersion",
                self.engine_version.as_deref().is_none_or(is_sound),
                "no version, such as 7.1",
            ),
            (
                "createStrategy.CacheNodeType",
                self.cache_node_type.as_deref().is_none_or(|it| it.starts_with("cache.")),
                "no node type, such as cache.t3.micro",
            ),
            (
                "createStrategy.NumCacheClusters",
                NODE_COUNTS.contains(&nodes),
                "one shard has 1 to 6 nodes",
            ),
            (
                "createStrategy.NumNodeGroups",
                self.num_node_groups.is_none_or(|groups| groups == 1),
                "groups have one shard: set NumCacheClusters",
            ),
            (
                "createStrategy.ClusterMode",
                is(&self.cluster_mode, &["disabled"]),
                "groups have one shard: applications need no client of cluster mode",
            ),
            (
                "createStrategy.AutomaticFailoverEnabled",
                self.automatic_failover_enabled != Some(true) || nodes > 1,
                "there is nothing to fail over to: set NumCacheClusters to 2 or more",
            ),
            (
                "createStrategy.SnapshotRetentionLimit",
                self.snapshot_retention_limit.is_none_or(|days| RETENTION_DAYS.contains(&days)),
                "snapshots are kept for 0 to 35 days",
            ),
            (
                "createStrategy.TransitEncryptionMode",
                is(&self.transit_encryption_mode, &["required"]),
                "connections without TLS would be taken",
            ),
        ]
    }

    /// A key must be the account's own: another's could read the data, or take it hostage.
    pub fn check_account(&self, account: &str) -> Result<(), StrategyError> {
        let owner = self.kms_key_id.as_deref().and_then(owner_of_arn);
        if owner.is_none_or(|owner| owner == account) {
            return Ok(());
        }
        let problem = format!("must be of the claim's own AWS account, {account}");
        Err(StrategyError { path: "createStrategy.KmsKeyId".to_owned(), problem })
    }
}

fn first_broken(
    mut checks: impl Iterator<Item = (&'static str, bool, &'static str)>,
) -> Result<(), StrategyError> {
    let broken = checks.find(|(_, is_sound, _)| !is_sound);
    broken.map_or(Ok(()), |(path, _, problem)| {
        Err(StrategyError { path: path.to_owned(), problem: problem.to_owned() })
    })
}
