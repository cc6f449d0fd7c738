//! What the record knows that looking cannot tell: calls of unknown outcome, what was asked for, and what was promised.

use std::collections::BTreeMap;
use std::time::Duration;

use proto::Record;
use sha2::{Digest as _, Sha256};
use worker::Work;

use crate::aws::rds::{Instance, Setting};
use crate::facts::deletion::{self, KnownDeletion};
use crate::facts::{self, asked};

/// The step that makes the instance.
pub const CREATE: &str = "rds.create-db-instance";
/// The step that changes it.
pub const MODIFY: &str = "rds.modify-db-instance";
/// The step that gives it another password.
pub const RESET_PASSWORD: &str = "rds.reset-password";
/// The step that does planned maintenance earlier.
pub const MAINTAIN: &str = "rds.apply-pending-maintenance-action";
/// The step that switches its deletion protection off.
pub const UNPROTECT: &str = "rds.switch-deletion-protection-off";
/// The step that deletes it.
pub const DELETE: &str = "rds.delete-db-instance";

const CREATED_AT: &str = "instance-created-ms";
const SEEN: &str = "instance-seen";
const MAINTENANCE: &str = "maintenance ";

/// What the record knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// It was seen, or made by a call that succeeded.
    pub was_observed: bool,
    /// AWS may not show it yet.
    pub may_be_hidden: bool,
    /// Applications have been told of it.
    pub is_published: bool,
    /// For how long it has been waited for.
    pub age: Duration,
    /// What AWS has accepted a moment ago, by field: the value.
    pub asked: BTreeMap<String, String>,
    /// Of its end.
    pub deletion: KnownDeletion,
}

impl Known {
    /// What the record of this turn knows now.
    pub fn of(work: &Work<'_>) -> Self {
        Self {
            was_observed: work.record.placement.observed,
            may_be_hidden: facts::may_be_hidden(work, CREATE, CREATED_AT),
            is_published: work.record.digest.is_some(),
            age: facts::waited(work),
            asked: asked::recently(work),
            deletion: KnownDeletion::of(&work.record),
        }
    }

    /// Whether AWS was told already when to do what it plans.
    pub fn has_opted(&self, action: &str, opt_in: &str) -> bool {
        let opted = self.asked.get(&format!("{MAINTENANCE}{action}"));
        opted.is_some_and(|opted| opted == opt_in)
    }

    /// Whether AWS has accepted this already. `how` tells two ways of asking apart.
    pub fn has_asked(&self, how: &str, setting: &Setting) -> bool {
        let key = format!("{how}{}", setting.field());
        self.asked.get(&key).is_some_and(|value| *value == setting.to_string())
    }
}

/// What a listing showed when the instance was last as desired.
pub fn seen(record: &Record) -> Option<&str> {
    record.facts.get(SEEN).map(String::as_str)
}

/// One text for all that a listing shows of an instance.
pub fn digest(instance: &Instance) -> String {
    let hash = Sha256::digest(format!("{instance:?}"));
    data_encoding::HEXLOWER.encode(&hash[..16])
}

/// The instance was just made.
pub(super) fn created(work: &mut Work<'_>, settings: &[Setting]) {
    facts::mark(work, CREATED_AT);
    facts::wait_anew(work);
    work.record.placement.observed = true;
    learn_protection(work, settings);
}

/// AWS shows it, ready: when it does not any more, it is gone.
pub(super) fn settled(work: &mut Work<'_>, instance: &Instance) {
    work.record.facts.remove(CREATED_AT);
    facts::arrived(work);
    work.record.facts.insert(SEEN.to_owned(), digest(instance));
    work.record.placement.observed = true;
    work.resolve_intent();
}

/// AWS has accepted these.
pub(super) fn modified(work: &mut Work<'_>, how: &str, settings: &[Setting]) {
    for setting in settings {
        asked::ask(work, &format!("{how}{}", setting.field()), &setting.to_string());
    }
    learn_protection(work, settings);
}

/// AWS was told when to do what it plans.
pub(super) fn maintained(work: &mut Work<'_>, action: &str, opt_in: &str) {
    asked::ask(work, &format!("{MAINTENANCE}{action}"), opt_in);
}

/// Only these fields, and maintenance, do not show yet.
pub(super) fn keep_asked(work: &mut Work<'_>, fields: &[&str]) {
    asked::retain(work, |asked| {
        asked.starts_with(MAINTENANCE) || fields.iter().any(|field| asked.ends_with(field))
    });
}

/// AWS was asked to delete it, and deletes it if the call had its effect.
pub(super) fn deleted(work: &mut Work<'_>, final_snapshot: Option<&str>) {
    work.record.facts.remove(CREATED_AT);
    deletion::asked(work, final_snapshot);
}

fn learn_protection(work: &mut Work<'_>, settings: &[Setting]) {
    let protection = settings.iter().find_map(|it| match it {
        Setting::DeletionProtection(is_on) => Some(*is_on),
        _ => None,
    });
    if let Some(is_on) = protection {
        deletion::protected(work, is_on);
    }
}
