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
}
