//! What the user reads. Stable texts, the Go operator's where it has one.

use std::time::Duration;

use worker::Step;

use crate::change::{Change, describe};
use crate::waiting::{LOOK_AGAIN, since, until_network, until_next_look, until_outcome};

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// An instance that may have been made.
    Hidden,
    /// A change that may have been made.
    Outcome {
        /// For how long.
        age: Duration,
    },
    /// The network.
    Network {
        /// Why nothing can be made in it.
        why: String,
        /// For how long.
        age: Duration,
    },
    /// AWS is working on it.
    Status {
        /// What AWS calls it.
        status: String,
        /// For how long.
        age: Duration,
    },
    /// AWS is deleting it.
    Deleting {
        /// What AWS calls it.
        status: String,
        /// For how long.
        age: Duration,
    },
}

impl From<Wait> for Step {
    fn from(wait: Wait) -> Self {
        let (after, reason, message) = match wait {
            Wait::Hidden => (
                LOOK_AGAIN,
                "InstanceNotVisibleYet",
                "waiting until AWS shows the instance that was asked for".to_owned(),
            ),
            Wait::Outcome { age } => (
                until_outcome(age),
                "OutcomeNotKnownYet",
                "waiting until AWS shows what became of the last call".to_owned(),
            ),
            Wait::Network { why, age } => (until_network(age), "WaitingForNetwork", why),
            Wait::Status { status, age } => (
                until_next_look(age),
                "Provisioning",
                format!("current aws rds resource status is {status}{}", since(age)),
            ),
            Wait::Deleting { status, age } => (
                until_next_look(age),
                "Deleting",
                format!("delete detected, current aws rds status is {status}{}", since(age)),
            ),
        };
        Self::Wait { after, reason, message }
    }
}

/// What is to say of an instance that is as desired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Its identifier.
    pub id: String,
    /// What AWS calls its state.
    pub status: String,
    /// What AWS has accepted and not applied yet.
    pub pending: Vec<Change>,
    /// What waits for the claim's window.
    pub held: Vec<Change>,
    /// What waits until AWS is done with what it does.
    pub later: Vec<Change>,
    /// What stays as it is, and why.
    pub notes: Vec<String>,
}

impl Report {
    /// The message of a ready claim. `ignored` are fields of the strategy that nobody knows.
    pub fn message(&self, ignored: &[String]) -> String {
        let Self { id, status, .. } = self;
        let mut parts =
            vec![format!("rds instance {id} is as expected, aws rds status is {status}")];
        let lists = [
            ("waiting for spec.maintenanceWindow", &self.held),
            ("waiting until the instance is available", &self.later),
            ("accepted by AWS and not applied yet", &self.pending),
        ];
        let lists = lists.into_iter().filter(|(_, changes)| !changes.is_empty());
        parts.extend(lists.map(|(what, changes)| format!("{what}: {}", describe(changes))));
        parts.extend(self.notes.iter().cloned());
        if !ignored.is_empty() {
            parts.push(format!("unknown strategy fields are ignored: {}", ignored.join(", ")));
        }
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Effect;

    fn change(from: &str, to: &str) -> Change {
        let (from, to) = (from.to_owned(), to.to_owned());
        Change { field: "createStrategy.DBInstanceClass", from, to, effect: Effect::Restart }
    }

    #[test]
    fn a_ready_instance_says_what_the_go_operator_said_and_what_waits() {
        let mut report =
            Report { id: "db".into(), status: "available".into(), ..Report::default() };
        let text = "rds instance db is as expected, aws rds status is available";
        assert_eq!(report.message(&[]), text);
        report.held = vec![change("a", "b")];
        report.pending = vec![change("b", "c")];
        let waits = "; waiting for spec.maintenanceWindow: createStrategy.DBInstanceClass from a to b\
                     ; accepted by AWS and not applied yet: createStrategy.DBInstanceClass from b to c\
                     ; unknown strategy fields are ignored: x";
        assert_eq!(report.message(&["x".into()]), format!("{text}{waits}"));
    }

    #[test]
    fn w35_texts_change_once_an_hour_at_most() {
        let text = |seconds| {
            let wait =
                Wait::Status { status: "creating".into(), age: Duration::from_secs(seconds) };
            match Step::from(wait) {
                Step::Wait { message, .. } => message,
                step => format!("{step:?}"),
            }
        };
        assert_eq!(text(10), "current aws rds resource status is creating");
        assert_eq!(text(10), text(3599));
        assert_eq!(text(7300), "current aws rds resource status is creating, for 2 h");
    }
}
