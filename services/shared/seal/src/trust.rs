//! The public keys of all services, pinned in configuration.

use std::collections::BTreeMap;

use proto::Service;
use serde::{Deserialize, Serialize};

/// Public keys of one service.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    /// nkeys that may sign for it; more than one while keys rotate.
    #[serde(deserialize_with = "one_or_many")]
    pub signing: Vec<String>,
    /// xkeys to seal to; the first is used.
    #[serde(default, deserialize_with = "one_or_many")]
    pub sealing: Vec<String>,
}

/// `trust.json`: service name to its public keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trust(pub BTreeMap<String, PublicKeys>);

impl Trust {
    /// The keys of a service, if any are pinned.
    pub fn of(&self, service: Service) -> Option<&PublicKeys> {
        self.0.get(service.as_str())
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(key) => vec![key],
        OneOrMany::Many(keys) => keys,
    })
}
