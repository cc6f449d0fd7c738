//! What can go wrong, and the class that decides what follows.

use crds::conditions::reasons;
use proto::ErrorClass;
use worker::{Failure, Outcome, TurnError};

/// Longest piece of another program's text that goes into a status, in characters.
const LONGEST_QUOTE: usize = 600;

/// A failed call of the Kubernetes API. Nothing that we send holds a secret, so its answers can be quoted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused the call.
    #[error("the API server refused to {operation} ({code}): {message}")]
    Refused {
        /// What was tried, such as `apply Deployment db`.
        operation: String,
        /// HTTP status code.
        code: u16,
        /// What the API server says.
        message: String,
        /// The namespace is being deleted.
        is_terminating: bool,
    },
    /// The API server did not answer, or not in time.
    #[error("no answer from the API server to {operation}")]
    Unanswered {
        /// What was tried.
        operation: String,
    },
}

impl Error {
    /// Reads an error of the client.
    pub fn kube(operation: impl Into<String>, error: &kube::Error) -> Self {
        let operation = operation.into();
        match error {
            kube::Error::Api(status) => Self::Refused {
                operation,
                code: status.code,
                message: quote(&status.message),
                is_terminating: status.details.as_ref().is_some_and(|details| {
                    details.causes.iter().any(|cause| cause.reason == "NamespaceTerminating")
                }),
            },
            _ => Self::Unanswered { operation },
        }
    }

    /// The class that decides delay and disposition.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Refused { is_terminating: true, .. } | Self::Unanswered { .. } => {
                ErrorClass::Transient
            }
            Self::Refused { code, message, .. } => match code {
                403 if message.contains("exceeded quota") => ErrorClass::Quota,
                // An API server that was just started refuses everybody until it has read the roles.
                403 if !is_of_authorizer(message) => ErrorClass::NeedsPerson,
                400 | 422 if is_of_admission(message) => ErrorClass::NeedsPerson,
                // Another object has taken the place of the one that was observed.
                422 if message.contains("metadata.uid") => ErrorClass::Transient,
                400 | 422 => ErrorClass::Invalid,
                429 => ErrorClass::Throttled,
                _ => ErrorClass::Transient,
            },
        }
    }

    /// What to do about it, for people.
    fn advice(&self) -> String {
        match (self, self.class()) {
            (Self::Refused { code: 403, message, .. }, _) if is_of_authorizer(message) => {
                format!("{self}; when it lasts, grant openshift-provisioner that permission")
            }
            (_, ErrorClass::NeedsPerson) => {
                format!("{self}; correct the strategy, or have the cluster admit it")
            }
            (_, ErrorClass::Quota) => format!("{self}; raise the quota or free some of it"),
            (_, ErrorClass::Invalid) => format!("{self}; correct the strategy"),
            _ => self.to_string(),
        }
    }
}

/// The words of the API server itself; admission plugins that answer 403 have others.
fn is_of_authorizer(message: &str) -> bool {
    message.contains("is forbidden: User ")
}

/// What a policy or a webhook has refused; both may choose any code.
fn is_of_admission(message: &str) -> bool {
    ["denied request: ", "denied the request"].iter().any(|words| message.contains(words))
}

impl Outcome for Error {
    fn is_unknown(&self) -> bool {
        match self {
            Self::Unanswered { .. } => true,
            Self::Refused { code, .. } => *code >= 500,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        failure(error.class(), error.advice())
    }
}

impl From<Error> for TurnError {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

/// A failure whose reason is the one that conditions use for its class.
pub fn failure(class: ErrorClass, message: impl Into<String>) -> Failure {
    let reason = reasons::of_class(class.as_str()).unwrap_or(reasons::TRANSIENT);
    Failure::new(class, reason, message)
}

/// The beginning of a text that others wrote, on one line.
pub fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
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
        let status = Status::failure(message, "Reason").with_code(code).with_details(details);
        Error::kube("apply Deployment db", &kube::Error::Api(status.boxed()))
    }

    #[test]
    fn the_answer_of_the_api_server_decides_the_class() {
        let table = [
            (refused(401, "Unauthorized", ""), ErrorClass::Transient, false),
            (refused(403, "pvc is forbidden: User \"a\" cannot", ""), ErrorClass::Transient, false),
            (refused(403, "admission webhook denied", ""), ErrorClass::NeedsPerson, false),
            (refused(403, "exceeded quota: q", ""), ErrorClass::Quota, false),
            (refused(403, "terminated", "NamespaceTerminating"), ErrorClass::Transient, false),
            (refused(404, "namespaces not found", ""), ErrorClass::Transient, false),
            (refused(409, "the object has been modified", ""), ErrorClass::Transient, false),
            (refused(422, "spec.selector: immutable", ""), ErrorClass::Invalid, false),
            (refused(422, "policy 'a' denied request: b", ""), ErrorClass::NeedsPerson, false),
            (
                refused(400, "webhook \"a\" denied the request: b", ""),
                ErrorClass::NeedsPerson,
                false,
            ),
            (refused(422, "metadata.uid: immutable", ""), ErrorClass::Transient, false),
            (refused(429, "slow down", ""), ErrorClass::Throttled, false),
            (refused(500, "etcd", ""), ErrorClass::Transient, true),
            (Error::Unanswered { operation: "x".into() }, ErrorClass::Transient, true),
        ];
        for (error, class, is_unknown) in table {
            assert_eq!(error.class(), class, "{error}");
            assert_eq!(error.is_unknown(), is_unknown, "{error}");
        }
    }

    #[test]
    fn a_failure_says_what_to_do() {
        let told = Failure::from(refused(403, "exceeded quota: q", ""));
        assert_eq!(told.reason, "Quota");
        assert!(told.message.ends_with("raise the quota or free some of it"), "{told}");
    }

    #[test]
    fn quotes_are_bounded_and_on_one_line() {
        assert_eq!(quote("a\n  b"), "a b");
        let long = quote(&"ü".repeat(1000));
        assert_eq!(long.chars().count(), LONGEST_QUOTE + 3);
    }
}
