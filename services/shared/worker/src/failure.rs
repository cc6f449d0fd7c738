//! Why a turn could not reach its goal.

use proto::ErrorClass;

use crate::work::Interrupted;

/// A failed turn: its class decides what happens next, its reason and message are what the user reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{class}: {message}")]
pub struct Failure {
    /// Decides delay and disposition.
    pub class: ErrorClass,
    /// `CamelCase`, stable, for a condition.
    pub reason: &'static str,
    /// Stable text for people: what is wrong and what to do. No request ids, no secrets.
    pub message: String,
}

impl Failure {
    /// A failure of this class.
    pub fn new(class: ErrorClass, reason: &'static str, message: impl Into<String>) -> Self {
        Self { class, reason, message: message.into() }
    }
}

/// How a turn ends early.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The provider or the item is the cause.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The bus is the cause: lease, record or item changed hands, or it cannot be reached.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}
