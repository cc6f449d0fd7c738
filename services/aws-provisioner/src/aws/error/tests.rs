//! Answers as they come over the wire, read by the SDK's own parsers.

use std::error::Error as _;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;

use super::*;
use crate::aws::iam::Iam;
use crate::aws::s3::{Bucket, S3};
use crate::aws::{Budget, Gate};
use crate::metrics::Metrics;

/// Answers every request with this.
#[derive(Clone, Copy, Debug)]
enum Wire {
    Answer(u16, &'static str),
    Refused,
    Reset,
}

impl HttpConnector for Wire {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let io = |kind| Err(ConnectorError::io(std::io::Error::from(kind).into()));
        HttpConnectorFuture::ready(match self {
            Self::Answer(status, body) => {
                let status = StatusCode::try_from(*status).unwrap();
                Ok(HttpResponse::new(status, SdkBody::from(*body)))
            }
            Self::Refused => io(std::io::ErrorKind::ConnectionRefused),
            Self::Reset => io(std::io::ErrorKind::ConnectionReset),
        })
    }
}

fn sdk(wire: Wire) -> aws_config::SdkConfig {
    aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .retry_config(RetryConfig::disabled())
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(wire)))
        .build()
}

fn credentials() -> Credentials {
    Credentials::new("id", "secret", None, None, "test")
}

fn gate() -> Gate {
    Gate::new(Budget::new(1000, 1000), Metrics::default())
}

const BUCKET: Bucket<'_> = Bucket { name: "b", account: "1" };

fn s3(wire: Wire) -> S3 {
    let config = aws_sdk_s3::config::Builder::from(&sdk(wire)).credentials_provider(credentials());
    S3::new(aws_sdk_s3::Client::from_conf(config.build()), gate())
}

fn iam(wire: Wire) -> Iam {
    let config = aws_sdk_iam::config::Builder::from(&sdk(wire)).credentials_provider(credentials());
    Iam::new(aws_sdk_iam::Client::from_conf(config.build()), gate())
}

macro_rules! s3_error {
    ($code:literal) => {
        concat!(
            "<Error><Code>",
            $code,
            "</Code><Message>with canary parameters</Message>",
            "<RequestId>REQUEST-1</RequestId><HostId>HOST-1</HostId></Error>"
        )
    };
}

macro_rules! iam_error {
    ($code:literal) => {
        concat!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>",
            $code,
            "</Code><Message>with canary parameters</Message></Error>",
            "<RequestId>REQUEST-1</RequestId></ErrorResponse>"
        )
    };
}

#[tokio::test]
async fn every_answer_of_s3_has_a_class() {
    let table = [
        (
            Wire::Answer(409, s3_error!("BucketAlreadyOwnedByYou")),
            Kind::AlreadyExists,
            ErrorClass::Transient,
        ),
        (Wire::Answer(409, s3_error!("BucketAlreadyExists")), Kind::Taken, ErrorClass::Foreign),
        (Wire::Answer(409, s3_error!("OperationAborted")), Kind::State, ErrorClass::Transient),
        (Wire::Answer(403, s3_error!("AccessDenied")), Kind::Denied, ErrorClass::NeedsPerson),
        (Wire::Answer(400, s3_error!("ExpiredToken")), Kind::Credentials, ErrorClass::Transient),
        (
            Wire::Answer(403, s3_error!("InvalidAccessKeyId")),
            Kind::Credentials,
            ErrorClass::Transient,
        ),
        (Wire::Answer(400, s3_error!("TooManyBuckets")), Kind::Quota, ErrorClass::Quota),
        (Wire::Answer(400, s3_error!("InvalidBucketName")), Kind::Invalid, ErrorClass::Invalid),
        (
            Wire::Answer(400, s3_error!("IllegalLocationConstraintException")),
            Kind::Invalid,
            ErrorClass::Invalid,
        ),
        (Wire::Answer(503, s3_error!("SlowDown")), Kind::Throttled, ErrorClass::Throttled),
        (Wire::Answer(500, s3_error!("InternalError")), Kind::Unknown, ErrorClass::Transient),
        (Wire::Answer(400, s3_error!("NeverSeenBefore")), Kind::Unknown, ErrorClass::Transient),
        (Wire::Answer(502, "<html>bad gateway</html>"), Kind::Unknown, ErrorClass::Transient),
        (Wire::Refused, Kind::Unsent, ErrorClass::Transient),
        (Wire::Reset, Kind::Unknown, ErrorClass::Transient),
    ];
    for (wire, kind, class) in table {
        let error = s3(wire).put_tags(BUCKET, &[].into()).await.unwrap_err();
        assert_eq!((error.kind, error.class()), (kind, class), "{wire:?}");
        assert_eq!(error.is_unknown(), kind == Kind::Unknown);
    }
}

#[tokio::test]
async fn every_answer_of_iam_has_a_class() {
    let table = [
        (Wire::Answer(409, iam_error!("EntityAlreadyExists")), Kind::AlreadyExists),
        (Wire::Answer(409, iam_error!("LimitExceeded")), Kind::Quota),
        (Wire::Answer(409, iam_error!("DeleteConflict")), Kind::InUse),
        (Wire::Answer(409, iam_error!("ConcurrentModification")), Kind::State),
        (Wire::Answer(409, iam_error!("EntityTemporarilyUnmodifiable")), Kind::State),
        (Wire::Answer(404, iam_error!("NoSuchEntity")), Kind::NotFound),
        (Wire::Answer(400, iam_error!("MalformedPolicyDocument")), Kind::Invalid),
        (Wire::Answer(400, iam_error!("Throttling")), Kind::Throttled),
        (Wire::Answer(403, iam_error!("InvalidClientTokenId")), Kind::Credentials),
        (Wire::Answer(500, iam_error!("ServiceFailure")), Kind::Unknown),
    ];
    for (wire, kind) in table {
        let error = iam(wire).put_user_policy("u", "p", "{}").await.unwrap_err();
        assert_eq!(error.kind, kind, "{wire:?}");
    }
}

#[tokio::test]
async fn an_answer_without_a_body_is_read_by_its_status() {
    for (status, kind) in [(301, Kind::Elsewhere), (403, Kind::Denied), (503, Kind::Unknown)] {
        let error = s3(Wire::Answer(status, "")).exists(BUCKET).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status}");
    }
    assert_eq!(s3(Wire::Answer(404, "")).exists(BUCKET).await, Ok(false));
}

#[tokio::test]
async fn what_was_not_set_is_no_error_and_what_is_gone_is_deleted() {
    assert_eq!(
        s3(Wire::Answer(404, s3_error!("NoSuchTagSet"))).tags(BUCKET).await,
        Ok(Some([].into()))
    );
    assert_eq!(
        s3(Wire::Answer(404, s3_error!("NoSuchBucketPolicy"))).policy(BUCKET).await,
        Ok(None)
    );
    assert_eq!(s3(Wire::Answer(404, s3_error!("NoSuchBucket"))).delete(BUCKET).await, Ok(()));
    let block = s3(Wire::Answer(404, s3_error!("NoSuchPublicAccessBlockConfiguration")));
    assert_eq!(block.blocks_public_access(BUCKET).await, Ok(false));
    let encryption =
        s3(Wire::Answer(404, s3_error!("ServerSideEncryptionConfigurationNotFoundError")));
    assert_eq!(encryption.is_encrypted(BUCKET).await, Ok(false));
    let missing = Wire::Answer(404, iam_error!("NoSuchEntity"));
    assert_eq!(iam(missing).user_tags("u").await, Ok(None));
    assert_eq!(iam(missing).access_keys("u").await, Ok(vec![]));
    assert_eq!(iam(missing).delete_access_key("u", "k").await, Ok(()));
}

#[tokio::test]
async fn a_denied_call_names_what_to_allow_and_no_text_of_aws_is_repeated() {
    let denied = Wire::Answer(403, s3_error!("AccessDenied"));
    let error = s3(denied).block_public_access(BUCKET).await.unwrap_err();
    assert!(error.to_string().contains("allow s3:PutBucketPublicAccessBlock"), "{error}");
    let all = format!("{error} {error:?}");
    assert!(["REQUEST-1", "HOST-1", "canary"].iter().all(|word| !all.contains(word)), "{all}");
    assert!(error.source().is_none());
}

#[tokio::test]
async fn without_credentials_the_message_says_so() {
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&sdk(Wire::Reset))
            .credentials_provider(NoCredentials)
            .build(),
    );
    let error = S3::new(client, gate()).exists(BUCKET).await.unwrap_err();
    assert_eq!((error.kind, error.is_unknown()), (Kind::Credentials, false));
}

#[derive(Debug)]
struct NoCredentials;

impl aws_credential_types::provider::ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(
        &'a self,
    ) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let error = CredentialsError::not_loaded_no_source();
        aws_credential_types::provider::future::ProvideCredentials::ready(Err(error))
    }
}

#[tokio::test]
async fn a_minted_key_does_not_print() {
    let answer = "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><UserName>u</UserName>\
        <AccessKeyId>AKIDEXAMPLE</AccessKeyId><Status>Active</Status>\
        <SecretAccessKey>canary</SecretAccessKey></AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>";
    let key = iam(Wire::Answer(200, answer)).create_access_key("u").await.unwrap();
    assert_eq!(key.id, "AKIDEXAMPLE");
    assert!(!format!("{key:?}").contains("canary"));
}
