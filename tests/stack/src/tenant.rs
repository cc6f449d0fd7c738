//! What a user does with claims in a namespace, and sees of them.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::runtime::wait::await_condition;
use serde_json::{Value, json};

use crate::claim::Claim;
use crate::control_plane::until_usable;
use crate::objects;
use crate::wait::{PATIENCE, eventually};

/// The values of a Secret.
pub type Values = BTreeMap<String, String>;

/// A namespace of claims.
#[derive(Clone)]
pub struct Tenant {
    /// The administrator's client.
    pub client: kube::Client,
    /// The namespace.
    pub namespace: String,
    /// How long waiters wait.
    pub patience: Duration,
}

impl Tenant {
    /// Makes a namespace.
    pub async fn make(client: &kube::Client, namespace: &str) -> anyhow::Result<Self> {
        // What we put into tenants' namespaces must fit the strictest profile.
        let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        let object: Namespace =
            serde_json::from_value(json!({"metadata": {"name": namespace, "labels": labels}}))?;
        Api::all(client.clone()).create(&PostParams::default(), &object).await?;
        until_usable(client, namespace).await?;
        let (client, namespace) = (client.clone(), namespace.to_owned());
        Ok(Self { client, namespace, patience: PATIENCE })
    }

    /// The same in another namespace, which is made.
    pub async fn with_namespace(&self, namespace: &str) -> anyhow::Result<Self> {
        let made = Self::make(&self.client, namespace).await?;
        Ok(Self { patience: self.patience, ..made })
    }

    /// Applies an object in this namespace as the administrator.
    pub async fn apply(&self, object: &DynamicObject) -> anyhow::Result<()> {
        objects::apply(&self.client, &self.namespace, object).await
    }

    /// The API of a claim's kind.
    pub fn claims(&self, claim: &Claim) -> Api<DynamicObject> {
        let resource = claim.kind.api_resource();
        Api::namespaced_with(self.client.clone(), &self.namespace, &resource)
    }

    /// Creates a claim.
    pub async fn create(&self, claim: &Claim) -> anyhow::Result<DynamicObject> {
        Ok(self.claims(claim).create(&PostParams::default(), &claim.object()).await?)
    }

    /// The live claim.
    pub async fn get(&self, claim: &Claim) -> anyhow::Result<Option<DynamicObject>> {
        Ok(self.claims(claim).get_opt(&claim.name).await?)
    }

    /// Changes a claim by a merge patch.
    pub async fn patch(&self, claim: &Claim, patch: Value) -> anyhow::Result<()> {
        let params = PatchParams::default();
        self.claims(claim).patch(&claim.name, &params, &Patch::Merge(patch)).await?;
        Ok(())
    }

    /// Asks for the deletion of a claim.
    pub async fn delete(&self, claim: &Claim) -> anyhow::Result<()> {
        self.claims(claim).delete(&claim.name, &DeleteParams::default()).await?;
        Ok(())
    }

    /// Changes a key of a ConfigMap of the operator; `null` removes it.
    pub async fn configure(
        &self,
        config_map: &str,
        key: &str,
        value: impl Into<Value>,
    ) -> anyhow::Result<()> {
        let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace);
        let patch = json!({"data": {key: value.into()}});
        api.patch(config_map, &PatchParams::default(), &Patch::Merge(patch)).await?;
        Ok(())
    }

    /// Waits until a claim satisfies a condition; fails with its status when it does not in time.
    pub async fn until(
        &self,
        claim: &Claim,
        what: &str,
        is_it: impl Fn(&DynamicObject) -> bool,
    ) -> anyhow::Result<DynamicObject> {
        let (api, name) = (self.claims(claim), &claim.name);
        let condition = |object: Option<&DynamicObject>| object.is_some_and(&is_it);
        let watch = async {
            loop {
                // An error is an API server that restarts: the watch begins anew.
                if let Ok(Some(found)) = await_condition(api.clone(), name, condition).await {
                    return found;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        if let Ok(found) = tokio::time::timeout(self.patience, watch).await {
            return Ok(found);
        }
        let status = api.get_opt(name).await?.map(|object| object.data["status"].clone());
        let patience = self.patience;
        anyhow::bail!("{} {name} is not {what} after {patience:?}: {status:#?}", claim.kind)
    }

    /// Waits until a claim is complete.
    pub async fn until_complete(&self, claim: &Claim) -> anyhow::Result<DynamicObject> {
        self.until(claim, "complete", |object| object.data["status"]["phase"] == "complete").await
    }

    /// Waits until the Ready condition of a claim has this reason.
    pub async fn until_reason(&self, claim: &Claim, reason: &str) -> anyhow::Result<DynamicObject> {
        self.until_condition(claim, "Ready", reason).await
    }

    /// Waits until a condition of a claim has this reason.
    pub async fn until_condition(
        &self,
        claim: &Claim,
        kind: &str,
        reason: &str,
    ) -> anyhow::Result<DynamicObject> {
        let has_reason = |object: &DynamicObject| {
            condition(object, kind).is_some_and(|condition| condition["reason"] == reason)
        };
        self.until(claim, &format!("{kind} for {reason}"), has_reason).await
    }

    /// Waits until a claim is gone.
    pub async fn until_gone(&self, claim: &Claim) -> anyhow::Result<()> {
        let what = format!("{} {} is gone", claim.kind, claim.name);
        eventually(&what, self.patience, async || {
            Ok(self.get(claim).await?.is_none().then_some(()))
        })
        .await
    }

    /// The values of a Secret.
    pub async fn secret(&self, name: &str) -> anyhow::Result<Option<Values>> {
        let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
        let Some(secret) = api.get_opt(name).await? else { return Ok(None) };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let data = secret.data.unwrap_or_default();
        Ok(Some(data.into_iter().map(|(key, value)| (key, text(value.0))).collect()))
    }

    /// The uids and values of all Secrets, by name.
    pub async fn secrets(&self) -> anyhow::Result<BTreeMap<String, (Option<String>, Value)>> {
        let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
        let secrets = api.list(&ListParams::default()).await?.items.into_iter();
        Ok(secrets.map(|it| (it.name_any(), (it.uid(), json!(it.data)))).collect())
    }

    /// Waits until a Secret satisfies a condition.
    pub async fn until_secret(
        &self,
        name: &str,
        what: &str,
        is_it: impl Fn(&Values) -> bool,
    ) -> anyhow::Result<Values> {
        eventually(&format!("Secret {name} {what}"), self.patience, async || {
            Ok(self.secret(name).await?.filter(&is_it))
        })
        .await
    }
}

/// A condition of a claim.
pub fn condition<'a>(object: &'a DynamicObject, kind: &str) -> Option<&'a Value> {
    object.data["status"]["conditions"].as_array()?.iter().find(|it| it["type"] == kind)
}
