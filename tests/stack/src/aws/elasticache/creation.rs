//! The creation of a group.

use std::time::Instant;

use super::group::{DEFERRED, Group, PROMPT, Values};
use super::request::{first_login, identifier, members, version};
use crate::aws::controls::LifeCycle;
use crate::aws::phases::Phases;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;

/// Values that are fixed when a group is made.
const FIXED: [&str; 7] = [
    "AtRestEncryptionEnabled",
    "CacheSubnetGroupName",
    "IpDiscovery",
    "KmsKeyId",
    "NetworkType",
    "Port",
    "SnapshotName",
];

impl Group {
    /// Takes the creation of a group that has no namesake, or refuses it.
    pub(super) fn create(
        query: &Query,
        created: String,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<Self, Refusal> {
        let mut values = Values::new();
        for name in DEFERRED.iter().chain(&PROMPT).chain(&FIXED) {
            if let Some(value) = query.get(name) {
                values.insert((*name).to_owned(), value.to_owned());
            }
        }
        values.remove("AuthToken");
        let engine = query.get("Engine").unwrap_or("redis").to_owned();
        let version = version(&engine, query.get("EngineVersion").unwrap_or_default())?;
        values.insert("EngineVersion".to_owned(), version.to_owned());
        values.insert("Engine".to_owned(), engine);
        let group = Self {
            id: identifier(query)?,
            created,
            values,
            security_groups: query
                .list("SecurityGroupIds")
                .into_iter()
                .map(str::to_owned)
                .collect(),
            members: members(query)?,
            login: first_login(query)?,
            applying: Values::new(),
            pending: Values::new(),
            phases: Phases::start(now, &[("creating", life.creating)]),
            is_deleting: false,
        };
        group.check()?;
        Ok(group)
    }

    /// What AWS combines and what not.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let is_on = |name| self.value(name).eq_ignore_ascii_case("true");
        if self.value("ReplicationGroupDescription").is_empty() {
            return Err(Refusal::value(
                "The parameter ReplicationGroupDescription must be provided.",
            ));
        }
        if is_on("AutomaticFailoverEnabled") && self.members < 2 {
            return Err(Refusal::combination("Automatic failover needs at least one replica."));
        }
        if is_on("MultiAZEnabled") && !is_on("AutomaticFailoverEnabled") {
            return Err(Refusal::combination("Multi-AZ needs automatic failover."));
        }
        if self.login.is_some() && !is_on("TransitEncryptionEnabled") {
            return Err(Refusal::combination("An AUTH token needs encryption in transit."));
        }
        Ok(())
    }
}
