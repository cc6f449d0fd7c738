//! Which work items a replica takes, and how many at once.

use bus::topology::kinds;
use proto::{Kind, Provider};

/// Flags of provisioners, each with an environment variable of the same name.
#[derive(Clone, Debug, clap::Args)]
pub struct WorkConfig {
    /// Claims of each kind that are worked on at the same time
    #[arg(long, env = "CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
    /// Kinds whose work items this replica takes, such as `postgres,network`, separated by commas; empty for all.
    /// What a look at all resources finds is handled by the replica that looked, of whatever kind it is
    #[arg(long, env = "KINDS", default_value = "")]
    pub kinds: String,
}

/// A kind was asked for that this provider does not serve.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("KINDS names {kind}, which {provider} does not serve; it serves {}", list(*.provider))]
pub struct NotServed {
    kind: String,
    provider: Provider,
}

impl WorkConfig {
    /// So many at once, of all kinds.
    pub fn all(concurrency: u16) -> Self {
        Self { concurrency, kinds: String::new() }
    }

    /// The kinds whose items are taken.
    pub(crate) fn taken(&self, provider: Provider) -> Result<Vec<Kind>, NotServed> {
        let served = kinds(provider);
        let named = self.kinds.split(',').map(str::trim).filter(|kind| !kind.is_empty());
        let taken: Vec<Kind> = named
            .map(|name| {
                let kind = served.iter().find(|kind| kind.as_str() == name).copied();
                kind.ok_or_else(|| NotServed { kind: name.to_owned(), provider })
            })
            .collect::<Result<_, _>>()?;
        Ok(if taken.is_empty() { served.to_vec() } else { taken })
    }
}

fn list(provider: Provider) -> String {
    kinds(provider).iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(kinds: &str, provider: Provider) -> Result<Vec<Kind>, String> {
        let config = WorkConfig { kinds: kinds.to_owned(), ..WorkConfig::all(1) };
        config.taken(provider).map_err(|error| error.to_string())
    }

    #[test]
    fn all_kinds_are_taken_unless_some_are_named() {
        assert_eq!(taken("", Provider::Aws).unwrap(), Kind::ALL);
        let two = [Kind::Redis, Kind::Postgres];
        assert_eq!(taken("redis, postgres,", Provider::Openshift).unwrap(), two);
    }

    #[test]
    fn a_kind_that_is_not_served_is_an_error_that_names_those_that_are() {
        let error = taken("network", Provider::Openshift).unwrap_err();
        let served = "it serves postgres, redis, blobstorage, smtpcredentialset";
        assert_eq!(error, format!("KINDS names network, which openshift does not serve; {served}"));
        assert!(taken("postgress", Provider::Aws).is_err());
    }
}
