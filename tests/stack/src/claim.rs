//! What users write.

use crds::ClaimKind;
use kube::api::DynamicObject;
use serde_json::{Value, json};

/// A claim to create: tier `development`, Secret `<name>-sec`, unless said otherwise.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its kind.
    pub kind: ClaimKind,
    /// Its name.
    pub name: String,
    spec: Value,
}

impl Claim {
    /// A Postgres in the cluster.
    pub fn postgres(name: &str) -> Self {
        Self::new(ClaimKind::Postgres, name, "workshop")
    }

    /// A Redis in the cluster.
    pub fn redis(name: &str) -> Self {
        Self::new(ClaimKind::Redis, name, "workshop")
    }

    /// A bucket on AWS.
    pub fn bucket(name: &str) -> Self {
        Self::new(ClaimKind::BlobStorage, name, "managed")
    }

    /// The placeholder of blob storage in the cluster.
    pub fn placeholder(name: &str) -> Self {
        Self::new(ClaimKind::BlobStorage, name, "workshop")
    }

    /// The placeholder of mail credentials in the cluster.
    pub fn mail(name: &str) -> Self {
        Self::new(ClaimKind::SmtpCredentialSet, name, "workshop")
    }

    /// A snapshot of the resource of a claim.
    pub fn snapshot(kind: ClaimKind, name: &str, of: &str) -> Self {
        Self { kind, name: name.to_owned(), spec: json!({"resourceName": of}) }
    }

    /// A claim of this kind and type.
    pub fn new(kind: ClaimKind, name: &str, deployment_type: &str) -> Self {
        let secret = json!({"name": format!("{name}-sec")});
        let spec = json!({"type": deployment_type, "tier": "development", "secretRef": secret});
        Self { kind, name: name.to_owned(), spec }
    }

    /// The same with another name.
    #[must_use]
    pub fn renamed(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Of this tier.
    #[must_use]
    pub fn tier(self, tier: &str) -> Self {
        self.with("tier", tier)
    }

    /// With this Secret.
    #[must_use]
    pub fn secret(self, name: &str) -> Self {
        self.with("secretRef", json!({"name": name}))
    }

    /// With this field of the spec; `null` leaves it out.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.spec[field] = value.into();
        if let Some(fields) = self.spec.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        self
    }

    /// The object.
    pub fn object(&self) -> DynamicObject {
        DynamicObject::new(&self.name, &self.kind.api_resource()).data(json!({"spec": self.spec}))
    }
}
