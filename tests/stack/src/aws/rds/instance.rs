//! The life of an instance: a pure state machine. Statuses:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html>

use std::time::Instant;

use super::setting::{self, PASSWORD, Values};
use crate::aws::controls::LifeCycle;
use crate::aws::phases::Phases;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

/// What the double does not know of an instance. One of which nothing is known is `available`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instance {
    phases: Phases,
    applying: Values,
    pending: Values,
    is_deleting: bool,
}

/// What is due by now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Apply(Values),
    Delete,
}

impl Instance {
    /// One that was just created.
    pub(crate) fn created(now: Instant, life: &LifeCycle, has_backups: bool) -> Self {
        let mut phases = vec![("creating", life.creating)];
        if has_backups {
            phases.push(("backing-up", life.backing_up));
        }
        Self { phases: Phases::start(now, &phases), ..Self::default() }
    }

    pub(crate) fn status(&self, now: Instant) -> &'static str {
        self.phases.status(now).unwrap_or(if self.is_deleting { "deleting" } else { "available" })
    }

    /// What the double must be told now; asked before each call.
    pub(crate) fn due(&mut self, now: Instant) -> Due {
        if !self.phases.is_over(now) {
            Due::Nothing
        } else if self.is_deleting {
            Due::Delete
        } else if self.applying.is_empty() {
            Due::Nothing
        } else {
            Due::Apply(std::mem::take(&mut self.applying))
        }
    }

    /// Takes a modification of an instance in this status, or refuses it.
    pub(crate) fn modify(
        &mut self,
        (current, status): (&Element, &str),
        query: &Query,
        (now, life): (Instant, &LifeCycle),
    ) -> Result<(), Refusal> {
        let changeable =
            ["available", "storage-full", "storage-optimization", "incompatible-parameters"];
        if !changeable.contains(&status) {
            return Err(invalid_state(current, status));
        }
        let change = setting::change(current, query)?;
        for name in change.kept {
            self.pending.remove(name);
        }
        self.pending.extend(change.deferred);
        self.applying.extend(change.prompt);
        if query.is_true("ApplyImmediately") {
            // Whatever waits is applied with it.
            self.applying.append(&mut self.pending);
        }
        self.begin_applying(now, life);
        Ok(())
    }

    /// The maintenance window has come.
    pub(crate) fn open_window(&mut self, now: Instant, life: &LifeCycle) {
        if !self.is_deleting && self.phases.is_over(now) {
            self.applying.append(&mut self.pending);
            self.begin_applying(now, life);
        }
    }

    fn begin_applying(&mut self, now: Instant, life: &LifeCycle) {
        let is_password = |name: &&str| *name == PASSWORD;
        let status = if self.applying.keys().all(is_password) {
            "resetting-master-credentials"
        } else {
            "modifying"
        };
        if !self.applying.is_empty() {
            self.phases = Phases::start(now, &[(status, life.modifying)]);
        }
    }

    /// Busy with something that changes nothing that can be read.
    pub(crate) fn begin(
        &mut self,
        (current, status): (&Element, &str),
        busy: &[(&'static str, std::time::Duration)],
        now: Instant,
    ) -> Result<(), Refusal> {
        if !["available", "storage-full", "storage-optimization"].contains(&status) {
            return Err(invalid_state(current, status));
        }
        self.phases = Phases::start(now, busy);
        Ok(())
    }

    /// Takes a deletion, or refuses it. Returns the name of the final snapshot.
    pub(crate) fn delete<'a>(
        &mut self,
        (current, status): (&Element, &str),
        query: &'a Query,
        (now, life): (Instant, &LifeCycle),
    ) -> Result<Option<&'a str>, Refusal> {
        let snapshot = query.get("FinalDBSnapshotIdentifier");
        match (query.is_true("SkipFinalSnapshot"), snapshot) {
            (false, None) => {
                return Err(Refusal::combination(
                    "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
                ));
            }
            (true, Some(_)) => {
                return Err(Refusal::combination(
                    "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is set.",
                ));
            }
            _ => {}
        }
        // A status that can be snapshotted: not one of a failure, nor one before there is anything.
        let is_whole =
            !status.starts_with("incompatible-") && !["failed", "creating"].contains(&status);
        if status == "deleting" || (snapshot.is_some() && !is_whole) {
            return Err(invalid_state(current, status));
        }
        if current.text_of("DeletionProtection") == "true" {
            return Err(Refusal::combination(
                "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            ));
        }
        self.is_deleting = true;
        self.phases = Phases::start(now, &[("deleting", life.deleting)]);
        Ok(snapshot)
    }

    /// Makes of what the double says what AWS would say.
    pub(crate) fn render(&self, status: &str, node: &mut Element) {
        node.set(Element::leaf("DBInstanceStatus", status));
        if status == "creating" {
            node.remove("Endpoint");
            node.remove("LatestRestorableTime");
        }
        let waiting = self.pending.iter().chain(&self.applying);
        node.set(setting::pending(waiting.map(|(name, value)| (*name, value.clone()))));
    }
}

fn invalid_state(current: &Element, status: &str) -> Refusal {
    let id = current.text_of("DBInstanceIdentifier");
    Refusal::new(400, "InvalidDBInstanceState", format!("Instance {id} is {status}."))
}
