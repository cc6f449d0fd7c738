//! Configuration that services share: flags, each with an environment variable of the same name.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Logging and the admin server.
#[derive(Clone, Debug, clap::Args)]
pub struct ProcessConfig {
    /// Where `/live`, `/ready` and `/metrics` are served
    #[arg(long, env = "ADMIN_ADDRESS", default_value = "0.0.0.0:8080")]
    pub admin_address: SocketAddr,
    /// How log lines look
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value = "json")]
    pub log_format: LogFormat,
    /// What is logged: a `tracing` filter such as `info` or `watcher=debug,warn`
    #[arg(long, env = "LOG_LEVEL", default_value = "info")]
    pub log_level: String,
    /// Seconds that work in hand may take after a termination signal
    #[arg(long, env = "DRAIN_SECONDS", default_value_t = 25)]
    pub drain_seconds: u64,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Human,
}

/// The gRPC status server of a worker.
#[derive(Clone, Debug, clap::Args)]
pub struct GrpcConfig {
    /// Where statuses are served
    #[arg(long, env = "GRPC_ADDRESS", default_value = "0.0.0.0:8081")]
    pub grpc_address: SocketAddr,
    /// TLS of that server
    #[command(flatten)]
    pub tls: TlsConfig,
}

/// Mutual TLS between our services, or the explicit choice to do without.
#[derive(Clone, Debug, clap::Args)]
pub struct TlsConfig {
    /// Folder with ca.crt, tls.crt and tls.key
    #[arg(long, env = "GRPC_TLS_DIR", required_unless_present = "grpc_plaintext")]
    pub grpc_tls_dir: Option<PathBuf>,
    /// Speak gRPC without TLS: local development only
    #[arg(long, env = "GRPC_PLAINTEXT", conflicts_with = "grpc_tls_dir")]
    pub grpc_plaintext: bool,
}
