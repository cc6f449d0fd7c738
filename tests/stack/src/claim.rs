//! What users write.

use kube::api::DynamicObject;
use serde_json::{Value, json};

/// A claim to create.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Kind, such as `Postgres`.
    pub kind: &'static str,
    /// Name.
    pub name: String,
    spec: Value,
}

impl Claim {
    /// A Postgres in the cluster, tier `development`, Secret `<name>-sec`.
    pub fn postgres(name: &str) -> Self {
        Self::new("Postgres", name, "workshop")
    }

    /// A Redis in the cluster.
    pub fn redis(name: &str) -> Self {
        Self::new("Redis", name, "workshop")
    }

    /// A bucket on AWS.
    pub fn bucket(name: &str) -> Self {
        Self::new("BlobStorage", name, "managed")
    }

    /// The placeholder of blob storage in the cluster.
    pub fn placeholder(name: &str) -> Self {
        Self::new("BlobStorage", name, "workshop")
    }

    /// A claim of this kind and type.
    pub fn new(kind: &'static str, name: &str, deployment_type: &str) -> Self {
        let secret = json!({"name": format!("{name}-sec")});
        let spec = json!({"type": deployment_type, "tier": "development", "secretRef": secret});
        Self { kind, name: name.to_owned(), spec }
    }

    /// Sets a field of the spec.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.spec[field] = value.into();
        self
    }

    /// The plural of its kind.
    pub fn plural(&self) -> String {
        match self.kind {
            "Postgres" | "Redis" => self.kind.to_lowercase(),
            kind => format!("{}s", kind.to_lowercase()),
        }
    }

    /// The object.
    pub fn object(&self) -> DynamicObject {
        let value = json!({
            "apiVersion": "integreatly.org/v1alpha1",
            "kind": self.kind,
            "metadata": {"name": self.name},
            "spec": self.spec,
        });
        serde_json::from_value(value).expect("a claim is an object")
    }
}
