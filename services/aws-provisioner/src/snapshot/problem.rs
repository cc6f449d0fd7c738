//! What keeps a snapshot from being taken and is nobody's outage.

use proto::ErrorClass;

/// A snapshot that needs somebody. The texts are stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It was there and is not any more, and nobody asked for that.
    #[error(
        "snapshot {0} is gone though its object is not, and is not taken again: delete the object"
    )]
    Gone(String),
    /// What it should be of is not there any more.
    #[error(
        "there is nothing to take a snapshot of: {0} is gone or being deleted; delete the object"
    )]
    SourceGone(String),
    /// AWS takes none of it.
    #[error(
        "AWS refuses to take a snapshot of {of} ({code}): change the tier of its claim, then make another"
    )]
    Refused {
        /// What it should be of.
        of: String,
        /// Code of AWS.
        code: String,
    },
    /// AWS could not take it.
    #[error("snapshot {name} is {status}: delete the object, and make another")]
    Stuck {
        /// Its name.
        name: String,
        /// What AWS calls the state.
        status: String,
    },
}

impl Problem {
    /// Only a person can help; none of them is repeated by itself.
    pub fn class(&self) -> ErrorClass {
        ErrorClass::NeedsPerson
    }

    /// `CamelCase` reason for a condition.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Gone(_) => "SnapshotGone",
            Self::SourceGone(_) => "NothingToSnapshot",
            Self::Refused { .. } => "SnapshotRefused",
            Self::Stuck { .. } => "SnapshotFailed",
        }
    }
}
