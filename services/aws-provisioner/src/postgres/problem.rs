//! What keeps a database from being as desired and is nobody's outage.

use proto::ErrorClass;

/// A database that needs somebody. The texts are stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It was there and is not any more, and nobody asked for that.
    #[error(
        "rds instance {0} is gone though its claim is not: delete the claim, or restore the instance under that name"
    )]
    Gone(String),
    /// Somebody deletes it, and nobody asked for that.
    #[error("rds instance {0} is being deleted though its claim is not: delete the claim too")]
    BeingDeleted(String),
    /// A state that AWS does not leave by itself.
    #[error("rds instance {id} is {status}: {}", advice(.status))]
    Stuck {
        /// Its identifier.
        id: String,
        /// What AWS calls the state.
        status: String,
    },
    /// A field that AWS does not change on an instance.
    #[error(
        "strategy field {field} cannot be changed on an existing instance, which has {found}: change it back"
    )]
    Immutable {
        /// Its path.
        field: &'static str,
        /// What the instance has.
        found: String,
    },
    /// A version that AWS does not offer, or not any more.
    #[error(
        "strategy field createStrategy.EngineVersion: PostgreSQL {version} is not offered in {region}; these are: {offered}"
    )]
    UnknownVersion {
        /// What was asked for.
        version: String,
        /// Where.
        region: String,
        /// What exists.
        offered: String,
    },
    /// Nobody knows the password any more.
    #[error(
        "the password of rds instance {0} is lost with both of its Secrets: restore one, or set lostPassword to reset in the strategy"
    )]
    PasswordLost(String),
    /// Protected against its deletion by somebody else than us.
    #[error(
        "rds instance {0} is protected against deletion by an administrator: switch its deletion protection off"
    )]
    Protected(String),
    /// The strategy protects it.
    #[error(
        "rds instance {0} is kept because createStrategy.DeletionProtection is true: set it to false, or switch the instance's deletion protection off"
    )]
    ProtectedByStrategy(String),
    /// AWS takes no snapshot of it, and nothing else would keep its data.
    #[error(
        "rds instance {id} is {status}, so no final snapshot can be taken, and it has no automated backups: set deleteStrategy.SkipFinalSnapshot to true to lose its data"
    )]
    NothingKeepsData {
        /// Its identifier.
        id: String,
        /// What AWS calls the state.
        status: String,
    },
    /// AWS does not delete it, for a reason of its own.
    #[error("rds refuses to delete instance {id} ({code}): look at it in AWS")]
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
            Self::Immutable { .. } | Self::UnknownVersion { .. } => ErrorClass::Invalid,
            _ => ErrorClass::NeedsPerson,
        }
    }

    /// `CamelCase` reason for a condition.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Gone(_) => "InstanceGone",
            Self::BeingDeleted(_) => "InstanceBeingDeleted",
            Self::Stuck { .. } => "InstanceStuck",
            Self::Immutable { .. } => "ImmutableField",
            Self::UnknownVersion { .. } => "UnknownVersion",
            Self::PasswordLost(_) => "PasswordLost",
            Self::Protected(_) | Self::ProtectedByStrategy(_) => "DeletionProtected",
            Self::NothingKeepsData { .. } => "NothingKeepsData",
            Self::DeletionRefused { .. } => "DeletionRefused",
        }
    }
}

fn advice(status: &str) -> &'static str {
    match status {
        "storage-full" => "raise createStrategy.AllocatedStorage, or delete data",
        "stopped" | "stopping" => "start it; AWS starts it by itself after seven days",
        "insufficient-capacity" => "AWS has no room for its class there: change the class",
        "inaccessible-encryption-credentials"
        | "inaccessible-encryption-credentials-recoverable" => {
            "give RDS access to its KMS key, then start it"
        }
        _ => "its data is untouched; look at it in AWS",
    }
}
