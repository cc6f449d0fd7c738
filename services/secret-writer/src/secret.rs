//! A Secret as we hold it: whose it is, and how one of ours is built.

use std::collections::BTreeMap;

use crds::{Claim, names};
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use proto::Provider;

use crate::claim::owner_reference;
use crate::values::Values;

/// Annotation: digest of the credential values, on the credential Secret and on the connection Secret. It tells an
/// edit by hand from a write of ours, and proves that what is restored is what was there.
pub const CREDENTIALS_DIGEST: &str = "integreatly.org/credentials-digest";
/// Annotation on a credential Secret: id of the minted key that it holds.
pub const KEY_ID: &str = "integreatly.org/key-id";
/// Annotation: uid of the claim, for people; the label decides.
pub const CLAIM_UID_ANNOTATION: &str = names::CLAIM_UID;
/// The type of connection and credential Secrets.
pub const OPAQUE: &str = "Opaque";

/// A Secret of the cluster. It does not print: values are secret, and so can annotations be (`kubectl apply` keeps a
/// copy of the whole object in one).
#[derive(Clone, PartialEq)]
pub struct StoredSecret {
    /// Name, owner, labels, annotations, versions.
    pub metadata: ObjectMeta,
    /// Its type, which cannot be changed.
    pub type_: String,
    /// Its keys and values.
    pub values: Values,
    immutable: Option<bool>,
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredSecret({})", self.name())
    }
}

impl StoredSecret {
    /// Its name.
    pub fn name(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or_default()
    }

    /// Its version; empty while it is not stored.
    pub fn resource_version(&self) -> &str {
        self.metadata.resource_version.as_deref().unwrap_or_default()
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// Sets an annotation, or removes it.
    pub fn annotate(&mut self, key: &str, value: Option<&str>) {
        let annotations = self.metadata.annotations.get_or_insert_default();
        match value {
            Some(value) => annotations.insert(key.to_owned(), value.to_owned()),
            None => annotations.remove(key),
        };
    }

    /// Whether it belongs to the claim of this uid: it says so in our label, or, as the Go operator's do, by its
    /// controller reference. One that has another controller is never ours.
    pub fn is_of(&self, uid: &str) -> bool {
        let owners = self.metadata.owner_references.iter().flatten();
        let controller = owners.into_iter().find(|owner| owner.controller == Some(true));
        match controller {
            Some(owner) => owner.uid == uid,
            None => self.label(names::CLAIM_UID) == Some(uid),
        }
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.metadata.labels.as_ref()?.get(key).map(String::as_str)
    }
}

impl From<Secret> for StoredSecret {
    fn from(secret: Secret) -> Self {
        Self {
            metadata: secret.metadata,
            type_: secret.type_.unwrap_or_else(|| OPAQUE.to_owned()),
            values: secret.data.unwrap_or_default().into(),
            immutable: secret.immutable,
        }
    }
}

impl From<&StoredSecret> for Secret {
    fn from(stored: &StoredSecret) -> Self {
        Self {
            metadata: stored.metadata.clone(),
            type_: Some(stored.type_.clone()),
            data: Some(stored.values.to_data()),
            immutable: stored.immutable,
            string_data: None,
        }
    }
}

/// Builds Secrets of one claim.
#[derive(Clone, Copy)]
pub struct Builder<'a> {
    /// The live claim.
    pub claim: &'a Claim,
    /// Its provider.
    pub provider: Provider,
}

impl Builder<'_> {
    /// The Secret `name` with these values. What people added to the metadata of the present one stays.
    pub fn build(
        &self,
        name: &str,
        type_: &str,
        values: Values,
        present: Option<&StoredSecret>,
    ) -> StoredSecret {
        let metadata = present.map_or_else(ObjectMeta::default, |it| it.metadata.clone());
        let mut secret = StoredSecret {
            metadata,
            type_: present.map_or_else(|| type_.to_owned(), |it| it.type_.clone()),
            values,
            immutable: present.and_then(|it| it.immutable),
        };
        secret.metadata.name = Some(name.to_owned());
        secret.metadata.namespace = Some(self.claim.namespace.clone());
        secret.metadata.labels.get_or_insert_default().extend(self.labels());
        secret.annotate(names::CLAIM_NAME, Some(&self.claim.name));
        secret.annotate(CLAIM_UID_ANNOTATION, Some(&self.claim.uid));
        self.own(&mut secret);
        secret
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let labels = [
            (names::MANAGED_BY, names::MANAGED_BY_VALUE),
            (names::CLAIM_UID, &self.claim.uid),
            (names::CLAIM_KIND, self.claim.kind.as_str()),
            (names::PROVIDER, self.provider.as_str()),
        ];
        labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    /// A controller reference to the claim stays as it is: the Go operator's differs in a detail that does no harm.
    fn own(&self, secret: &mut StoredSecret) {
        let owners = secret.metadata.owner_references.get_or_insert_default();
        let ours = |owner: &_| is_controller(owner, &self.claim.uid);
        if !owners.iter().any(ours) {
            owners.retain(|owner| owner.uid != self.claim.uid);
            owners.push(owner_reference(self.claim));
        }
    }
}

fn is_controller(
    owner: &k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference,
    uid: &str,
) -> bool {
    owner.uid == uid && owner.controller == Some(true)
}

/// Marks a connection or binding Secret behind which nothing real answers.
pub fn mark_simulated(secret: &mut StoredSecret, simulated: bool) {
    let labels = secret.meta_labels();
    if simulated {
        labels.insert(names::SIMULATED.to_owned(), "true".to_owned());
    } else {
        labels.remove(names::SIMULATED);
    }
}

impl StoredSecret {
    fn meta_labels(&mut self) -> &mut BTreeMap<String, String> {
        self.metadata.labels.get_or_insert_default()
    }
}

/// What a watch tells of a Secret of ours.
pub fn labels_of<K: Resource>(object: &K) -> Option<(&str, &str, &str)> {
    let labels = object.meta().labels.as_ref()?;
    let label = |key: &str| labels.get(key).map(String::as_str);
    Some((label(names::PROVIDER)?, label(names::CLAIM_KIND)?, label(names::CLAIM_UID)?))
}

#[cfg(test)]
mod tests;
