//! A stack, a few claims of each sort, and what must be true of them whatever happened.

mod check;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use crds::ClaimKind;
use futures::future::try_join_all;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret, Service as Endpoint};
use kube::api::{Api, ListParams};
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use stack::{Claim, LifeCycle, Stack, Values, eventually};

use crate::account::Account;
use crate::witness::{CLAIM_UID, Witness, values};

/// One stack and its claims.
pub struct Scene {
    /// What they live on.
    pub stack: Stack,
    /// One of each sort.
    pub claims: Vec<Claim>,
    witness: Witness,
}

/// Whoever dies with a create under way leaves its successor to wait for two minutes, because only then "not found"
/// proves anything.
const PATIENCE: Duration = Duration::from_mins(4);

/// Whatever happens meets databases on AWS while they are made.
const CREATING: Duration = Duration::from_secs(1);

/// How many of the sorts are in the cluster. They come first; the rest is on AWS.
pub const IN_CLUSTER: usize = 3;
/// How many sorts there are.
pub const SORTS: usize = 6;

/// One of each sort.
fn one_of_each(suffix: &str) -> Vec<Claim> {
    let name = |name: &str| format!("{name}{suffix}");
    vec![
        Claim::postgres(&name("orders")),
        Claim::redis(&name("cache")),
        Claim::placeholder(&name("files")),
        Claim::bucket(&name("images")),
        Claim::new(ClaimKind::Postgres, &name("accounts"), "managed"),
        Claim::new(ClaimKind::Redis, &name("sessions"), "managed"),
    ]
}

impl Scene {
    /// With all services ready and no claim yet.
    pub async fn start(name: &str) -> Self {
        Self::of(Stack::start(name).await.unwrap())
    }

    /// With all claims complete.
    pub async fn complete(name: &str) -> Self {
        let scene = Self::start(name).await;
        scene.create().await;
        scene.check().await;
        scene
    }

    /// On this stack.
    pub fn of(mut stack: Stack) -> Self {
        stack.patience = PATIENCE;
        stack.aws.life_cycle(LifeCycle { creating: CREATING, ..LifeCycle::default() });
        let claims = one_of_each("");
        let witness = Witness::of(&stack, &claims);
        Self { stack, claims, witness }
    }

    /// The same with three of each sort: whatever happens meets them at different steps.
    pub fn tripled(mut self) -> Self {
        self.claims.extend(["-2", "-3"].into_iter().flat_map(one_of_each));
        self
    }

    /// Creates all claims.
    pub async fn create(&self) {
        try_join_all(self.claims.iter().map(|claim| self.stack.create(claim))).await.unwrap();
    }

    /// Asks for the deletion of all claims.
    pub async fn delete(&self) {
        try_join_all(self.claims.iter().map(|claim| self.stack.delete(claim))).await.unwrap();
    }

    /// All objects of a kind that were made for claims.
    pub async fn list<K>(&self) -> anyhow::Result<Vec<K>>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let api: Api<K> = Api::namespaced(self.stack.client.clone(), &self.stack.namespace);
        Ok(api.list(&ListParams::default().labels(CLAIM_UID)).await?.items)
    }

    /// Waits until something of a kind is there: work has begun and is not done.
    pub async fn until_some<K>(&self)
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let what = "the first object is there";
        eventually(what, self.stack.patience, async || {
            Ok((!self.list::<K>().await?.is_empty()).then_some(()))
        })
        .await
        .unwrap();
    }

    /// Waits until AWS was called so.
    pub async fn until_called(&self, operation: &str) {
        eventually(operation, self.stack.patience, async || {
            let calls = self.stack.aws.calls();
            Ok(calls.iter().any(|call| call.operation == operation).then_some(()))
        })
        .await
        .unwrap();
    }

    /// Waits until nothing is left of any claim, wherever it was.
    pub async fn until_nothing_is_left(&self) {
        for claim in &self.claims {
            self.stack.until_gone(claim).await.unwrap();
        }
        eventually("everything is gone", self.stack.patience, async || {
            let left = self.list::<Deployment>().await?.len()
                + self.list::<Endpoint>().await?.len()
                + self.list::<PersistentVolumeClaim>().await?.len()
                + self.list::<Secret>().await?.len();
            // The network goes after the last claim.
            let account = Account::of(&self.stack.aws).await?;
            anyhow::ensure!(account == Account::default(), "AWS has {account:#?}");
            Ok((left == 0).then_some(()))
        })
        .await
        .unwrap();
    }

    /// The contents of all Secrets.
    pub async fn secrets(&self) -> BTreeMap<String, Values> {
        let secrets: Vec<Secret> = self.list().await.unwrap();
        secrets.iter().map(|secret| (secret.name_any(), values(secret))).collect()
    }
}
