//! What can go wrong, the class that decides what follows, and what the user reads.

use proto::{ErrorClass, wire::CredentialOutcome};
use worker::{Failure, TurnError};

use crate::aws;
use crate::network;
use crate::postgres;
use crate::redis;
use crate::snapshot;
use crate::strategy::StrategyError;
use crate::tags::TagError;

/// A turn, or the start, that failed. The texts are stable: they hold no request ids and no secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Local mode without an endpoint.
    #[error("REQUIRE_ENDPOINT is set and AWS_ENDPOINT_URL is not")]
    EndpointRequired,
    /// An AWS call failed.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// The strategy cannot be followed.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// A tag would be refused by AWS.
    #[error(transparent)]
    Tag(#[from] TagError),
    /// Neither the strategy nor the environment names a region.
    #[error("no AWS region is known: set region in the strategy or AWS_REGION")]
    NoRegion,
    /// The claim lives in another account.
    #[error("the claim is pinned to AWS account {pinned}, the credentials are of {found}")]
    PinnedElsewhere {
        /// Where it lives.
        pinned: String,
        /// Where we are.
        found: String,
    },
    /// The credentials are of an account that was not meant.
    #[error("the credentials are of AWS account {found}, EXPECTED_ACCOUNT_ID is {expected}")]
    WrongAccount {
        /// Where we should be.
        expected: String,
        /// Where we are.
        found: String,
    },
    /// Something has our name and not our tags.
    #[error(
        "not owned: {what} {name} exists and its tags do not name this claim; it is left untouched"
    )]
    NotOwned {
        /// What it is.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// It was there and is not any more, and nobody asked for that.
    #[error(
        "bucket {name} is gone though its claim is not: delete the claim, or restore the bucket"
    )]
    Gone {
        /// Name of the bucket.
        name: String,
    },
    /// A strategy names a bucket to adopt that does not exist.
    #[error(
        "createStrategy.Bucket names {name}, which does not exist: only a bucket of the claim's own can be named"
    )]
    NothingToAdopt {
        /// Name of the bucket.
        name: String,
    },
    /// The bucket's policy cannot be read, so ours cannot be merged into it.
    #[error("the policy of bucket {name} cannot be read as a policy document: correct it")]
    UnreadablePolicy {
        /// Name of the bucket.
        name: String,
    },
    /// Objects that may not be deleted keep the bucket from being deleted.
    #[error(
        "bucket {name} holds objects that AWS does not delete ({code}), such as locked ones: it cannot be emptied"
    )]
    ProtectedObjects {
        /// Name of the bucket.
        name: String,
        /// Code of the first refusal.
        code: String,
    },
    /// Somebody attached something to the user.
    #[error("IAM user {name} cannot be deleted: detach what was attached to it by hand")]
    UserInUse {
        /// Name of the user.
        name: String,
    },
    /// A database needs somebody.
    #[error(transparent)]
    Postgres(#[from] postgres::Problem),
    /// A cache needs somebody.
    #[error(transparent)]
    Redis(#[from] redis::Problem),
    /// SES does not answer where it is not known to be.
    #[error(
        "SES does not answer in {region}, and is not known to have an SMTP endpoint there: make the claim again with another region in its strategy"
    )]
    NoSes {
        /// The region.
        region: String,
    },
    /// A snapshot needs somebody.
    #[error(transparent)]
    Snapshot(#[from] snapshot::Problem),
    /// The subnets of the cluster's network are in another region than the claim.
    #[error(
        "strategy field region: the claim is in {region}, the cluster's network in {network}: they must be the same"
    )]
    NetworkElsewhere {
        /// The claim's region.
        region: String,
        /// The network's region.
        network: String,
    },
    /// The network needs somebody.
    #[error(transparent)]
    Network(#[from] network::Problem),
    /// secret-writer does not answer.
    #[error("secret-writer does not answer")]
    SecretWriterSilent,
    /// secret-writer does not keep the claim's credentials.
    #[error("secret-writer does not keep the claim's credentials: {}", refusal(*.0))]
    CredentialsRefused(CredentialOutcome),
}

impl Error {
    /// Whether it keeps the operator out of where claims live.
    pub fn keeps_out(&self) -> bool {
        match self {
            Self::Aws(error) => error.kind == aws::Kind::Credentials,
            Self::NoRegion | Self::WrongAccount { .. } => true,
            _ => false,
        }
    }

    /// The class that decides delay and disposition.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Aws(error) => error.class(),
            Self::Postgres(problem) => problem.class(),
            Self::Redis(problem) => problem.class(),
            Self::Snapshot(problem) => problem.class(),
            Self::Network(problem) => problem.class(),
            Self::EndpointRequired
            | Self::Strategy(_)
            | Self::Tag(_)
            | Self::NetworkElsewhere { .. }
            | Self::NothingToAdopt { .. } => ErrorClass::Invalid,
            Self::NotOwned { .. } | Self::CredentialsRefused(CredentialOutcome::Foreign) => {
                ErrorClass::Foreign
            }
            Self::NoRegion
            | Self::PinnedElsewhere { .. }
            | Self::WrongAccount { .. }
            | Self::Gone { .. }
            | Self::NoSes { .. }
            | Self::UnreadablePolicy { .. }
            | Self::ProtectedObjects { .. }
            | Self::UserInUse { .. } => ErrorClass::NeedsPerson,
            Self::SecretWriterSilent | Self::CredentialsRefused(_) => ErrorClass::Transient,
        }
    }

    /// `CamelCase` reason for a condition.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Aws(error) => error.reason(),
            Self::Postgres(problem) => problem.reason(),
            Self::Redis(problem) => problem.reason(),
            Self::Snapshot(problem) => problem.reason(),
            Self::Network(problem) => problem.reason(),
            Self::EndpointRequired => "EndpointRequired",
            Self::Strategy(_) => "InvalidStrategy",
            Self::Tag(_) => "InvalidTag",
            Self::NoRegion => "NoRegion",
            Self::PinnedElsewhere { .. } => "PinnedElsewhere",
            Self::WrongAccount { .. } => "WrongAccount",
            Self::NetworkElsewhere { .. } => "NetworkElsewhere",
            Self::NotOwned { .. } => "NotOwned",
            Self::Gone { .. } => "BucketGone",
            Self::NoSes { .. } => "NoSes",
            Self::NothingToAdopt { .. } => "NothingToAdopt",
            Self::UnreadablePolicy { .. } => "UnreadablePolicy",
            Self::ProtectedObjects { .. } => "ProtectedObjects",
            Self::UserInUse { .. } => "UserInUse",
            Self::SecretWriterSilent => "SecretWriterSilent",
            Self::CredentialsRefused(_) => "CredentialsRefused",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.class(), error.reason(), error.to_string())
    }
}

impl From<Error> for TurnError {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<aws::Error> for TurnError {
    fn from(error: aws::Error) -> Self {
        Error::from(error).into()
    }
}

fn refusal(outcome: CredentialOutcome) -> &'static str {
    match outcome {
        CredentialOutcome::Foreign => "a Secret of that name exists that is not ours",
        CredentialOutcome::Refused => {
            "the claim is gone, being deleted or served elsewhere, or another key is held by now"
        }
        CredentialOutcome::Untimely => {
            "its clock and that of aws-provisioner differ by too much: set them right"
        }
        _ => "it could not look, and is asked again",
    }
}
