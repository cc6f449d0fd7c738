//! Which instance is meant, and what it shall be: from the item, its strategy and where it lives. Pure.

use proto::{Placement, WorkItem};

use crate::aws::rds::{NewInstance, Setting};
use crate::change::Permission;
use crate::error::Error;
use crate::naming::external_name;
use crate::network::reference::Reference;
use crate::place::Place;
use crate::tags::{self, Owner, Tags};

use super::strategy::{Create, LostPassword, Strategy};

const CLASS: &str = "db.t3.small";
const GIGABYTES: i32 = 20;
const MAX_GIGABYTES: i32 = 100;
const BACKUP_DAYS: i32 = 31;
const PORT: i32 = 5432;
/// Name of the first database and of the master user, as the Go operator named them.
pub const POSTGRES: &str = "postgres";

/// Which instance is meant. Deletion needs no more, so nothing here can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its identifier.
    pub id: String,
    /// Where it lives.
    pub place: Place,
    /// Whose it is.
    pub owner: Owner,
}

/// What an instance shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Which.
    pub target: Target,
    /// What marks it as ours.
    pub tags: Tags,
    /// What it shall have, but the version of its engine.
    pub settings: Vec<Setting>,
    /// The version that a strategy or claim names.
    pub version: Option<String>,
    /// What the strategy says in so many words.
    pub named: Create,
    /// Planned maintenance is done that AWS would do by itself after an earlier moment, in seconds since the epoch.
    pub updates_before: Option<i64>,
    /// What becomes of it when nobody knows its password.
    pub lost_password: LostPassword,
    /// What allows a change.
    pub permission: Permission,
    /// What of the strategy is not followed, and what else stands in the way: for people.
    pub notes: Vec<String>,
}

impl Target {
    /// The pinned name, or the one that follows from the claim.
    pub fn new(item: &WorkItem, placement: &Placement, place: Place) -> Self {
        let name = || external_name(&item.cluster.id, &item.identity);
        let id = placement.identifier.clone().unwrap_or_else(name);
        Self { id, place, owner: Owner::of(item) }
    }
}

impl Desired {
    /// Fails for what would be somebody else's, or AWS would refuse.
    pub fn new(target: Target, item: &WorkItem, strategy: &Strategy) -> Result<Self, Error> {
        let create = &strategy.create_strategy;
        create.check_account(&target.place.account)?;
        let claims = Some(item.options.engine_version.clone()).filter(|it| !it.is_empty());
        let (region, elsewhere) = (&target.place.region, strategy.region.as_deref());
        let elsewhere = elsewhere.filter(|named| named != region);
        let note = elsewhere.map(|named| {
            format!("the strategy's region is {named}, and the claim stays in {region}")
        });
        Ok(Self {
            notes: note.into_iter().collect(),
            target,
            tags: tags::desired(item)?,
            settings: settings(create),
            version: claims.or_else(|| create.engine_version.clone()),
            named: create.clone(),
            updates_before: strategy.updates_before(),
            lost_password: strategy.lost_password,
            permission: Permission::new(&item.options, item.cluster.defaults),
        })
    }

    /// How it is made in a network.
    pub fn new_instance(&self, version: String, network: &Reference) -> NewInstance {
        let mut settings = self.settings.clone();
        settings.push(Setting::EngineVersion(version));
        let has_standby = settings.contains(&Setting::MultiAz(true));
        NewInstance {
            id: self.target.id.clone(),
            settings,
            database: self.database().to_owned(),
            username: self.username().to_owned(),
            is_encrypted: self.named.storage_encrypted.unwrap_or(true),
            kms_key: self.named.kms_key_id.clone(),
            zone: self.named.availability_zone.clone().filter(|_| !has_standby),
            subnet_group: network.subnet_group.clone(),
            security_groups: network.security_groups.clone(),
            tags: self.tags.clone(),
        }
    }

    /// Name of the first database of a new instance.
    pub fn database(&self) -> &str {
        self.named.database.as_deref().unwrap_or(POSTGRES)
    }

    /// Name of the master user of a new instance.
    pub fn username(&self) -> &str {
        self.named.master_username.as_deref().unwrap_or(POSTGRES)
    }
}

/// What the strategy names, and the defaults for the rest.
fn settings(create: &Create) -> Vec<Setting> {
    let storage = create.allocated_storage.unwrap_or(GIGABYTES);
    // AWS wants more room than there is already, or no growth at all.
    let room = create.max_allocated_storage.or((storage < MAX_GIGABYTES).then_some(MAX_GIGABYTES));
    let always = [
        Setting::Class(create.class.clone().unwrap_or_else(|| CLASS.to_owned())),
        Setting::AllocatedStorage(storage),
        Setting::MultiAz(create.multi_az.unwrap_or(true)),
        Setting::BackupRetention(create.backup_retention_period.unwrap_or(BACKUP_DAYS)),
        Setting::DeletionProtection(create.deletion_protection.unwrap_or(true)),
        Setting::PubliclyAccessible(false),
        Setting::Port(create.port.unwrap_or(PORT)),
        Setting::AutoMinorVersionUpgrade(create.auto_minor_version_upgrade.unwrap_or(false)),
        Setting::CopyTagsToSnapshot(create.copy_tags_to_snapshot.unwrap_or(true)),
    ];
    let named = [
        room.map(Setting::MaxAllocatedStorage),
        create.storage_type.clone().map(Setting::StorageType),
        create.iops.map(Setting::Iops),
        create.storage_throughput.map(Setting::StorageThroughput),
        create.preferred_backup_window.clone().map(Setting::BackupWindow),
        create.preferred_maintenance_window.clone().map(Setting::MaintenanceWindow),
        create.ca_certificate.clone().map(Setting::CaCertificate),
        create.parameter_group.clone().map(Setting::ParameterGroup),
        create.iam_authentication.map(Setting::IamAuthentication),
        create.enable_performance_insights.map(Setting::PerformanceInsights),
        create.monitoring_interval.map(Setting::MonitoringInterval),
        create.monitoring_role_arn.clone().map(Setting::MonitoringRole),
    ];
    always.into_iter().chain(named.into_iter().flatten()).collect()
}

#[cfg(test)]
mod tests;
