//! Any of our objects, read loosely.
//!
//! A typed watch ends at the first object that does not fit its type. Controllers watch dynamic objects instead and
//! read each by itself: a bad one becomes a [`ClaimError`] that its own condition can show, and the rest go on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::core::DynamicObject;

use crate::{ClaimKind, ClaimStatus, names};

mod error;
mod spec;
#[cfg(test)]
mod tests;

pub use error::ClaimError;
pub use spec::ClaimSpec;

/// One object of any of our kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Its kind.
    pub kind: ClaimKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid; another object of the same name has another one.
    pub uid: String,
    /// `metadata.generation`: grows with every change of the spec. 0 when the API server gave none.
    pub generation: i64,
    /// `metadata.resourceVersion`, for preconditions; empty when the API server gave none.
    pub resource_version: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When its deletion was asked for.
    pub deletion: Option<Timestamp>,
    /// All finalizers, in order, other people's included.
    pub finalizers: Vec<String>,
    /// All annotations.
    pub annotations: BTreeMap<String, String>,
    /// All labels.
    pub labels: BTreeMap<String, String>,
    /// What is asked for; [`ClaimSpec::check`] says whether it is enough.
    pub spec: ClaimSpec,
    /// What was last answered.
    pub status: ClaimStatus,
}

impl Claim {
    /// Reads an object. Fails when it has no identity or a field of its spec has the wrong type.
    pub fn try_from_dynamic(kind: ClaimKind, object: &DynamicObject) -> Result<Self, ClaimError> {
        let spec = object.data.get("spec").map_or_else(|| Ok(ClaimSpec::default()), spec::read)?;
        Ok(Self { spec, ..Self::without_spec(kind, object)? })
    }

    /// Reads an object but for its spec: enough to report an error on it, and to finish its deletion.
    pub fn without_spec(kind: ClaimKind, object: &DynamicObject) -> Result<Self, ClaimError> {
        let meta = object.metadata.clone();
        let status = object.data.get("status").map(ClaimStatus::from_value);
        Ok(Self {
            kind,
            namespace: identity("metadata.namespace", meta.namespace)?,
            name: identity("metadata.name", meta.name)?,
            uid: identity("metadata.uid", meta.uid)?,
            generation: meta.generation.unwrap_or_default(),
            resource_version: meta.resource_version.unwrap_or_default(),
            created: meta.creation_timestamp.map(|time| time.0),
            deletion: meta.deletion_timestamp.map(|time| time.0),
            finalizers: meta.finalizers.unwrap_or_default(),
            annotations: meta.annotations.unwrap_or_default(),
            labels: meta.labels.unwrap_or_default(),
            spec: ClaimSpec::default(),
            status: status.unwrap_or_default(),
        })
    }

    /// Whether its deletion was asked for.
    pub fn is_deleting(&self) -> bool {
        self.deletion.is_some()
    }

    /// Whether it carries a finalizer of ours or of the Go operator.
    pub fn has_finalizer(&self) -> bool {
        let ours = [names::FINALIZER, names::LEGACY_FINALIZER];
        self.finalizers.iter().any(|it| ours.contains(&it.as_str()))
    }
}

fn identity(field: &'static str, value: Option<String>) -> Result<String, ClaimError> {
    value
        .filter(|text| !text.is_empty())
        .ok_or_else(|| ClaimError::missing(field, "read the object from the API server"))
}
