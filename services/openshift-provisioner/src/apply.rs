//! The only module that calls the Kubernetes API for objects: reads, server-side apply, deletion.
//!
//! Every write of an object that exists carries the uid that the decision was made on, so nothing is forced onto an
//! object that took its place since. Not its `resourceVersion`: the status of a Deployment changes too often for that.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use crds::ObjectBucketClaim;
use crds::names::OPENSHIFT_MANAGER;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, Preconditions};
use kube::core::Status;
use kube::{Api, Client, Resource};
use proto::Identity;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::metrics::{Call, Metrics};
use crate::observed::Observed;
use crate::ownership;
use crate::sightings::Sightings;

const TIMEOUT: Duration = Duration::from_secs(10);
/// Pods that explain why a claim is not ready: one, or a few that were left over.
const PODS: u32 = 5;

/// The objects of claims in the cluster. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    metrics: Metrics,
    sightings: Sightings,
}

/// What all our kinds have in common.
pub trait Object:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Serialize
{
}

/// What is found where the cluster need not know the kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Sight<K> {
    /// The API server does not serve the kind (or not yet, just after it was started).
    NotServed,
    /// There is no such object.
    Nothing,
    /// The object.
    There(Box<K>),
}

impl<K> Object for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Serialize
{
}

impl Cluster {
    /// Calls are counted in `metrics`; what is read is noted in `sightings`.
    pub fn new(client: Client, metrics: Metrics, sightings: Sightings) -> Self {
        Self { client, metrics, sightings }
    }

    /// Reads the three objects of that name.
    pub async fn observe(&self, namespace: &str, name: &str) -> Result<Observed, Error> {
        let (volume, deployment, service) = tokio::try_join!(
            self.get(namespace, name),
            self.get(namespace, name),
            self.get(namespace, name),
        )?;
        Ok(Observed { volume, deployment, service, pods: Vec::new() })
    }

    /// Reads an `ObjectBucketClaim`.
    pub async fn bucket_claim(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Sight<ObjectBucketClaim>, Error> {
        let found = self.look::<ObjectBucketClaim>(namespace, name).await?;
        if let Sight::There(object) = &found {
            self.sightings.note(&object.metadata);
        }
        Ok(found)
    }

    /// Reads the ConfigMap that says where a bucket is.
    pub async fn bucket_address(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<ConfigMap>, Error> {
        match self.look::<ConfigMap>(namespace, name).await? {
            Sight::There(found) => Ok(Some(*found)),
            Sight::Nothing | Sight::NotServed => Ok(None),
        }
    }

    async fn look<K: Object>(&self, namespace: &str, name: &str) -> Result<Sight<K>, Error> {
        let objects: Api<K> = self.api(namespace);
        let look = async {
            match objects.get(name).await {
                Ok(object) => Ok(Sight::There(Box::new(object))),
                Err(kube::Error::Api(status)) if status.code == 404 => Ok(absence(&status, name)),
                Err(error) => Err(error),
            }
        };
        self.call::<K, _>("get", name, look).await
    }

    /// The pods of a claim.
    pub async fn pods(&self, claim: &Identity) -> Result<Vec<Pod>, Error> {
        let selector = ownership::selector(claim);
        let labels: Vec<String> = selector.iter().map(|(key, it)| format!("{key}={it}")).collect();
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &claim.namespace);
        let list = ListParams::default().labels(&labels.join(",")).limit(PODS);
        Ok(self.call::<Pod, _>("list", &claim.name, pods.list(&list)).await?.items)
    }

    /// Applies a manifest where nothing exists. Without force: if somebody was faster, this is a conflict.
    pub async fn create<K: Object>(&self, manifest: &K) -> Result<K, Error> {
        self.patch("create", manifest, &PatchParams::apply(OPENSHIFT_MANAGER)).await
    }

    /// Applies a manifest over the object that was observed; returns what the API server made of it.
    pub async fn apply<K: Object>(&self, manifest: &K, observed: Option<&K>) -> Result<K, Error> {
        let Some(observed) = observed else { return self.create(manifest).await };
        let mut manifest = manifest.clone();
        manifest.meta_mut().uid.clone_from(&observed.meta().uid);
        self.patch("apply", &manifest, &PatchParams::apply(OPENSHIFT_MANAGER).force()).await
    }

    /// Asks for a larger volume. Nothing else of a volume can change, so nothing else is sent.
    pub async fn grow(&self, volume: &PersistentVolumeClaim, size: &str) -> Result<(), Error> {
        let namespace = volume.metadata.namespace.as_deref().unwrap_or_default();
        let name = volume.metadata.name.as_deref().unwrap_or_default();
        let growth = serde_json::json!({
            "metadata": {"resourceVersion": volume.metadata.resource_version},
            "spec": {"resources": {"requests": {"storage": size}}},
        });
        let params = PatchParams {
            field_manager: Some(OPENSHIFT_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let volumes: Api<PersistentVolumeClaim> = self.api(namespace);
        let patch = Patch::Merge(&growth);
        let patched = volumes.patch(name, &params, &patch);
        self.call::<PersistentVolumeClaim, _>("grow", name, patched).await.map(|_| ())
    }

    /// Deletes this very object and, before it, what it owns. Gone already is fine.
    pub async fn delete<K: Object>(&self, observed: &K) -> Result<(), Error> {
        self.delete_by(observed, DeleteParams::foreground()).await
    }

    /// Deletes this very object; what it owns is for its provisioner, and for garbage collection afterwards.
    pub async fn delete_bucket_claim(&self, observed: &ObjectBucketClaim) -> Result<(), Error> {
        self.delete_by(observed, DeleteParams::background()).await
    }

    async fn delete_by<K: Object>(&self, observed: &K, params: DeleteParams) -> Result<(), Error> {
        let metadata = observed.meta();
        let params = params
            .preconditions(Preconditions { uid: metadata.uid.clone(), resource_version: None });
        let namespace = metadata.namespace.as_deref().unwrap_or_default();
        let name = metadata.name.as_deref().unwrap_or_default();
        let objects: Api<K> = self.api(namespace);
        match self.call::<K, _>("delete", name, objects.delete(name, &params)).await {
            Ok(_) | Err(Error::Refused { code: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn get<K: Object>(&self, namespace: &str, name: &str) -> Result<Option<K>, Error> {
        let objects: Api<K> = self.api(namespace);
        let found = self.call::<K, _>("get", name, objects.get_opt(name)).await?;
        if let Some(object) = &found {
            self.sightings.note(object.meta());
        }
        Ok(found)
    }

    async fn patch<K: Object>(
        &self,
        verb: &'static str,
        manifest: &K,
        params: &PatchParams,
    ) -> Result<K, Error> {
        let namespace = manifest.meta().namespace.as_deref().unwrap_or_default();
        let name = manifest.meta().name.as_deref().unwrap_or_default();
        let objects: Api<K> = self.api(namespace);
        self.call::<K, _>(verb, name, objects.patch(name, params, &Patch::Apply(manifest))).await
    }

    fn api<K: Object>(&self, namespace: &str) -> Api<K> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// Counts a call and bounds it in time.
    async fn call<K: Object, T>(
        &self,
        verb: &'static str,
        name: &str,
        call: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, Error> {
        let kind = K::kind(&());
        let operation = || format!("{verb} {kind} {name}");
        self.metrics.calls.get_or_create(&Call { verb, kind: kind.to_string() }).inc();
        match tokio::time::timeout(TIMEOUT, call).await {
            Ok(answer) => answer.map_err(|error| Error::kube(operation(), &error)),
            Err(_) => Err(Error::Unanswered { operation: operation() }),
        }
    }
}

/// An answer that names the object proves that it is not there; any other says that its kind is not known.
fn absence<K>(status: &Status, name: &str) -> Sight<K> {
    match &status.details {
        Some(details) if details.name == name => Sight::Nothing,
        _ => Sight::NotServed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_answer_that_names_the_object_proves_that_it_is_not_there() {
        let seen = |status: serde_json::Value| {
            let status: Status = serde_json::from_value(status).unwrap();
            absence::<()>(&status, "files")
        };
        assert_eq!(seen(json!({"details": {"name": "files"}, "code": 404})), Sight::Nothing);
        assert_eq!(seen(json!({"details": {"name": "other"}, "code": 404})), Sight::NotServed);
        assert_eq!(seen(json!({"details": {}, "code": 404})), Sight::NotServed);
        assert_eq!(seen(json!({"code": 404})), Sight::NotServed);
    }
}
