//! An instance as AWS describes it, read into plain values. Every field of AWS is optional, and may be missing.

use aws_sdk_rds::types::{DbInstance, PendingModifiedValues, Tag};

use super::setting::Setting;
use crate::tags::Tags;

/// An instance that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// Its identifier, in lower case.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The text of the API, such as `available`.
    pub status: String,
    /// Where it answers; unset while it is being made.
    pub endpoint: Option<Endpoint>,
    /// Name of the master user.
    pub username: Option<String>,
    /// Name of the first database.
    pub database: Option<String>,
    /// What it has.
    pub settings: Vec<Setting>,
    /// What AWS has accepted and not applied yet.
    pub pending: Vec<Setting>,
    /// Whether its storage is encrypted.
    pub is_encrypted: bool,
    /// ARN of the key of that encryption.
    pub kms_key: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// Where an instance answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// A name of DNS.
    pub host: String,
    /// TCP port.
    pub port: i32,
}

impl Instance {
    /// `None` for an answer without an identifier, which nothing can be done with.
    pub(super) fn read(found: DbInstance) -> Option<Self> {
        let endpoint = found.endpoint.as_ref().and_then(|endpoint| {
            Some(Endpoint { host: endpoint.address.clone()?, port: endpoint.port? })
        });
        Some(Self {
            id: found.db_instance_identifier.clone()?.to_ascii_lowercase(),
            arn: found.db_instance_arn.clone().unwrap_or_default(),
            status: found.db_instance_status.clone().unwrap_or_default(),
            username: found.master_username.clone(),
            database: found.db_name.clone().filter(|name| !name.is_empty()),
            settings: settings(&found, endpoint.as_ref()),
            pending: found.pending_modified_values.as_ref().map(pending).unwrap_or_default(),
            is_encrypted: found.storage_encrypted == Some(true),
            kms_key: found.kms_key_id,
            tags: tags(found.tag_list.unwrap_or_default()),
            endpoint,
        })
    }

    /// Its value of the field of `like`.
    pub fn setting(&self, like: &Setting) -> Option<&Setting> {
        self.settings.iter().find(|it| it.field() == like.field())
    }

    /// Gigabytes that it has, or is being given.
    pub fn storage(&self) -> Option<i32> {
        let all = self.settings.iter().chain(&self.pending);
        all.filter_map(|it| match it {
            Setting::AllocatedStorage(size) => Some(*size),
            _ => None,
        })
        .max()
    }
}

fn settings(found: &DbInstance, endpoint: Option<&Endpoint>) -> Vec<Setting> {
    let groups = found.db_parameter_groups.as_ref();
    let group = groups.and_then(|groups| groups.first()?.db_parameter_group_name.clone());
    [
        found.db_instance_class.clone().map(Setting::Class),
        found.engine_version.clone().map(Setting::EngineVersion),
        found.allocated_storage.map(Setting::AllocatedStorage),
        found.max_allocated_storage.map(Setting::MaxAllocatedStorage),
        found.storage_type.clone().map(Setting::StorageType),
        found.iops.map(Setting::Iops),
        found.storage_throughput.map(Setting::StorageThroughput),
        found.multi_az.map(Setting::MultiAz),
        found.backup_retention_period.map(Setting::BackupRetention),
        found.preferred_backup_window.clone().map(Setting::BackupWindow),
        found.preferred_maintenance_window.clone().map(Setting::MaintenanceWindow),
        found.deletion_protection.map(Setting::DeletionProtection),
        found.publicly_accessible.map(Setting::PubliclyAccessible),
        endpoint.map(|endpoint| Setting::Port(endpoint.port)),
        found.auto_minor_version_upgrade.map(Setting::AutoMinorVersionUpgrade),
        found.copy_tags_to_snapshot.map(Setting::CopyTagsToSnapshot),
        found.ca_certificate_identifier.clone().map(Setting::CaCertificate),
        group.map(Setting::ParameterGroup),
        found.iam_database_authentication_enabled.map(Setting::IamAuthentication),
        found.performance_insights_enabled.map(Setting::PerformanceInsights),
        found.monitoring_interval.map(Setting::MonitoringInterval),
        found.monitoring_role_arn.clone().map(Setting::MonitoringRole),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pending(pending: &PendingModifiedValues) -> Vec<Setting> {
    [
        pending.db_instance_class.clone().map(Setting::Class),
        pending.engine_version.clone().map(Setting::EngineVersion),
        pending.allocated_storage.map(Setting::AllocatedStorage),
        pending.storage_type.clone().map(Setting::StorageType),
        pending.iops.map(Setting::Iops),
        pending.storage_throughput.map(Setting::StorageThroughput),
        pending.multi_az.map(Setting::MultiAz),
        pending.backup_retention_period.map(Setting::BackupRetention),
        pending.port.map(Setting::Port),
        pending.ca_certificate_identifier.clone().map(Setting::CaCertificate),
        pending.iam_database_authentication_enabled.map(Setting::IamAuthentication),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn tags(tags: Vec<Tag>) -> Tags {
    tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

pub(super) fn built(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w21_an_instance_of_which_aws_tells_almost_nothing_is_read_all_the_same() {
        let bare = DbInstance::builder().db_instance_identifier("CRO-A").build();
        let instance = Instance::read(bare).unwrap();
        assert_eq!(instance, Instance { id: "cro-a".into(), ..Instance::default() });
        assert_eq!(Instance::read(DbInstance::builder().build()), None);
        let half = aws_sdk_rds::types::Endpoint::builder().port(5432).build();
        let half = DbInstance::builder().db_instance_identifier("a").endpoint(half).build();
        assert_eq!(Instance::read(half).unwrap().endpoint, None);
    }

    #[test]
    fn storage_that_is_being_added_counts() {
        let instance = Instance {
            settings: vec![Setting::AllocatedStorage(20)],
            pending: vec![Setting::AllocatedStorage(40)],
            ..Instance::default()
        };
        assert_eq!(instance.storage(), Some(40));
        assert_eq!(Instance::default().storage(), None);
    }
}
