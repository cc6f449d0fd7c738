//! What a test has asked of its account.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::kinds::Kind;

/// How long AWS takes. All zero at first: a creation answers `creating`, and the next call sees `available`.
/// [`Duration::MAX`] never ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LifeCycle {
    /// `creating`, of an instance or a replication group.
    pub creating: Duration,
    /// `backing-up`: an instance's first backup, and a snapshot.
    pub backing_up: Duration,
    /// `modifying`, `rebooting`, and maintenance.
    pub modifying: Duration,
    /// `deleting`.
    pub deleting: Duration,
    /// `initiating-request`, `provisioning` and `deleting` of a peering.
    pub peering: Duration,
}

impl LifeCycle {
    /// The same delay for everything.
    pub fn each(delay: Duration) -> Self {
        Self {
            creating: delay,
            backing_up: delay,
            modifying: delay,
            deleting: delay,
            peering: delay,
        }
    }
}

/// Maintenance that AWS has planned for an instance of RDS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// Whose it is.
    pub instance: String,
    /// `system-update`, `db-upgrade`, `hardware-maintenance`, `ca-certificate-rotation`.
    pub action: String,
    /// What AWS says about it.
    pub description: String,
    /// RFC 3339; AWS does it in the first window after.
    pub auto_applied_after: Option<String>,
    /// RFC 3339; AWS does it whatever the window.
    pub forced: Option<String>,
    /// `next-maintenance` once somebody has chosen that.
    pub(crate) opt_in: Option<String>,
}

impl Maintenance {
    /// Maintenance that waits until somebody asks for it.
    pub fn new(instance: &str, action: &str) -> Self {
        Self {
            instance: instance.to_lowercase(),
            action: action.to_owned(),
            description: "planned".to_owned(),
            auto_applied_after: None,
            forced: None,
            opt_in: None,
        }
    }
}

/// A service update that ElastiCache has for a replication group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Whose it is.
    pub group: String,
    /// Its name, such as `elasticache-20261101-001`.
    pub name: String,
    /// `critical`, `important`, `medium` or `low`.
    pub severity: String,
    /// `security-update` or `engine-update`.
    pub kind: String,
    /// RFC 3339; past it, the update no longer counts as done in time.
    pub apply_by: Option<String>,
}

impl Update {
    /// An important security update.
    pub fn new(group: &str, name: &str) -> Self {
        Self {
            group: group.to_lowercase(),
            name: name.to_owned(),
            severity: "important".to_owned(),
            kind: "security-update".to_owned(),
            apply_by: None,
        }
    }
}

/// What an instance or a group was told to let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// The master user; empty for ElastiCache.
    pub user: String,
    /// The database that it owns from the start; empty for ElastiCache.
    pub database: String,
    /// The password or AUTH token that is in force.
    pub password: String,
    /// `rotating`: the one before it, which is still let in.
    pub previous: Option<String>,
}

#[derive(Default)]
pub(crate) struct Controls {
    pub(crate) life_cycle: LifeCycle,
    pub(crate) page_size: Option<usize>,
    /// Creating operations, with how many reads do not see what the next of them makes.
    pub(crate) lags: Vec<(String, usize)>,
    pub(crate) hidden: Vec<Hidden>,
    pub(crate) quotas: BTreeMap<String, usize>,
    pub(crate) statuses: BTreeMap<String, String>,
    /// Instances and groups that a test has given a status, now or before.
    pub(crate) forced: BTreeSet<String>,
    pub(crate) endpoints: BTreeMap<Option<String>, (String, u16)>,
    pub(crate) windows: BTreeSet<String>,
    pub(crate) peerings: BTreeMap<String, &'static str>,
    pub(crate) maintenance: Vec<Maintenance>,
    pub(crate) updates: Vec<Update>,
    /// Classes that are offered nowhere, or not in a zone.
    pub(crate) withheld: BTreeSet<(String, Option<String>)>,
    pub(crate) logins: BTreeMap<String, Login>,
}

/// Something that exists and that reads do not see yet.
pub(crate) struct Hidden {
    pub(crate) kind: &'static Kind,
    pub(crate) id: String,
    pub(crate) reads: usize,
}

impl Controls {
    pub(crate) fn is_offered(&self, class: &str, zone: &str) -> bool {
        let is_withheld = |zone: Option<String>| self.withheld.contains(&(class.to_owned(), zone));
        !is_withheld(None) && !is_withheld(Some(zone.to_owned()))
    }

    /// Where a test's own server stands for this endpoint.
    pub(crate) fn endpoint(&self, id: &str) -> Option<&(String, u16)> {
        self.endpoints.get(&Some(id.to_owned())).or_else(|| self.endpoints.get(&None))
    }
}
