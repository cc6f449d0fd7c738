//! Errors of the SDK, read once into what they mean.

mod ec2;
mod elasticache;
mod rds;

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use proto::ErrorClass;
use worker::Outcome;

use super::operation::Operation;
use super::operations::sts::{ASSUME_ROLE, ASSUME_ROLE_WITH_WEB_IDENTITY};

const CREDENTIALS_REJECTED: &str = "CredentialsRejected";
const WAITING_FOR_CREDENTIALS: &str = "WaitingForCredentials";

/// These stand for the code of AWS where there is nothing to show it.
const NO_CREDENTIALS: &str = "NoCredentials";
const REFUSED: &str = "ConnectionRefused";
const UNREACHABLE: &str = "Connection";

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It does not exist.
    NotFound,
    /// It exists and is in our account.
    AlreadyExists,
    /// The name is taken, by another account.
    Taken,
    /// It is in another region.
    Elsewhere,
    /// It is not empty.
    NotEmpty,
    /// Something still hangs on it.
    InUse,
    /// It is changing: later.
    State,
    /// AWS asks to slow down.
    Throttled,
    /// Our own budget asks to slow down; nothing was sent.
    Budget,
    /// The credentials lack a permission.
    Denied,
    /// The credentials are missing, expired, or not known (yet).
    Credentials,
    /// A quota is exhausted.
    Quota,
    /// What was asked is impossible.
    Invalid,
    /// The request never left: it had no effect.
    Unsent,
    /// Timeout, reset, a server's error, or a code that is not listed: the effect must be observed.
    Unknown,
}

impl Kind {
    /// The text of metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::AlreadyExists => "already-exists",
            Self::Taken => "taken",
            Self::Elsewhere => "elsewhere",
            Self::NotEmpty => "not-empty",
            Self::InUse => "in-use",
            Self::State => "state",
            Self::Throttled => "throttled",
            Self::Budget => "budget",
            Self::Denied => "denied",
            Self::Credentials => "credentials",
            Self::Quota => "quota",
            Self::Invalid => "invalid",
            Self::Unsent => "unsent",
            Self::Unknown => "unknown",
        }
    }
}

/// A call to AWS that failed. Holds no request id and no text of AWS, which may echo parameters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Error {
    /// What was called.
    pub operation: Operation,
    /// What it means.
    pub kind: Kind,
    /// The code of AWS, or what stands for it.
    pub code: String,
}

impl Error {
    /// Reads an error of the SDK.
    pub fn read<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let (kind, code) = match error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                let code = answer.err().code();
                let own = code.and_then(|code| {
                    let kinds = [rds::kind, elasticache::kind, ec2::kind];
                    kinds.into_iter().find_map(|kind| kind(code))
                });
                let kind = own.unwrap_or_else(|| kind(code, status));
                (kind, code.map_or_else(|| status.to_string(), ToOwned::to_owned))
            }
            _ if is_credentials(error) => return no_credentials(operation, error),
            SdkError::ConstructionFailure(_) => (Kind::Invalid, "Construction".to_owned()),
            SdkError::TimeoutError(_) => (Kind::Unknown, "Timeout".to_owned()),
            SdkError::DispatchFailure(_) if is_unsent(error) => (Kind::Unsent, REFUSED.to_owned()),
            SdkError::DispatchFailure(_) => (Kind::Unknown, UNREACHABLE.to_owned()),
            _ => (Kind::Unknown, "Response".to_owned()),
        };
        Self { operation, kind, code }
    }

    /// The class that decides delay and disposition.
    pub fn class(&self) -> ErrorClass {
        match self.kind {
            Kind::Throttled | Kind::Budget => ErrorClass::Throttled,
            Kind::Quota => ErrorClass::Quota,
            Kind::Invalid => ErrorClass::Invalid,
            Kind::Taken => ErrorClass::Foreign,
            Kind::Denied | Kind::Elsewhere => ErrorClass::NeedsPerson,
            // Visible in a moment, gone in a moment, or read anew by the next turn.
            Kind::NotFound
            | Kind::AlreadyExists
            | Kind::NotEmpty
            | Kind::InUse
            | Kind::State
            | Kind::Credentials
            | Kind::Unsent
            | Kind::Unknown => ErrorClass::Transient,
        }
    }

    /// `CamelCase` reason for a condition.
    pub fn reason(&self) -> &'static str {
        match self.kind {
            Kind::NotFound => "NotVisibleYet",
            Kind::AlreadyExists | Kind::NotEmpty | Kind::InUse | Kind::State => "ResourceBusy",
            Kind::Taken => "NameTaken",
            Kind::Elsewhere => "InAnotherRegion",
            Kind::Throttled => "Throttled",
            Kind::Budget => "WaitingForApiBudget",
            Kind::Denied => "AccessDenied",
            Kind::Credentials if self.code == NO_CREDENTIALS => WAITING_FOR_CREDENTIALS,
            Kind::Credentials => CREDENTIALS_REJECTED,
            Kind::Quota => "QuotaExceeded",
            Kind::Invalid => "RefusedByAws",
            Kind::Unsent | Kind::Unknown => "AwsUnavailable",
        }
    }

    fn text(&self) -> String {
        let Operation { service, name, .. } = self.operation;
        let (service, code) = (service.as_str(), &self.code);
        match self.kind {
            Kind::NotFound => format!("{service} does not show yet what {name} needs"),
            Kind::AlreadyExists | Kind::NotEmpty | Kind::InUse | Kind::State => {
                format!("{service} {name} must wait for another change ({code})")
            }
            Kind::Taken => "the name of the bucket is taken by another AWS account".to_owned(),
            Kind::Elsewhere => "the bucket is in another region than the claim".to_owned(),
            Kind::Throttled => format!("AWS asks to slow down calls to {service}"),
            Kind::Budget => format!("waiting for our own limit of calls to {service}"),
            Kind::Denied => {
                let actions: Vec<String> = self.operation.allowed_by().collect();
                format!(
                    "{service} {name} was denied: allow {} to the operator",
                    actions.join(" and ")
                )
            }
            Kind::Credentials if code == NO_CREDENTIALS => {
                "the operator has no AWS credentials yet; it goes on by itself when an administrator gives it some: \
                 see docs/aws.md"
                    .to_owned()
            }
            Kind::Credentials => format!("AWS does not accept the operator's credentials ({code})"),
            Kind::Quota => {
                format!("a quota of {service} is exhausted ({code}): raise it or free some")
            }
            Kind::Invalid => format!("{service} refused {name} ({code}): correct the strategy"),
            Kind::Unsent | Kind::Unknown if [REFUSED, UNREACHABLE].contains(&&**code) => {
                format!(
                    "{service} cannot be reached ({name}): check the region and the operator's way to AWS"
                )
            }
            Kind::Unsent | Kind::Unknown => {
                format!("no good answer from {service} to {name} ({code})")
            }
        }
    }
}

/// Whether this is the reason of a failure that another reading of the credentials may heal.
pub fn is_about_credentials(reason: &str) -> bool {
    [CREDENTIALS_REJECTED, WAITING_FOR_CREDENTIALS].contains(&reason)
}

impl Outcome for Error {
    fn is_unknown(&self) -> bool {
        self.kind == Kind::Unknown
    }
}

/// `None` in place of "not found".
pub(super) fn optional<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Done also when there was nothing to do.
pub(super) fn gone(result: Result<(), Error>) -> Result<(), Error> {
    optional(result).map(|_| ())
}

/// The meaning of a code; of the status alone where an answer has no body (HEAD).
fn kind(code: Option<&str>, status: u16) -> Kind {
    match code.unwrap_or_default() {
        "NoSuchBucket"
        | "NoSuchEntity"
        | "NoSuchTagSet"
        | "NoSuchBucketPolicy"
        | "NoSuchUpload"
        | "NoSuchPublicAccessBlockConfiguration"
        | "NotFound"
        | "ServerSideEncryptionConfigurationNotFoundError" => Kind::NotFound,
        "BucketAlreadyOwnedByYou" | "EntityAlreadyExists" => Kind::AlreadyExists,
        "BucketAlreadyExists" => Kind::Taken,
        "BucketNotEmpty" => Kind::NotEmpty,
        "DeleteConflict" => Kind::InUse,
        "OperationAborted" | "ConcurrentModification" | "EntityTemporarilyUnmodifiable" => {
            Kind::State
        }
        "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "RequestThrottled"
        | "TooManyRequestsException"
        | "PriorRequestNotComplete" => Kind::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "AllAccessDisabled"
        | "AccountProblem"
        | "UnauthorizedOperation"
        | "NotSignedUp"
        | "OptInRequired" => Kind::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "AuthFailure"
        | "RequestExpired"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "RequestTimeTooSkewed"
        | "UnrecognizedClientException"
        | "InvalidIdentityToken"
        | "IDPRejectedClaim"
        | "RegionDisabledException" => Kind::Credentials,
        // IAM's code for its quotas; other services use it for throttling under a longer name.
        "LimitExceeded" | "TooManyBuckets" | "ServiceQuotaExceededException" => Kind::Quota,
        "InvalidBucketName"
        | "InvalidLocationConstraint"
        | "IllegalLocationConstraintException"
        | "InvalidArgument"
        | "InvalidInput"
        | "InvalidRequest"
        | "InvalidTag"
        | "MalformedPolicy"
        | "MalformedPolicyDocument"
        | "MalformedXML"
        | "ValidationError" => Kind::Invalid,
        "PermanentRedirect" | "AuthorizationHeaderMalformed" => Kind::Elsewhere,
        // Without a body there is no code, or one that the SDK made up.
        _ => match status {
            301 | 307 => Kind::Elsewhere,
            403 => Kind::Denied,
            404 => Kind::NotFound,
            429 => Kind::Throttled,
            _ => Kind::Unknown,
        },
    }
}

/// A refused connection, or a name that does not resolve, proves that nothing was sent.
fn is_unsent(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
    })
}

fn is_credentials(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(<dyn StdError>::is::<CredentialsError>)
}

/// Why a request got no credentials, and so never left: there are none, STS has refused the role, or whoever gives them
/// does not answer.
fn no_credentials(operation: Operation, error: &(dyn StdError + 'static)) -> Error {
    if let Some(error) = causes(error).find_map(of_role) {
        let kind = match error.kind {
            Kind::Denied | Kind::Credentials | Kind::Invalid => Kind::Credentials,
            // STS asks for it, and no other service.
            Kind::Throttled | Kind::Budget => return error,
            _ => Kind::Unsent,
        };
        return Error { operation, kind, ..error };
    }
    let (kind, code) = match causes(error).find_map(<dyn StdError>::downcast_ref) {
        Some(CredentialsError::CredentialsNotLoaded(_)) => (Kind::Credentials, NO_CREDENTIALS),
        Some(CredentialsError::InvalidConfiguration(_)) => {
            (Kind::Credentials, "InvalidConfiguration")
        }
        _ => (Kind::Unsent, "CredentialsUnavailable"),
    };
    Error { operation, kind, code: code.to_owned() }
}

/// What came of assuming a role: by a call of ours, or of the SDK's chain.
fn of_role(cause: &(dyn StdError + 'static)) -> Option<Error> {
    if let Some(own) = cause.downcast_ref::<Error>() {
        return Some(own.clone());
    }
    let web = cause.downcast_ref::<AssumeRoleWithWebIdentityError>();
    let role = cause.downcast_ref::<AssumeRoleError>();
    let operation = if web.is_some() { ASSUME_ROLE_WITH_WEB_IDENTITY } else { ASSUME_ROLE };
    let code = web.map(ProvideErrorMetadata::code).or(role.map(ProvideErrorMetadata::code))?;
    code.map(|code| Error { operation, kind: kind(Some(code), 400), code: code.to_owned() })
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn StdError + 'static)| (*cause).source())
}

#[cfg(test)]
mod tests;
