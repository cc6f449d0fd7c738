//! Reads and writes Secrets. Every write carries the uid and version that was read, or demands that nothing is there.

use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use kube::{Api, Client};

use crds::names::SECRET_WRITER_MANAGER;

use crate::error::Error;
use crate::metrics::{Metrics, Written};
use crate::plan::Step;
use crate::secret::StoredSecret;

/// Secrets of all namespaces that we may touch. Cheap to clone.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    metrics: Metrics,
}

impl Secrets {
    /// Works through this client.
    pub fn new(client: Client, metrics: Metrics) -> Self {
        Self { client, metrics }
    }

    /// A Secret by name, straight from the API server; `None` for an empty name.
    pub async fn read(&self, namespace: &str, name: &str) -> Result<Option<StoredSecret>, Error> {
        if name.is_empty() {
            return Ok(None);
        }
        let found = self.api(namespace).get_opt(name).await;
        Ok(found.map_err(Error::kube("read a Secret"))?.map(Into::into))
    }

    /// Carries out a step. Returns the version that the Secret then has.
    pub async fn write(&self, step: &Step) -> Result<String, Error> {
        let (secret, verb) = match step {
            Step::Keep(secret) => return Ok(secret.resource_version().to_owned()),
            Step::Create(secret) => (secret, "create"),
            Step::Replace(secret) => (secret, "replace"),
        };
        let api = self.api(secret.metadata.namespace.as_deref().unwrap_or_default());
        let manager = Some(SECRET_WRITER_MANAGER.to_owned());
        let params = PostParams { field_manager: manager, ..PostParams::default() };
        let written = match step {
            Step::Create(_) => api.create(&params, &secret.into()).await,
            _ => api.replace(secret.name(), &params, &secret.into()).await,
        };
        let written = StoredSecret::from(written.map_err(Error::kube("write a Secret"))?);
        self.metrics.writes.get_or_create(&Written { verb }).inc();
        tracing::info!(secret.name = secret.name(), secret.verb = verb, "wrote a Secret");
        Ok(written.resource_version().to_owned())
    }

    fn api(&self, namespace: &str) -> Api<Secret> {
        Api::namespaced(self.client.clone(), namespace)
    }
}
