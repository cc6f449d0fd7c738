//! Clients of what AWS has, beside the service: their calls count for nothing.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use stack::Moto;

use crate::world::World;

macro_rules! config {
    ($sdk:ident, $endpoint:expr, $key:expr, $secret:expr) => {
        $sdk::config::Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .endpoint_url($endpoint)
            .credentials_provider(Credentials::new($key, $secret, None, None, "test"))
            .http_client(http())
    };
}

macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub fn $name(&self) -> $sdk::Client {
            $sdk::Client::from_conf(config!($sdk, self.aws.url(), "test", "test").build())
        }
    };
}

impl World {
    client!(ec2, aws_sdk_ec2);
    client!(rds, aws_sdk_rds);
    client!(elasticache, aws_sdk_elasticache);
    client!(iam_client, aws_sdk_iam);

    pub fn s3_client(&self) -> aws_sdk_s3::Client {
        let config = config!(aws_sdk_s3, self.aws.url(), "test", "test");
        aws_sdk_s3::Client::from_conf(config.force_path_style(true).build())
    }
}

/// Clients with a key, of the double itself: it checks their signatures.
pub fn with_key(
    double: &Moto,
    key: &str,
    secret: &str,
) -> (aws_sdk_s3::Client, aws_sdk_iam::Client) {
    let endpoint = format!("http://127.0.0.1:{}", double.port());
    let s3 = config!(aws_sdk_s3, &endpoint, key, secret).force_path_style(true);
    let iam = config!(aws_sdk_iam, &endpoint, key, secret);
    (aws_sdk_s3::Client::from_conf(s3.build()), aws_sdk_iam::Client::from_conf(iam.build()))
}

fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}
