//! What can interrupt a reconcile. Nothing here says anything about the claim: it is simply tried again.

use kube::core::Status;

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
    /// Many items were before it, and the workers are behind.
    #[error("the item waits for its turn: the workers are behind")]
    Queued,
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
            // A JSON patch whose test fails is answered by 422.
            Self::Kubernetes { .. } => matches!(self.code(), Some(404 | 409 | 422)),
            Self::Queued | Self::Timeout(_) => false,
        }
    }

    /// Whether the bus cannot be used.
    pub(crate) fn is_bus_down(&self) -> bool {
        matches!(self, Self::Bus { .. }) && !self.is_conflict()
    }

    /// The text of metrics.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            _ if self.is_conflict() => "conflict",
            Self::Bus { .. } => "bus",
            Self::Kubernetes { .. } | Self::Timeout(_) => "kubernetes",
            Self::Queued => "queued",
        }
    }

    /// The code of the API server's answer, if it gave one.
    pub(crate) fn code(&self) -> Option<u16> {
        self.status().map(|status| status.code)
    }

    /// Whether the API server knows the kind, and says that there is no object of that name.
    pub(crate) fn is_object_missing(&self) -> bool {
        let names_it =
            |status: &Status| status.details.as_ref().is_some_and(|it| !it.name.is_empty());
        self.status().is_some_and(|status| status.code == 404 && names_it(status))
    }

    fn status(&self) -> Option<&Status> {
        match self {
            Self::Kubernetes { source, .. } => match &**source {
                kube::Error::Api(status) => Some(status),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(status: Value) -> Error {
        let status: Status = serde_json::from_value(status).unwrap();
        let source = Box::new(kube::Error::Api(Box::new(status)));
        Error::Kubernetes { operation: "read a claim", source }
    }

    #[test]
    fn a_missing_object_is_not_a_missing_kind() {
        let details = json!({"name": "orders", "group": "integreatly.org", "kind": "postgres"});
        let object = answer(json!({"code": 404, "reason": "NotFound", "details": details}));
        assert!(object.is_object_missing());
        let kind = answer(json!({"code": 404, "reason": "NotFound", "details": {}}));
        assert!(!kind.is_object_missing());
        assert!(!answer(json!({"code": 403, "details": details})).is_object_missing());
    }

    #[test]
    fn a_lost_race_is_told_from_a_failure() {
        for code in [404, 409, 422] {
            assert_eq!(answer(json!({"code": code})).class(), "conflict", "{code}");
        }
        assert!(Error::bus("publish an item")(bus::Error::Conflict).is_conflict());
        assert_eq!(answer(json!({"code": 500})).class(), "kubernetes");
        let down = Error::bus("read an item")(bus::Error::LeaseLost);
        assert!(down.is_bus_down() && !down.is_conflict());
    }
}
