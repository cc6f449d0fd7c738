//! Configuration, read once at start.

use bus::BusConfig;
use service::config::{GrpcConfig, ProcessConfig, WatchConfig};

/// Flags of secret-writer, each with an environment variable of the same name.
#[derive(Clone, Debug, clap::Parser)]
#[command(version, about = "Writes the Secrets of claims and keeps their credentials")]
pub struct Config {
    /// Logging and the admin server
    #[command(flatten)]
    pub process: ProcessConfig,
    /// The bus
    #[command(flatten)]
    pub bus: BusConfig,
    /// The status server
    #[command(flatten)]
    pub grpc: GrpcConfig,
    /// What is watched
    #[command(flatten)]
    pub watch: WatchConfig,
    /// Results that are worked on at the same time, and Secrets that are restored at the same time
    #[arg(long, env = "CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
    /// On OpenShift: the operator's namespace, where a `CredentialsRequest` asks for AWS credentials in the Secret
    /// cloud-resources-aws-credentials; empty for none
    #[arg(long, env = "CREDENTIALS_REQUEST_NAMESPACE", default_value = "")]
    pub credentials_request_namespace: String,
    /// Seconds between two looks at that `CredentialsRequest`
    #[arg(long, env = "CREDENTIALS_REQUEST_PERIOD_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub credentials_request_period_seconds: u64,
}
