//! The Go operator's phases, derived from conditions in one place.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use crate::conditions::{READY, find, reasons};

/// `status.phase`: one word for people, and what consumers of the Go operator wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Work goes on, or waits for something that may pass by itself.
    InProgress,
    /// The object is being deleted.
    DeletionInProgress,
    /// Provisioned, and the Secret is written.
    Complete,
    /// Observed only, as `skipCreate` asks.
    Paused,
    /// No retry can heal it: somebody must change something. Consumers give up on it, so nothing else may show it.
    Failed,
}

impl Phase {
    /// The exact text of the Go operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in progress",
            Self::DeletionInProgress => "deletion in progress",
            Self::Complete => "complete",
            Self::Paused => "paused",
            Self::Failed => "failed",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Derives the phase from the condition Ready; the others only explain it.
pub fn phase_of(conditions: &[Condition], is_deleting: bool) -> Phase {
    let (is_ready, reason) = find(conditions, READY)
        .map_or((false, ""), |ready| (ready.status == "True", ready.reason.as_str()));
    let is_failed = !is_ready && reasons::needs_change(reason);
    match (is_failed, is_deleting, reason) {
        (true, ..) => Phase::Failed,
        (_, true, _) => Phase::DeletionInProgress,
        (.., reasons::PAUSED) => Phase::Paused,
        _ if is_ready => Phase::Complete,
        _ => Phase::InProgress,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::{Fact, PROVISIONED, Truth, merge};
    use jiff::Timestamp;

    fn ready(truth: Truth, reason: &str) -> Vec<Condition> {
        merge(&[], [Fact::new(READY, truth, reason, "")], 1, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn ready_and_deletion_decide_the_phase() {
        let table = [
            (Truth::True, reasons::PROVISIONED, false, "complete"),
            (Truth::True, reasons::PROVISIONED, true, "deletion in progress"),
            (Truth::True, reasons::PAUSED, false, "paused"),
            (Truth::False, reasons::PAUSED, false, "paused"),
            (Truth::False, reasons::PAUSED, true, "deletion in progress"),
            (Truth::False, reasons::DELETING, true, "deletion in progress"),
            (Truth::False, reasons::NEEDS_PERSON, true, "failed"),
            (Truth::False, reasons::INVALID, false, "failed"),
            (Truth::False, reasons::FOREIGN, false, "failed"),
            (Truth::False, reasons::SECRET_TAKEN, false, "failed"),
            (Truth::False, reasons::NAMESPACE_REFUSED, false, "failed"),
            (Truth::False, reasons::UNSUPPORTED_TYPE, false, "failed"),
            (Truth::False, reasons::UNSUPPORTED_PROVIDER, false, "failed"),
            (Truth::False, reasons::PROVISIONING, false, "in progress"),
            (Truth::False, reasons::THROTTLED, false, "in progress"),
            (Truth::False, reasons::TRANSIENT, false, "in progress"),
            (Truth::False, reasons::QUOTA, false, "in progress"),
            (Truth::False, reasons::WAITING_FOR_CONFIG, false, "in progress"),
            (Truth::Unknown, "", false, "in progress"),
            // A healthy resource stays complete, whatever is said about it beside.
            (Truth::True, reasons::INVALID, false, "complete"),
        ];
        for (truth, reason, is_deleting, phase) in table {
            let told = phase_of(&ready(truth, reason), is_deleting).to_string();
            assert_eq!(told, phase, "{truth:?} {reason} deleting={is_deleting}");
        }
    }

    #[test]
    fn without_ready_nothing_is_claimed() {
        assert_eq!(phase_of(&[], false), Phase::InProgress);
        assert_eq!(phase_of(&[], true), Phase::DeletionInProgress);
        let fact = Fact::new(PROVISIONED, Truth::False, reasons::INVALID, "");
        let other = merge(&[], [fact], 1, Timestamp::UNIX_EPOCH);
        assert_eq!(phase_of(&other, false), Phase::InProgress);
    }
}
