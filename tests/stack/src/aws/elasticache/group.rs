//! The life of a replication group: a pure state machine.
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html>

use std::collections::BTreeMap;
use std::time::Instant;

use super::request::{checked_token, version};
use super::token;
use crate::aws::catalog;
use crate::aws::controls::{LifeCycle, Login};
use crate::aws::phases::Phases;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;

/// Values by the name of their parameter.
pub(super) type Values = BTreeMap<String, String>;

/// Values that wait for the window unless they are to be applied immediately.
pub(super) const DEFERRED: [&str; 9] = [
    "AuthToken",
    "AutomaticFailoverEnabled",
    "CacheNodeType",
    "CacheParameterGroupName",
    "Engine",
    "EngineVersion",
    "MultiAZEnabled",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
];
/// Values that are applied as soon as they are asked for.
pub(super) const PROMPT: [&str; 6] = [
    "AutoMinorVersionUpgrade",
    "PreferredMaintenanceWindow",
    "ReplicationGroupDescription",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "SnapshottingClusterId",
];

/// A replication group with one node group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) created: String,
    pub(super) values: Values,
    pub(super) security_groups: Vec<String>,
    pub(super) members: usize,
    pub(super) login: Option<Login>,
    pub(super) applying: Values,
    pub(super) pending: Values,
    pub(super) phases: Phases,
    pub(super) is_deleting: bool,
}

impl Group {
    pub(super) fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    pub(super) fn status(&self, now: Instant) -> &'static str {
        self.phases.status(now).unwrap_or(if self.is_deleting { "deleting" } else { "available" })
    }

    pub(super) fn is_gone(&self, now: Instant) -> bool {
        self.is_deleting && self.phases.is_over(now)
    }

    /// Applies what is due by now.
    pub(super) fn settle(&mut self, now: Instant) -> Result<(), Refusal> {
        if self.is_deleting || !self.phases.is_over(now) {
            return Ok(());
        }
        let mut applied = std::mem::take(&mut self.applying);
        let strategy = applied.remove("AuthTokenUpdateStrategy").unwrap_or_default();
        let token = applied.remove("AuthToken");
        if token.is_some() || strategy == "DELETE" {
            self.login = token::change(self.login.take(), &token.unwrap_or_default(), &strategy)?;
        }
        self.values.append(&mut applied);
        Ok(())
    }

    /// Takes a modification of a group in this status, or refuses it.
    pub(super) fn modify(
        &mut self,
        status: &str,
        query: &Query,
        (now, life): (Instant, &LifeCycle),
    ) -> Result<(), Refusal> {
        self.must_be_available(status)?;
        let (mut next, is_now) = (self.clone(), query.is_true("ApplyImmediately"));
        for name in PROMPT {
            if let Some(value) = query.get(name) {
                next.values.insert(name.to_owned(), value.to_owned());
            }
        }
        let groups = query.list("SecurityGroupIds");
        if !groups.is_empty() {
            next.security_groups = groups.into_iter().map(str::to_owned).collect();
        }
        let mut deferred = next.deferred(query, is_now)?;
        let mut wanted = next.clone();
        wanted.values.extend(deferred.clone());
        wanted.check()?;
        next.pending.append(&mut deferred);
        if is_now {
            next.applying.append(&mut next.pending);
        }
        next.begin_applying(now, life);
        *self = next;
        Ok(())
    }

    /// What waits; what is asked for as it is waits no longer.
    fn deferred(&mut self, query: &Query, is_now: bool) -> Result<Values, Refusal> {
        let mut deferred = Values::new();
        for name in DEFERRED {
            let Some(value) = query.get(name) else { continue };
            let value = match name {
                "EngineVersion" => self.newer(query.get("Engine"), value)?,
                "AuthToken" => checked_token(value, is_now)?,
                _ => value,
            };
            if value.eq_ignore_ascii_case(self.value(name)) {
                self.pending.remove(name);
            } else {
                deferred.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(strategy) = query.get("AuthTokenUpdateStrategy") {
            token::change(None, "", strategy)?;
            deferred.insert("AuthTokenUpdateStrategy".to_owned(), strategy.to_owned());
        }
        Ok(deferred)
    }

    fn newer(&self, engine: Option<&str>, wanted: &str) -> Result<&'static str, Refusal> {
        let wanted = version(engine.unwrap_or(self.value("Engine")), wanted)?;
        let now = self.value("EngineVersion");
        let is_other = engine.is_some_and(|engine| engine != self.value("Engine"));
        if !is_other && catalog::number(wanted) < catalog::number(now) {
            return Err(Refusal::combination(format!("Cannot go back from {now} to {wanted}.")));
        }
        Ok(wanted)
    }

    /// The maintenance window has come.
    pub(super) fn open_window(&mut self, now: Instant, life: &LifeCycle) {
        if self.status(now) == "available" {
            self.applying.append(&mut self.pending);
            self.begin_applying(now, life);
        }
    }

    fn begin_applying(&mut self, now: Instant, life: &LifeCycle) {
        if !self.applying.is_empty() {
            self.phases = Phases::start(now, &[("modifying", life.modifying)]);
        }
    }

    /// Another number of replicas.
    pub(super) fn resize(
        &mut self,
        status: &str,
        members: usize,
        (now, life): (Instant, &LifeCycle),
    ) -> Result<(), Refusal> {
        self.must_be_available(status)?;
        let next = Self { members, ..self.clone() };
        next.check()?;
        *self = next;
        self.phases = Phases::start(now, &[("modifying", life.modifying)]);
        Ok(())
    }

    /// Busy with a snapshot or a service update.
    pub(super) fn begin(&mut self, status: &str, phases: Phases) -> Result<(), Refusal> {
        self.must_be_available(status)?;
        self.phases = phases;
        Ok(())
    }

    /// Takes a deletion, or refuses it.
    pub(super) fn delete(
        &mut self,
        status: &str,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<(), Refusal> {
        if status != "create-failed" {
            self.must_be_available(status)?;
        }
        self.is_deleting = true;
        self.phases = Phases::start(now, &[("deleting", life.deleting)]);
        Ok(())
    }

    pub(super) fn must_be_available(&self, status: &str) -> Result<(), Refusal> {
        if status == "available" {
            return Ok(());
        }
        let message = format!("Replication group {} is {status}.", self.id);
        Err(Refusal::new(400, "InvalidReplicationGroupState", message))
    }

    /// Its cache clusters.
    pub(super) fn clusters(&self) -> impl Iterator<Item = String> + '_ {
        (1..=self.members).map(|number| format!("{}-{number:03}", self.id))
    }
}
