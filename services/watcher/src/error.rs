//! What can interrupt a reconcile. Nothing here says anything about the claim: it is simply tried again.

/// A reconcile that could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bus did not do as asked.
    #[error("failed to {operation}")]
    Bus {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        source: bus::Error,
    },
    /// The API server did not do as asked.
    #[error("failed to {operation}")]
    Kubernetes {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        source: Box<kube::Error>,
    },
    /// The API server did not answer in time.
    #[error("no answer in time to {0}")]
    Timeout(&'static str),
}

impl Error {
    pub(crate) fn bus(operation: &'static str) -> impl FnOnce(bus::Error) -> Self {
        move |source| Self::Bus { operation, source }
    }

    /// Whether somebody else wrote first: not worth a warning, the next event brings the news.
    pub(crate) fn is_conflict(&self) -> bool {
        match self {
            Self::Bus { source, .. } => matches!(source, bus::Error::Conflict),
            Self::Kubernetes { source, .. } => {
                matches!(&**source, kube::Error::Api(status) if matches!(status.code, 404 | 409 | 422))
            }
            Self::Timeout(_) => false,
        }
    }
}
