//! What a strategy may say about a database: the Go operator's JSON, which is that of the AWS API.

mod check;
mod fields;

use proto::{Defaults, Strategy as Tier};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::strategy::{Described, Read, StrategyError, describe, read};

/// One tier for databases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Strategy {
    /// Region of new instances.
    pub region: Option<String>,
    /// How an instance is made, and what it shall be afterwards.
    pub create_strategy: Create,
    /// How an instance is deleted.
    pub delete_strategy: Delete,
    /// Moments in seconds since the Unix epoch: what AWS would do by itself after an earlier moment is done before.
    pub service_updates: Vec<String>,
    /// What becomes of an instance whose password nobody knows any more.
    pub lost_password: LostPassword,
}

/// What becomes of an instance whose password nobody knows any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LostPassword {
    /// A person decides: applications may still know it.
    #[default]
    NeedsPerson,
    /// It gets a new one.
    Reset,
}

/// Fields of `CreateDBInstance`
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Create {
    /// Only `postgres`.
    pub engine: Option<String>,
    /// `15.15`, or `15` for AWS's default of that major version.
    pub engine_version: Option<String>,
    /// Such as `db.t3.small`.
    #[serde(rename = "DBInstanceClass")]
    pub class: Option<String>,
    /// Gigabytes.
    pub allocated_storage: Option<i32>,
    /// Gigabytes.
    pub max_allocated_storage: Option<i32>,
    /// Such as `gp3`.
    pub storage_type: Option<String>,
    /// Operations per second.
    pub iops: Option<i32>,
    /// MiB per second.
    pub storage_throughput: Option<i32>,
    /// With a standby in another zone.
    #[serde(rename = "MultiAZ")]
    pub multi_az: Option<bool>,
    /// The one zone, without a standby.
    pub availability_zone: Option<String>,
    /// Days.
    pub backup_retention_period: Option<i32>,
    /// `hh:mm-hh:mm`, UTC.
    pub preferred_backup_window: Option<String>,
    /// `ddd:hh:mm-ddd:hh:mm`, UTC.
    pub preferred_maintenance_window: Option<String>,
    /// AWS refuses its deletion.
    pub deletion_protection: Option<bool>,
    /// Only false.
    pub publicly_accessible: Option<bool>,
    /// Under `defaults: secure` only true.
    pub storage_encrypted: Option<bool>,
    /// A key of the same account.
    pub kms_key_id: Option<String>,
    /// TCP port.
    pub port: Option<i32>,
    /// Name of the first database.
    #[serde(rename = "DBName")]
    pub database: Option<String>,
    /// Name of the master user.
    pub master_username: Option<String>,
    /// Only false.
    pub manage_master_user_password: Option<bool>,
    /// AWS upgrades minor versions by itself.
    pub auto_minor_version_upgrade: Option<bool>,
    /// Snapshots get its tags.
    pub copy_tags_to_snapshot: Option<bool>,
    /// Name of the certificate authority.
    #[serde(rename = "CACertificateIdentifier")]
    pub ca_certificate: Option<String>,
    /// Name of the parameter group.
    #[serde(rename = "DBParameterGroupName")]
    pub parameter_group: Option<String>,
    /// Users of IAM may log in.
    #[serde(rename = "EnableIAMDatabaseAuthentication")]
    pub iam_authentication: Option<bool>,
    /// Performance Insights.
    pub enable_performance_insights: Option<bool>,
    /// Seconds.
    pub monitoring_interval: Option<i32>,
    /// A role of the same account.
    pub monitoring_role_arn: Option<String>,
}

/// Fields of `DeleteDBInstance`
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Delete {
    /// The data is lost.
    pub skip_final_snapshot: Option<bool>,
    /// Name of the final snapshot.
    #[serde(rename = "FinalDBSnapshotIdentifier")]
    pub final_snapshot: Option<String>,
    /// Automated backups go too; the default.
    pub delete_automated_backups: Option<bool>,
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

    /// The newest of the moments, if any is named.
    pub fn updates_before(&self) -> Option<i64> {
        self.service_updates.iter().filter_map(|text| text.trim().parse().ok()).max()
    }
}

#[cfg(test)]
mod tests;
