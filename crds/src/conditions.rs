//! Conditions: the facts behind the phase. Pure; the time is an argument.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

pub mod reasons;
#[cfg(test)]
mod tests;

/// Sums up: the connection Secret is written and works.
pub const READY: &str = "Ready";
/// A provider is chosen and pinned, and the desired state is published.
pub const SCHEDULED: &str = "Scheduled";
/// The external resource exists as desired.
pub const PROVISIONED: &str = "Provisioned";
/// The Secrets hold the connection details of the resource.
pub const SECRET_WRITTEN: &str = "SecretWritten";

/// Our types, in the order in which they are shown.
pub const TYPES: [&str; 4] = [READY, SCHEDULED, PROVISIONED, SECRET_WRITTEN];

/// The status of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold; the reason says why.
    False,
    /// Not known yet.
    Unknown,
}

impl Truth {
    /// The text of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// One condition before it has a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    type_: &'static str,
    truth: Truth,
    reason: String,
    message: String,
}

impl Fact {
    /// `type_` is one of [`TYPES`], `reason` one of [`reasons`]; the message says what to do next.
    pub fn new(
        type_: &'static str,
        truth: Truth,
        reason: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { type_, truth, reason: reason.into(), message: message.into() }
    }

    fn since(self, before: Option<&Condition>, generation: i64, now: Timestamp) -> Condition {
        let status = self.truth.as_str();
        let kept =
            before.filter(|it| it.status == status).map(|it| it.last_transition_time.clone());
        Condition {
            type_: self.type_.to_owned(),
            status: status.to_owned(),
            reason: self.reason,
            message: self.message,
            observed_generation: Some(generation),
            last_transition_time: kept.unwrap_or(Time(now)),
        }
    }
}

/// The condition of that type.
pub fn find<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|it| it.type_ == type_)
}

/// Whether the condition of that type is `True`.
pub fn is_true(conditions: &[Condition], type_: &str) -> bool {
    find(conditions, type_).is_some_and(|it| it.status == Truth::True.as_str())
}

/// The conditions after these facts: equal to `before` when nothing changed, so that nothing needs to be written.
///
/// `lastTransitionTime` moves only when the status of a condition changes. Types that no fact names stay as they
/// are, other people's included.
pub fn merge(
    before: &[Condition],
    facts: impl IntoIterator<Item = Fact>,
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    let mut merged = before.to_vec();
    for fact in facts {
        let condition = fact.clone().since(find(&merged, fact.type_), generation, now);
        match merged.iter_mut().find(|it| it.type_ == condition.type_) {
            Some(known) => *known = condition,
            None => merged.push(condition),
        }
    }
    merged
        .sort_by_key(|it| TYPES.iter().position(|type_| *type_ == it.type_).unwrap_or(TYPES.len()));
    merged
}
