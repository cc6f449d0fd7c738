//! Which work items a replica takes, and how many at once.

use bus::topology::kinds;
use proto::{Kind, Provider};

/// Flags of provisioners, each with an environment variable of the same name.
#[derive(Clone, Debug, clap::Args)]
pub struct WorkConfig {
    /// Claims of each kind that are worked on at the same time
    #[arg(long, env = "CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
    /// Kinds whose work items this replica takes, such as `postgres,network`, separated by commas; all when not set.
    /// What a look at all resources finds is handled by the replica that looked, of whatever kind it is
    #[arg(long, env = "KINDS", value_delimiter = ',')]
    pub kinds: Vec<Kind>,
}

/// A kind was asked for that this provider does not serve.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("KINDS names {kind}, which {provider} does not serve; it serves {}", list(kinds(*.provider)))]
pub struct NotServed {
    kind: Kind,
    provider: Provider,
}

impl WorkConfig {
    /// So many at once, of all kinds.
    pub fn all(concurrency: u16) -> Self {
        Self { concurrency, kinds: Vec::new() }
    }

    /// The kinds whose items are taken.
    pub(crate) fn taken(&self, provider: Provider) -> Result<Vec<Kind>, NotServed> {
        let served = kinds(provider);
        if let Some(kind) = self.kinds.iter().find(|kind| !served.contains(kind)) {
            return Err(NotServed { kind: *kind, provider });
        }
        let is_taken = |kind: &&Kind| self.kinds.is_empty() || self.kinds.contains(kind);
        Ok(served.iter().filter(is_taken).copied().collect())
    }
}

fn list(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(kinds: &[Kind], provider: Provider) -> Result<Vec<Kind>, String> {
        let config = WorkConfig { kinds: kinds.to_vec(), ..WorkConfig::all(1) };
        config.taken(provider).map_err(|error| error.to_string())
    }

    #[test]
    fn all_kinds_are_taken_unless_some_are_named() {
        assert_eq!(taken(&[], Provider::Aws).unwrap(), Kind::ALL);
        assert_eq!(taken(&[Kind::Redis], Provider::Openshift).unwrap(), [Kind::Redis]);
    }

    #[test]
    fn a_kind_that_nobody_serves_is_an_error_that_names_those_that_are() {
        let error = taken(&[Kind::Network], Provider::Openshift).unwrap_err();
        assert_eq!(
            error,
            "KINDS names network, which openshift does not serve; it serves postgres, redis, blobstorage, smtpcredentialset"
        );
    }
}
