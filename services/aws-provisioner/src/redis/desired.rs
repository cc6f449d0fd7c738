//! Which replication group is meant, and what it shall be: from the item, its strategy and where it lives. Pure.

use proto::{Defaults, Placement, WorkItem};

use crate::aws::elasticache::{NewGroup, Setting};
use crate::change::Permission;
use crate::error::Error;
use crate::naming::short_name;
use crate::network::reference::Reference;
use crate::place::Place;
use crate::tags::{self, Owner, Tags};

use super::problem::Problem;
use super::strategy::{Create, LostPassword, Strategy};
use super::version;

/// Engines that are served; the first is the usual one.
pub const ENGINES: [&str; 2] = ["redis", "valkey"];
/// A primary and a replica.
pub const NODES: i32 = 2;
const NODE_TYPE: &str = "cache.t3.micro";
const SNAPSHOT_DAYS: i32 = 31;
const DESCRIPTION: &str = "A Redis replication group";

/// Which replication group is meant. Deletion needs no more, so nothing here can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its identifier.
    pub id: String,
    /// Where it lives.
    pub place: Place,
    /// Whose it is.
    pub owner: Owner,
}

/// What a replication group shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Which.
    pub target: Target,
    /// What marks it as ours.
    pub tags: Tags,
    /// What it shall have, but the version of its engine.
    pub settings: Vec<Setting>,
    /// The engine that a strategy or claim names.
    pub engine: Option<String>,
    /// The version that a strategy or claim names.
    pub version: Option<String>,
    /// What the strategy says in so many words.
    pub named: Create,
    /// Whether a new group speaks TLS.
    pub has_tls: bool,
    /// Whether applications of a new group must know a token.
    pub has_auth: bool,
    /// What the strategy says of that in so many words.
    pub named_auth: Option<bool>,
    /// Names of service updates that are applied.
    pub updates: Vec<String>,
    /// What becomes of it when nobody knows its token.
    pub lost_password: LostPassword,
    /// What allows a change.
    pub permission: Permission,
    /// What of the strategy is not followed, and what else stands in the way: for people.
    pub notes: Vec<String>,
}

impl Target {
    /// The pinned name, or the one that follows from the claim.
    pub fn new(item: &WorkItem, placement: &Placement, place: Place) -> Self {
        let name = || short_name(&item.cluster.id, &item.identity);
        let id = placement.identifier.clone().unwrap_or_else(name);
        Self { id, place, owner: Owner::of(item) }
    }

    /// Its ARN, where AWS does not tell it.
    pub fn arn(&self) -> String {
        let Place { account, partition, region } = &self.place;
        format!("arn:{partition}:elasticache:{region}:{account}:replicationgroup:{}", self.id)
    }
}

impl Desired {
    /// Fails for what would be somebody else's, or AWS would refuse.
    pub fn new(target: Target, item: &WorkItem, strategy: &Strategy) -> Result<Self, Error> {
        let (create, defaults) = (&strategy.create_strategy, item.cluster.defaults);
        create.check_account(&target.place.account)?;
        let claims = |wish: &String| Some(wish.clone()).filter(|it| !it.is_empty());
        let engine = claims(&item.options.engine).or_else(|| create.engine.clone());
        if let Some(unknown) = engine.as_deref().filter(|it| !ENGINES.contains(it)) {
            return Err(Problem::UnknownEngine(unknown.to_owned()).into());
        }
        // A strategy's version is one of its own engine.
        let is_strategys = engine.as_deref().unwrap_or(ENGINES[0])
            == create.engine.as_deref().unwrap_or(ENGINES[0]);
        let version_of_strategy = || create.engine_version.clone().filter(|_| is_strategys);
        let size = claims(&item.options.size);
        if let Some(odd) = size.as_deref().filter(|size| !size.starts_with("cache.")) {
            return Err(Problem::UnknownSize(odd.to_owned()).into());
        }
        Ok(Self {
            notes: elsewhere(&target, strategy).into_iter().collect(),
            tags: tags::desired(item)?,
            settings: settings(create, size),
            engine,
            version: claims(&item.options.engine_version).or_else(version_of_strategy),
            named: create.clone(),
            has_tls: strategy.wants_tls(defaults),
            has_auth: strategy.wants_auth(defaults),
            named_auth: strategy.auth,
            updates: strategy.service_updates.clone(),
            lost_password: strategy.lost_password,
            permission: Permission::new(&item.options, defaults),
            target,
        })
    }

    /// The engine of a new group.
    pub fn new_engine(&self) -> &str {
        self.engine.as_deref().unwrap_or(ENGINES[0])
    }

    /// How it is made in a network.
    pub fn new_group(&self, version: String, network: &Reference) -> NewGroup {
        let mut settings = self.settings.clone();
        settings.push(Setting::EngineVersion(version));
        // AWS would upgrade it by itself.
        if self.named.auto_minor_version_upgrade.is_none()
            && self.permission.defaults == Defaults::Secure
        {
            settings.push(Setting::AutoMinorVersionUpgrade(false));
        }
        let description = self.named.replication_group_description.clone();
        NewGroup {
            id: self.target.id.clone(),
            description: description.unwrap_or_else(|| DESCRIPTION.to_owned()),
            engine: self.new_engine().to_owned(),
            settings,
            nodes: self.named.num_cache_clusters.unwrap_or(NODES),
            is_encrypted_at_rest: self.named.at_rest_encryption_enabled.unwrap_or(true),
            kms_key: self.named.kms_key_id.clone(),
            has_tls: self.has_tls,
            port: self.named.port,
            zones: self.named.zones.clone(),
            has_data_tiering: self.named.data_tiering_enabled,
            subnet_group: network.subnet_group.clone(),
            security_groups: network.security_groups.clone(),
            tags: self.tags.clone(),
        }
    }

    /// Whether members must be looked at, whatever the group shows.
    pub fn names_what_members_have(&self) -> bool {
        let of_members =
            |it: &Setting| matches!(it, Setting::MaintenanceWindow(_) | Setting::ParameterGroup(_));
        self.version.is_some() || !self.updates.is_empty() || self.settings.iter().any(of_members)
    }
}

fn elsewhere(target: &Target, strategy: &Strategy) -> Option<String> {
    let region = &target.place.region;
    let named = strategy.region.as_deref().filter(|named| named != region)?;
    Some(format!("the strategy's region is {named}, and the claim stays in {region}"))
}

/// What the strategy names, and the defaults for the rest. The claim's size wins.
fn settings(create: &Create, size: Option<String>) -> Vec<Setting> {
    let node_type = size.or_else(|| create.cache_node_type.clone());
    let has_replica = create.num_cache_clusters.unwrap_or(NODES) > 1;
    let always = [
        Setting::NodeType(node_type.unwrap_or_else(|| NODE_TYPE.to_owned())),
        Setting::SnapshotRetention(create.snapshot_retention_limit.unwrap_or(SNAPSHOT_DAYS)),
        Setting::AutomaticFailover(create.automatic_failover_enabled.unwrap_or(has_replica)),
    ];
    let named = [
        create.multi_az_enabled.map(Setting::MultiAz),
        create.snapshot_window.clone().map(Setting::SnapshotWindow),
        create.preferred_maintenance_window.clone().map(Setting::MaintenanceWindow),
        create.cache_parameter_group_name.clone().map(Setting::ParameterGroup),
        create.auto_minor_version_upgrade.map(Setting::AutoMinorVersionUpgrade),
    ];
    always.into_iter().chain(named.into_iter().flatten()).collect()
}

/// The version of a new group.
pub fn version_of_new(
    desired: &Desired,
    offered: Option<&[crate::aws::elasticache::Version]>,
) -> Result<String, Problem> {
    let region = &desired.target.place.region;
    version::of_new(desired.new_engine(), desired.version.as_deref(), offered, region)
}

#[cfg(test)]
mod tests;
