//! `ObjectBucketClaim`s as `NooBaa` and Rook serve them, with no store behind them: a test says when each step is done.

use anyhow::Context as _;
use crds::ObjectBucketClaim;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::runtime::wait::{await_condition, conditions};
use kube::{Client, ResourceExt as _};
use serde_json::{Value, json};

use crate::objects;
use crate::stack::Stack;
use crate::wait::{PATIENCE, eventually, within};

const DEFINITION: &str = "objectbucketclaims.objectbucket.io";
/// On everything that the provisioner has taken.
const FINALIZER: &str = "objectbucket.io/finalizer";

/// The provisioner of the buckets of one namespace.
pub struct Buckets {
    client: Client,
    namespace: String,
}

impl Buckets {
    /// In the namespace of a stack, whose cluster then serves `ObjectBucketClaim`s.
    pub async fn install(stack: &Stack) -> anyhow::Result<Self> {
        let client = stack.client.clone();
        let definition: DynamicObject = serde_json::from_value(definition())?;
        objects::apply(&client, "", &definition).await?;
        let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
        let wait = await_condition(definitions, DEFINITION, conditions::is_crd_established());
        within(PATIENCE, "ObjectBucketClaims are served".to_owned(), wait).await?;
        Ok(Self { client, namespace: stack.namespace.clone() })
    }

    /// The `ObjectBucketClaim`s.
    pub fn claims(&self) -> Api<ObjectBucketClaim> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The `ObjectBucketClaim` once it satisfies a condition.
    pub async fn until(
        &self,
        name: &str,
        what: &str,
        is_it: impl Fn(&ObjectBucketClaim) -> bool,
    ) -> anyhow::Result<ObjectBucketClaim> {
        let claims = self.claims();
        let look = async || Ok(claims.get_opt(name).await?.filter(&is_it));
        eventually(&format!("ObjectBucketClaim {name} {what}"), PATIENCE, look).await
    }

    /// Makes the bucket: takes the claim, names the bucket, writes ConfigMap and Secret, and says so.
    pub async fn bind(&self, name: &str, secret_key: &str) -> anyhow::Result<ObjectBucketClaim> {
        let found = self.until(name, "is made", |_| true).await?;
        let prefix = &found.spec.generate_bucket_name;
        let bucket = format!("{prefix}-{}", found.uid().context("it is stored")?);
        let taken = json!({
            "metadata": {"finalizers": [FINALIZER], "labels": {"bucket-provisioner": "stack"}},
            "spec": {"bucketName": bucket, "objectBucketName": format!("obc-{name}")},
        });
        self.claims().patch(name, &PatchParams::default(), &Patch::Merge(taken)).await?;
        self.write_secret(&found, secret_key).await?;
        let address: ConfigMap = serde_json::from_value(json!({
            "metadata": owned(&found),
            "data": {
                "BUCKET_NAME": bucket, "BUCKET_HOST": "s3.storage.svc", "BUCKET_PORT": "443",
                "BUCKET_REGION": "", "BUCKET_SUBREGION": "",
            },
        }))?;
        let addresses: Api<ConfigMap> = self.api();
        addresses.create(&PostParams::default(), &address).await?;
        self.set_phase(name, "Bound").await
    }

    /// Writes the Secret of a bucket.
    pub async fn write_secret(&self, owner: &ObjectBucketClaim, key: &str) -> anyhow::Result<()> {
        let secret: Secret = serde_json::from_value(json!({
            "metadata": owned(owner),
            "stringData": {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": key},
        }))?;
        let secrets: Api<Secret> = self.api();
        secrets.create(&PostParams::default(), &secret).await?;
        Ok(())
    }

    /// Says how far it is.
    pub async fn set_phase(&self, name: &str, phase: &str) -> anyhow::Result<ObjectBucketClaim> {
        let status = Patch::Merge(json!({"status": {"phase": phase}}));
        Ok(self.claims().patch_status(name, &PatchParams::default(), &status).await?)
    }

    /// Has removed the bucket of a claim that is being deleted: what is left of it may go.
    pub async fn release(&self, name: &str) -> anyhow::Result<()> {
        let (secrets, addresses): (Api<Secret>, Api<ConfigMap>) = (self.api(), self.api());
        secrets.delete(name, &DeleteParams::default()).await?;
        addresses.delete(name, &DeleteParams::default()).await?;
        let free = Patch::Merge(json!({"metadata": {"finalizers": []}}));
        self.claims().patch(name, &PatchParams::default(), &free).await?;
        Ok(())
    }

    fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }
}

/// Metadata of what belongs to an `ObjectBucketClaim`.
fn owned(owner: &ObjectBucketClaim) -> Value {
    json!({
        "name": owner.name_any(),
        "labels": {"bucket-provisioner": "stack"},
        "ownerReferences": [{
            "apiVersion": "objectbucket.io/v1alpha1", "kind": "ObjectBucketClaim",
            "name": owner.name_any(), "uid": owner.uid(),
            "controller": true, "blockOwnerDeletion": true,
        }],
    })
}

/// The definition that provisioners bring with them.
fn definition() -> Value {
    let text = json!({"type": "string"});
    let schema = json!({
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["storageClassName"],
                "properties": {
                    "storageClassName": text, "bucketName": text, "generateBucketName": text,
                    "objectBucketName": text,
                    "additionalConfig": {"type": "object", "additionalProperties": text},
                },
            },
            "status": {
                "type": "object",
                "properties": {
                    "phase": {"type": "string", "enum": ["Pending", "Bound", "Released", "Failed"]},
                },
            },
        },
    });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": DEFINITION},
        "spec": {
            "group": "objectbucket.io", "scope": "Namespaced",
            "names": {
                "kind": "ObjectBucketClaim", "listKind": "ObjectBucketClaimList",
                "plural": "objectbucketclaims", "singular": "objectbucketclaim",
                "shortNames": ["obc", "obcs"],
            },
            "versions": [{
                "name": "v1alpha1", "served": true, "storage": true,
                "subresources": {"status": {}}, "schema": {"openAPIV3Schema": schema},
            }],
        },
    })
}
