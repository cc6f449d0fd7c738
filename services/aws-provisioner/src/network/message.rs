//! What people read of a network that is not ready. Stable texts.

use std::time::Duration;

use worker::Step;

use crate::waiting::{LOOK_AGAIN, since, until_next_look, until_outcome};

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Something that was asked for.
    Hidden,
    /// A call that may have had its effect.
    Outcome {
        /// For how long.
        age: Duration,
    },
    /// The peering.
    Peering {
        /// What AWS calls its state.
        status: String,
        /// For how long.
        age: Duration,
    },
    /// Somebody lives in a network that nobody asks for any more.
    InUse {
        /// Who.
        by: String,
        /// For how long.
        age: Duration,
    },
    /// AWS is removing parts.
    Removing {
        /// What.
        what: String,
        /// For how long.
        age: Duration,
    },
}

impl From<Wait> for Step {
    fn from(wait: Wait) -> Self {
        let (after, reason, message) = match wait {
            Wait::Hidden => (
                LOOK_AGAIN,
                "NetworkNotVisibleYet",
                "waiting until AWS shows what was asked for".to_owned(),
            ),
            Wait::Outcome { age } => (
                until_outcome(age),
                "OutcomeNotKnownYet",
                "waiting until AWS shows what became of the last call".to_owned(),
            ),
            Wait::Peering { status, age } => (
                until_next_look(age),
                "Peering",
                format!("the peering with the cluster's VPC is {status}{}", since(age)),
            ),
            Wait::InUse { by, age } => (
                until_next_look(age),
                "NetworkInUse",
                format!("the network stays while {by} lives in it{}", since(age)),
            ),
            Wait::Removing { what, age } => (
                until_next_look(age),
                "Deleting",
                format!("the network is being removed: {what}{}", since(age)),
            ),
        };
        Self::Wait { after, reason, message }
    }
}
