//! Clients of what AWS has, beside the service: their calls count for nothing.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::world::World;

macro_rules! config {
    ($world:expr, $sdk:ident) => {
        $sdk::config::Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .endpoint_url($world.aws.url())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(http())
    };
}

macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub fn $name(&self) -> $sdk::Client {
            $sdk::Client::from_conf(config!(self, $sdk).build())
        }
    };
}

impl World {
    client!(ec2, aws_sdk_ec2);
    client!(rds, aws_sdk_rds);
    client!(elasticache, aws_sdk_elasticache);
    client!(iam_client, aws_sdk_iam);

    pub fn s3_client(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::from_conf(config!(self, aws_sdk_s3).force_path_style(true).build())
    }
}

fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}
