//! What keeps a cache from being as desired and is nobody's outage.

use proto::ErrorClass;

/// A cache that needs somebody. The texts are stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It was there and is not any more, and nobody asked for that.
    #[error(
        "replication group {0} is gone though its claim is not: delete the claim, or restore the group under that name"
    )]
    Gone(String),
    /// Somebody deletes it, and nobody asked for that.
    #[error("replication group {0} is being deleted though its claim is not: delete the claim too")]
    BeingDeleted(String),
    /// A state that AWS does not leave by itself.
    #[error("replication group {id} is {status}: delete the claim, or look at the group in AWS")]
    Stuck {
        /// Its identifier.
        id: String,
        /// What AWS calls the state.
        status: String,
    },
    /// A field that stays what it was when the group was made.
    #[error(
        "{field} cannot be changed on an existing replication group, which has {found}: change it back"
    )]
    Immutable {
        /// Its path.
        field: &'static str,
        /// What the group has.
        found: String,
    },
    /// An engine that is not served.
    #[error("spec.engine: {0:?} is not served: only redis and valkey are")]
    UnknownEngine(String),
    /// A size that is no node type.
    #[error("spec.size: {0:?} is no node type, such as cache.t3.micro")]
    UnknownSize(String),
    /// A version that AWS does not offer, or not any more.
    #[error(
        "the engine's version: {engine} {version} is not offered in {region}; these are: {offered}"
    )]
    UnknownVersion {
        /// Of which engine.
        engine: String,
        /// What was asked for.
        version: String,
        /// Where.
        region: String,
        /// What exists.
        offered: String,
    },
    /// Nobody knows the token any more.
    #[error(
        "the token of replication group {0} is lost with both of its Secrets: restore one, or set lostPassword to reset in the strategy"
    )]
    PasswordLost(String),
    /// It was never made, and AWS tells no tags of it.
    #[error(
        "replication group {0} is create-failed, and AWS does not tell whose it is: delete it in AWS"
    )]
    Unidentified(String),
    /// AWS does not delete it, for a reason of its own.
    #[error(
        "elasticache refuses to delete replication group {id} ({code}): look at it in AWS; where its nodes take no snapshots, set deleteStrategy.FinalSnapshotIdentifier to \"\" to lose its data"
    )]
    DeletionRefused {
        /// Its identifier.
        id: String,
        /// Code of AWS.
        code: String,
    },
}

impl Problem {
    /// The class that decides delay and disposition.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Immutable { .. }
            | Self::UnknownEngine(_)
            | Self::UnknownSize(_)
            | Self::UnknownVersion { .. } => ErrorClass::Invalid,
            _ => ErrorClass::NeedsPerson,
        }
    }

    /// `CamelCase` reason for a condition.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Gone(_) => "ReplicationGroupGone",
            Self::BeingDeleted(_) => "ReplicationGroupBeingDeleted",
            Self::Stuck { .. } => "ReplicationGroupStuck",
            Self::Immutable { .. } => "ImmutableField",
            Self::UnknownEngine(_) => "UnknownEngine",
            Self::UnknownSize(_) => "UnknownSize",
            Self::UnknownVersion { .. } => "UnknownVersion",
            Self::PasswordLost(_) => "PasswordLost",
            Self::Unidentified(_) => "ReplicationGroupUnidentified",
            Self::DeletionRefused { .. } => "DeletionRefused",
        }
    }
}
