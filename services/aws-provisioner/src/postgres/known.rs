//! What the record knows that looking cannot tell: calls of unknown outcome, what was asked for, and what was promised.

mod learn;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proto::Record;
use sha2::{Digest as _, Sha256};
use worker::{ABSENCE_PROOF, Work};

use crate::aws::rds::{Instance, Setting};

pub(super) use learn::{
    created, deleted, keep_asked, maintained, modified, name_taken, pin, settled, snapshot_exists,
    waiting,
};

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
const DELETED: &str = "instance-deleted";
const WAITING_SINCE: &str = "waiting-since-ms";
const PROTECTED: &str = "deletion-protection-set";
const FINAL_SNAPSHOT: &str = "final-snapshot";
const HAS_SNAPSHOT: &str = "final-snapshot-exists";
const TAKEN: &str = "snapshot-name-taken";
const SEEN: &str = "instance-seen";
const ASKED: &str = "asked ";
const MAINTENANCE: &str = "maintenance ";
/// What AWS has accepted and does not show after this is asked for again.
const ASKED_FOR: Duration = Duration::from_hours(1);

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

/// What the record knows of the end of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownDeletion {
    /// We have switched its deletion protection on.
    pub has_our_protection: bool,
    /// AWS was asked to delete it.
    pub is_asked: bool,
    /// The final snapshot that was asked for.
    pub final_snapshot: Option<String>,
    /// It is there, so another one is not needed.
    pub has_snapshot: bool,
    /// A name that a final snapshot cannot have.
    pub taken: Option<String>,
}

impl Known {
    /// What the record of this turn knows now.
    pub fn of(work: &Work<'_>) -> Self {
        let (record, now) = (&work.record, work.now);
        let has_intent = record.intent.as_ref().is_some_and(|intent| intent.step == CREATE);
        let since = |fact| ms(record, fact).map(|at| unix_ms(now).saturating_sub(at));
        let is_recent = since(CREATED_AT).is_some_and(|age| age < ABSENCE_PROOF.as_millis());
        let age = since(WAITING_SINCE).unwrap_or_default();
        Self {
            was_observed: record.placement.observed,
            may_be_hidden: (has_intent && !work.absence_is_proof()) || is_recent,
            is_published: record.digest.is_some(),
            age: Duration::from_millis(u64::try_from(age).unwrap_or(u64::MAX)),
            asked: asked(record, now),
            deletion: KnownDeletion {
                has_our_protection: record.facts.contains_key(PROTECTED),
                is_asked: record.facts.contains_key(DELETED),
                final_snapshot: record.facts.get(FINAL_SNAPSHOT).cloned(),
                has_snapshot: record.facts.contains_key(HAS_SNAPSHOT),
                taken: record.facts.get(TAKEN).cloned(),
            },
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

fn asked(record: &Record, now: SystemTime) -> BTreeMap<String, String> {
    let entry = |(key, value): (&String, &String)| {
        let field = key.strip_prefix(ASKED)?;
        let (at, value) = value.split_once(' ')?;
        let is_recent = unix_ms(now) < at.parse::<u128>().ok()? + ASKED_FOR.as_millis();
        is_recent.then(|| (field.to_owned(), value.to_owned()))
    };
    record.facts.iter().filter_map(entry).collect()
}

fn ms(record: &Record, fact: &str) -> Option<u128> {
    record.facts.get(fact)?.parse().ok()
}

fn unix_ms(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis()
}
