//! The specs of all kinds in one.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::ClaimError;
use crate::{ClaimKind, SecretRef};

/// What is asked for. A field that is left out, `null` or `""` is `None`; a switch that is left out is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(clippy::struct_excessive_bools, reason = "the switches are the Go operator's API")]
pub struct ClaimSpec {
    /// Deployment type.
    #[serde(rename = "type", deserialize_with = "filled")]
    pub type_: Option<String>,
    /// Tier of the strategy.
    #[serde(deserialize_with = "filled")]
    pub tier: Option<String>,
    /// The Secret that shall hold the connection details, as written: its name may be empty.
    #[serde(deserialize_with = "secret_ref")]
    pub secret_ref: Option<SecretRef>,
    /// Observe only.
    #[serde(deserialize_with = "switch")]
    pub skip_create: bool,
    /// Apply a change that restarts at once.
    #[serde(deserialize_with = "switch")]
    pub apply_immediately: bool,
    /// Apply pending changes now.
    #[serde(deserialize_with = "switch")]
    pub maintenance_window: bool,
    /// Node type of a Redis.
    #[serde(deserialize_with = "filled")]
    pub size: Option<String>,
    /// How often a snapshot is taken.
    #[serde(deserialize_with = "filled")]
    pub snapshot_frequency: Option<String>,
    /// How long a snapshot is kept.
    #[serde(deserialize_with = "filled")]
    pub snapshot_retention: Option<String>,
    /// Engine of a Redis.
    #[serde(deserialize_with = "filled")]
    pub engine: Option<String>,
    /// Engine version of a Redis.
    #[serde(deserialize_with = "filled")]
    pub engine_version: Option<String>,
    /// Of a snapshot: name of the claim.
    #[serde(deserialize_with = "filled")]
    pub resource_name: Option<String>,
    /// Of a snapshot: keep the provider's snapshot.
    #[serde(deserialize_with = "switch")]
    pub skip_delete: bool,
}

impl ClaimSpec {
    /// Name of the connection Secret; empty when there is none.
    pub fn secret_name(&self) -> &str {
        self.secret_ref.as_ref().map_or("", |secret| &secret.name)
    }

    /// Whether all that a kind must say is said. Says the first field that is missing.
    pub fn check(&self, kind: ClaimKind) -> Result<(), ClaimError> {
        if kind.is_snapshot() {
            let advice = "name the claim to snapshot";
            return given("spec.resourceName", self.resource_name.as_deref(), advice);
        }
        let type_advice = "name a type of the ConfigMap cloud-resource-config";
        given("spec.type", self.type_.as_deref(), type_advice)?;
        given("spec.tier", self.tier.as_deref(), "name a tier of the provider's strategy")?;
        let secret_advice = "name the Secret that shall hold the connection details";
        given("spec.secretRef.name", Some(self.secret_name()), secret_advice)
    }
}

/// Reads a spec, and says the path of a field that has the wrong type.
pub(super) fn read(spec: &Value) -> Result<ClaimSpec, ClaimError> {
    serde_path_to_error::deserialize::<_, Option<ClaimSpec>>(spec)
        .map(Option::unwrap_or_default)
        .map_err(|error| ClaimError::mistyped(error.path(), error.inner()))
}

fn given(field: &str, value: Option<&str>, advice: &'static str) -> Result<(), ClaimError> {
    match value {
        None | Some("") => Err(ClaimError::missing(field, advice)),
        Some(_) => Ok(()),
    }
}

fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn switch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<bool>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A name that is left out reads as empty, so that [`ClaimSpec::check`] speaks of it as of any other missing field.
fn secret_ref<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretRef>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Loose {
        name: Option<String>,
        #[serde(deserialize_with = "filled")]
        namespace: Option<String>,
    }
    let loose = Option::<Loose>::deserialize(deserializer)?;
    Ok(loose.map(|it| SecretRef { name: it.name.unwrap_or_default(), namespace: it.namespace }))
}
