//! One AWS account with the real SDK's clients.

use std::time::Duration;

use aws_sdk_rds::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_rds::error::ProvideErrorMetadata;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use stack::{Doubles, Proxy};
use tokio::sync::OnceCell;

static DOUBLE: OnceCell<(Doubles, tempfile::TempDir)> = OnceCell::const_new();

pub struct Account {
    pub aws: Proxy,
    pub rds: aws_sdk_rds::Client,
    pub cache: aws_sdk_elasticache::Client,
    pub ec2: aws_sdk_ec2::Client,
    pub iam: aws_sdk_iam::Client,
}

macro_rules! client {
    ($sdk:ident, $aws:expr) => {{
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .endpoint_url($aws.url())
            .retry_config($sdk::config::retry::RetryConfig::disabled())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(
                Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
            );
        $sdk::Client::from_conf(config.build())
    }};
}

impl Account {
    pub async fn new(number: &str) -> Self {
        let (doubles, _) = DOUBLE
            .get_or_init(async || {
                let folder = tempfile::tempdir().unwrap();
                (Doubles::start(folder.path()).await.unwrap(), folder)
            })
            .await;
        let aws = Proxy::start(doubles, number).await.unwrap();
        Self {
            rds: client!(aws_sdk_rds, aws),
            cache: client!(aws_sdk_elasticache, aws),
            ec2: client!(aws_sdk_ec2, aws),
            iam: client!(aws_sdk_iam, aws),
            aws,
        }
    }

    /// The subnets of the account's default VPC, each in a zone of its own.
    pub async fn subnets(&self) -> Vec<String> {
        let answer = self.ec2.describe_subnets().send().await.unwrap();
        let subnets = answer.subnets.unwrap().into_iter();
        subnets.map(|subnet| subnet.subnet_id.unwrap()).collect()
    }
}

/// The code that a call was refused with.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    result: Result<T, aws_sdk_rds::error::SdkError<E, R>>,
) -> String {
    result.unwrap_err().code().unwrap_or("none").to_owned()
}

/// Long enough to be seen.
pub const WHILE: Duration = Duration::from_millis(600);
