//! What is there, as values.

use crate::aws::rds::{Instance, PendingAction};

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The instance, if it exists.
    pub instance: Option<Instance>,
    /// Somebody keeps its password.
    pub has_password: bool,
    /// Versions that AWS offers; `None` when they were not needed, or AWS may not be asked.
    pub offered: Option<Vec<String>>,
    /// What AWS plans to do to it.
    pub actions: Vec<PendingAction>,
}

/// What a status of AWS means
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is being made.
    Creating,
    /// It answers and takes changes.
    Available,
    /// It answers, and is in the middle of something.
    Serving,
    /// It does not answer for a moment, and comes back by itself.
    Interrupted,
    /// It answers no writes until it has more storage.
    StorageFull,
    /// It does not come back by itself.
    Stuck,
    /// It is going.
    Deleting,
}

impl Phase {
    /// The meaning of a status; one that is not known is not taken for the end.
    pub fn of(status: &str) -> Self {
        match status {
            "creating" => Self::Creating,
            "available" => Self::Available,
            "deleting" | "delete-precheck" => Self::Deleting,
            "storage-full" => Self::StorageFull,
            "backing-up"
            | "backtracking"
            | "configuring-enhanced-monitoring"
            | "configuring-iam-database-auth"
            | "configuring-log-exports"
            | "configuring-activity-stream"
            | "modifying"
            | "resetting-master-credentials"
            | "storage-config-upgrade"
            | "storage-initialization"
            | "storage-optimization" => Self::Serving,
            "failed"
            | "stopped"
            | "stopping"
            | "restore-error"
            | "create-failed"
            | "insufficient-capacity"
            | "inaccessible-encryption-credentials"
            | "inaccessible-encryption-credentials-recoverable" => Self::Stuck,
            _ if status.starts_with("incompatible-") => Self::Stuck,
            _ => Self::Interrupted,
        }
    }
}

/// Whether AWS can take a snapshot of an instance in this state; it says no for these, whatever else it is asked.
pub fn takes_snapshot(status: &str) -> bool {
    !matches!(
        status,
        "failed"
            | "create-failed"
            | "restore-error"
            | "incompatible-restore"
            | "incompatible-network"
            | "incompatible-create"
            | "inaccessible-encryption-credentials"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w34_what_answers_is_not_taken_for_unfinished() {
        for status in ["backing-up", "modifying", "storage-optimization"] {
            assert_eq!(Phase::of(status), Phase::Serving);
        }
        for status in ["upgrading", "rebooting", "maintenance", "a status of next year"] {
            assert_eq!(Phase::of(status), Phase::Interrupted);
        }
    }

    #[test]
    fn what_does_not_end_by_itself_needs_a_person() {
        for status in ["failed", "stopped", "incompatible-parameters", "incompatible-network"] {
            assert_eq!(Phase::of(status), Phase::Stuck);
        }
    }
}
