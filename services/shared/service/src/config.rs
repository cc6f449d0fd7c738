//! Configuration that services share: flags, each with an environment variable of the same name.

use std::collections::BTreeSet;
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
    /// What is logged: a `tracing` filter such as `info` or `watcher=debug,warn`; answers of Kubernetes never are
    #[arg(long, env = "LOG_LEVEL", default_value = "info")]
    pub log_level: String,
    /// Seconds that work in hand may take after a termination signal
    #[arg(long, env = "DRAIN_SECONDS", default_value_t = 25)]
    pub drain_seconds: u64,
    /// Where traces are sent: gRPC URL of an OTLP collector, such as `http://otel-collector:4317`; nowhere when not set
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
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

/// Which namespaces a service watches.
#[derive(Clone, Debug, clap::Args)]
pub struct WatchConfig {
    /// Namespaces that are watched, separated by commas; empty for all
    #[arg(long, env = "WATCH_NAMESPACE", default_value = "")]
    pub watch_namespace: String,
}

/// What one watch covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All namespaces.
    Cluster,
    /// This one.
    Namespace(String),
}

impl Scope {
    /// Whether a namespace is watched.
    pub fn contains(&self, namespace: &str) -> bool {
        match self {
            Self::Cluster => true,
            Self::Namespace(own) => own == namespace,
        }
    }
}

impl WatchConfig {
    /// One scope for each watch that is needed.
    pub fn scopes(&self) -> Vec<Scope> {
        let names = self.watch_namespace.split(',').map(str::trim).filter(|name| !name.is_empty());
        let names: BTreeSet<&str> = names.collect();
        if names.is_empty() {
            return vec![Scope::Cluster];
        }
        names.into_iter().map(|name| Scope::Namespace(name.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_a_list_and_none_means_all() {
        let scopes = |text: &str| WatchConfig { watch_namespace: text.to_owned() }.scopes();
        let namespace = |name: &str| Scope::Namespace(name.to_owned());
        assert_eq!(scopes(""), [Scope::Cluster]);
        assert_eq!(scopes(" , "), [Scope::Cluster]);
        assert_eq!(scopes("b, a,b"), [namespace("a"), namespace("b")]);
        assert!(Scope::Cluster.contains("a") && !namespace("b").contains("a"));
    }
}
