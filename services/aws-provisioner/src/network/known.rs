//! What the record knows that looking cannot tell.

use std::time::Duration;

use worker::Work;

use crate::facts;

use super::plan::Report;
use super::reference::{
    CLOSING, OBSTACLE, POSTGRES_SECURITY_GROUPS, REDIS_SECURITY_GROUPS, SUBNET_GROUP,
};

/// The step that makes the VPC.
pub const CREATE_VPC: &str = "ec2.create-vpc";
/// The step that peers it with the cluster's.
pub const PEER: &str = "ec2.create-vpc-peering-connection";
/// The steps that make the rest.
pub const PUT: &str = "network.make-part";
/// The step that removes parts.
pub const REMOVE: &str = "network.remove";

const VPC: &str = "vpc";
const GOING: &str = "vpc-going";
const MADE_AT: &str = "vpc-made-ms";

/// What the record knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The VPC was seen, or made by a call that succeeded.
    pub was_observed: bool,
    /// AWS may not show the VPC yet.
    pub may_be_hidden: bool,
    /// Id of the VPC, when it was seen last.
    pub vpc: Option<String>,
    /// It is being taken down: databases know.
    pub is_closing: bool,
    /// For how long it has been waited for.
    pub age: Duration,
}

impl Known {
    /// What the record of this turn knows now.
    pub fn of(work: &Work<'_>) -> Self {
        let record = &work.record;
        Self {
            was_observed: record.placement.observed,
            may_be_hidden: facts::may_be_hidden(work, CREATE_VPC, MADE_AT),
            vpc: record.facts.get(VPC).cloned(),
            is_closing: record.facts.contains_key(CLOSING),
            age: facts::waited(work),
        }
    }
}

/// The VPC was made a moment ago.
pub(super) fn made(work: &mut Work<'_>, vpc: &str) {
    facts::mark(work, MADE_AT);
    seen(work, vpc);
}

/// The VPC was seen. AWS may still show one that it has removed.
pub(super) fn seen(work: &mut Work<'_>, vpc: &str) {
    let is_going = work.record.facts.get(GOING).is_some_and(|going| going == vpc);
    work.record.placement.observed |= !is_going;
    work.record.facts.insert(VPC.to_owned(), vpc.to_owned());
    facts::resolve(work, CREATE_VPC);
}

/// Whatever was asked for has shown: databases may be made in the network.
pub(super) fn settled(work: &mut Work<'_>, report: &Report) {
    work.resolve_intent();
    work.record.placement.observed = true;
    facts::arrived(work);
    let facts = &mut work.record.facts;
    for fact in [CLOSING, MADE_AT, GOING] {
        facts.remove(fact);
    }
    facts.retain(|fact, _| !fact.starts_with(OBSTACLE));
    for (store, obstacle) in &report.obstacles {
        facts.insert(format!("{OBSTACLE}{}", store.as_str()), obstacle.clone());
    }
    for (name, value) in [
        (SUBNET_GROUP, report.subnet_group.clone()),
        (POSTGRES_SECURITY_GROUPS, report.postgres.join(",")),
        (REDIS_SECURITY_GROUPS, report.redis.join(",")),
    ] {
        facts.insert(name.to_owned(), value);
    }
}

/// Databases are told that nothing may be made in it from now on.
pub(super) fn closing(work: &mut Work<'_>) {
    let item = work.item.item_id.to_string();
    work.record.facts.insert(CLOSING.to_owned(), item);
}

/// It goes on.
pub(super) fn reopened(work: &mut Work<'_>) {
    work.record.facts.remove(CLOSING);
}

/// The VPC is about to go, so its absence alarms nobody.
pub(super) fn going(work: &mut Work<'_>, vpc: &str) {
    work.record.placement.observed = false;
    work.record.facts.insert(GOING.to_owned(), vpc.to_owned());
}

/// The VPC was removed: that it does not show has no other reason.
pub(super) fn removed(work: &mut Work<'_>) {
    work.record.facts.remove(MADE_AT);
}

/// Nothing is left.
pub(super) fn gone(work: &mut Work<'_>) {
    work.resolve_intent();
    work.record.facts.clear();
    work.record.placement.observed = false;
}
