//! What can go wrong, and the class that decides what follows.

use proto::ErrorClass;

/// A failed step. It quotes nothing that the API server says but its reason: other text could echo a Secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused a call.
    #[error("the API server refused to {operation}: {code} {reason}")]
    Refused {
        /// What was tried.
        operation: &'static str,
        /// HTTP status code.
        code: u16,
        /// `reason` of the answer, such as `Forbidden`.
        reason: String,
        /// A quota of the namespace is exhausted.
        is_quota: bool,
        /// The namespace is being deleted.
        is_terminating: bool,
    },
    /// The API server did not answer, or not in time.
    #[error("no answer from the API server to {operation}")]
    Unanswered {
        /// What was tried.
        operation: &'static str,
    },
    /// An object changed between our reading and our writing: read again and decide anew.
    #[error("another writer was faster")]
    Contended,
    /// The bus failed.
    #[error("the bus cannot be used")]
    Bus(#[source] bus::Error),
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system")]
    Random(#[source] rand::rngs::SysError),
}

impl From<bus::Error> for Error {
    fn from(error: bus::Error) -> Self {
        match error {
            bus::Error::Conflict => Self::Contended,
            error => Self::Bus(error),
        }
    }
}

impl Error {
    /// Reads an error of the client.
    pub fn kube(operation: &'static str) -> impl Fn(kube::Error) -> Self {
        move |error| match error {
            // A precondition failed, or somebody was faster to create it.
            kube::Error::Api(status) if status.code == 409 => Self::Contended,
            kube::Error::Api(status) => Self::Refused {
                operation,
                code: status.code,
                is_quota: status.code == 403 && status.message.contains("exceeded quota"),
                is_terminating: status.details.as_ref().is_some_and(|details| {
                    details.causes.iter().any(|cause| cause.reason == "NamespaceTerminating")
                }),
                reason: status.reason.clone(),
            },
            _ => Self::Unanswered { operation },
        }
    }

    /// The class that a claim's status shows.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Refused { is_quota: true, .. } => ErrorClass::Quota,
            Self::Refused { is_terminating: true, .. } => ErrorClass::Transient,
            Self::Refused { code: 429, .. } => ErrorClass::Throttled,
            Self::Refused { code: 400 | 413 | 422, .. } => ErrorClass::NeedsPerson,
            // 401 and 403 too: an API server that was just started refuses everybody until it has read the roles.
            Self::Refused { .. }
            | Self::Unanswered { .. }
            | Self::Contended
            | Self::Bus(_)
            | Self::Random(_) => ErrorClass::Transient,
        }
    }

    /// Stable text for the claim's status: what is wrong and what to do.
    pub fn advice(&self) -> String {
        match self {
            Self::Refused { operation, is_quota: true, .. } => {
                format!("the namespace's quota does not let us {operation}: raise it or free some")
            }
            Self::Refused { operation, code: 401 | 403, .. } => {
                format!(
                    "secret-writer may not {operation}: when it lasts, grant it that permission"
                )
            }
            Self::Refused { operation, code: 400 | 413 | 422, .. } => format!(
                "the API server does not accept what we want to {operation}: \
                 delete the Secret if it is immutable or of another type, it is then written anew"
            ),
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use kube::core::response::{StatusCause, StatusDetails};

    use super::*;

    fn refused(code: u16, message: &str, cause: &str) -> Error {
        let cause =
            StatusCause { reason: cause.into(), message: String::new(), field: String::new() };
        let details = StatusDetails {
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            uid: String::new(),
            causes: vec![cause],
            retry_after_seconds: 0,
        };
        let status = Status { details: Some(details), ..Status::failure(message, "Reason") };
        Error::kube("write a Secret")(kube::Error::Api(status.with_code(code).boxed()))
    }

    #[test]
    fn the_answer_of_the_api_server_decides_the_class() {
        let table = [
            (refused(403, "secrets is forbidden", ""), ErrorClass::Transient),
            (refused(403, "exceeded quota: q", ""), ErrorClass::Quota),
            (refused(403, "being terminated", "NamespaceTerminating"), ErrorClass::Transient),
            (refused(409, "already exists", ""), ErrorClass::Transient),
            (refused(422, "field is immutable", ""), ErrorClass::NeedsPerson),
            (refused(429, "slow down", ""), ErrorClass::Throttled),
            (refused(500, "etcd", ""), ErrorClass::Transient),
            (Error::Unanswered { operation: "read a Secret" }, ErrorClass::Transient),
        ];
        for (error, class) in table {
            assert_eq!(error.class(), class, "{error}");
        }
    }

    #[test]
    fn what_the_api_server_says_is_not_repeated() {
        let error = refused(422, "data[password]: Invalid value: \"canary\"", "");
        assert!(!format!("{error:?} {error} {}", error.advice()).contains("canary"));
    }
}
