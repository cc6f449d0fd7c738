//! Configuration, read once at start.

use bus::BusConfig;
use service::config::{GrpcConfig, ProcessConfig};

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
    /// Namespaces whose Secrets are watched, separated by commas; empty for all
    #[arg(long, env = "WATCH_NAMESPACE", default_value = "")]
    pub watch_namespace: String,
    /// Results that are worked on at the same time, and Secrets that are restored at the same time
    #[arg(long, env = "CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
}

/// Which namespaces we watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
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

impl Config {
    /// One scope for each watch that is needed.
    pub fn scopes(&self) -> Vec<Scope> {
        let mut names: Vec<_> = self
            .watch_namespace
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return vec![Scope::Cluster];
        }
        names.into_iter().map(|name| Scope::Namespace(name.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn scopes(watch_namespace: &str) -> Vec<Scope> {
        let flags =
            ["secret-writer", "--keys-dir", "keys", "--grpc-plaintext", "--watch-namespace"];
        Config::parse_from(flags.into_iter().chain([watch_namespace])).scopes()
    }

    #[test]
    fn namespaces_are_a_list_and_none_means_all() {
        let namespace = |name: &str| Scope::Namespace(name.to_owned());
        assert_eq!(scopes(""), [Scope::Cluster]);
        assert_eq!(scopes(" , "), [Scope::Cluster]);
        assert_eq!(scopes("b, a,b"), [namespace("a"), namespace("b")]);
        assert!(Scope::Cluster.contains("a") && !namespace("b").contains("a"));
    }
}
