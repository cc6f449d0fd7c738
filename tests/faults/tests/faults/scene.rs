//! A stack, a few claims of each sort, and what must be true of them whatever happened.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use futures::future::try_join_all;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret, Service as Endpoint};
use kube::api::{Api, DynamicObject, ListParams};
use kube::{Resource, ResourceExt as _};
use proto::Service;
use serde::de::DeserializeOwned;
use stack::{Claim, Stack, Values, eventually};

use crate::account::{Account, creations};
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

/// One of each sort.
fn one_of_each(suffix: &str) -> Vec<Claim> {
    vec![
        Claim::postgres(&format!("orders{suffix}")),
        Claim::redis(&format!("cache{suffix}")),
        Claim::placeholder(&format!("files{suffix}")),
        Claim::bucket(&format!("images{suffix}")),
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
            Ok((left == 0).then_some(()))
        })
        .await
        .unwrap();
        assert_eq!(Account::of(&self.stack.aws).await.unwrap(), Account::default());
    }

    /// The contents of all Secrets.
    pub async fn secrets(&self) -> BTreeMap<String, Values> {
        let secrets: Vec<Secret> = self.list().await.unwrap();
        secrets.iter().map(|secret| (secret.name_any(), values(secret))).collect()
    }

    /// Waits until all is complete. Nothing was made twice, no pod restarted, no value of any Secret changed,
    /// and nobody was told to do something about it.
    pub async fn check(&self) {
        let mut objects = Vec::new();
        for claim in &self.claims {
            objects.push(self.stack.until_complete(claim).await.unwrap());
        }
        self.check_cluster(&objects).await;
        self.check_account().await;
        assert_eq!(self.witness.failures(), BTreeSet::new());
        assert_eq!(self.witness.changed_secrets(), []);
        assert!(self.witness.saw_pods());
        assert_eq!(self.witness.restarted(), <[String; 0]>::default());
    }

    async fn check_cluster(&self, claims: &[DynamicObject]) {
        let uids: Vec<String> = claims
            .iter()
            .filter(|claim| claim.data["status"]["provider"].as_str().is_some_and(is_workload))
            .map(|claim| claim.metadata.uid.clone().unwrap())
            .collect();
        assert_eq!(self.owners::<Deployment>().await, sorted(uids.clone()));
        assert_eq!(self.owners::<Endpoint>().await, sorted(uids.clone()));
        assert_eq!(self.owners::<PersistentVolumeClaim>().await, sorted(uids));
        let creations = self.creations();
        assert!(creations.values().all(|times| *times == 1), "made twice: {creations:?}");
        for claim in &self.claims {
            let name = format!("{}-sec", claim.name);
            assert!(self.stack.secret(&name).await.unwrap().is_some(), "{name}");
        }
    }

    /// The uids of the claims that objects of a kind were made for.
    async fn owners<K>(&self) -> Vec<String>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let objects: Vec<K> = self.list().await.unwrap();
        sorted(objects.iter().map(|object| object.labels()[CLAIM_UID].clone()).collect())
    }

    /// How often each object was made for a claim, by the API server's audit log.
    pub fn creations(&self) -> BTreeMap<(String, String), usize> {
        let user = Service::OpenshiftProvisioner;
        let user = format!("system:serviceaccount:{}:{user}", self.stack.namespace);
        let kinds = ["deployments", "services", "persistentvolumeclaims"];
        let mut counts = BTreeMap::new();
        for call in self.stack.site().plane.calls() {
            let is_creation = call.code == 201 && kinds.contains(&call.resource.as_str());
            if is_creation && call.user == user {
                *counts.entry((call.resource, call.name)).or_default() += 1;
            }
        }
        counts
    }

    /// One bucket, one user and one key for each claim; the key is the one in its Secret.
    async fn check_account(&self) {
        let mut expected = Account::default();
        for claim in self.claims.iter().filter(|claim| claim.name.starts_with("images")) {
            let secret = self.stack.secret(&format!("{}-sec", claim.name)).await.unwrap().unwrap();
            let (bucket, key) = (secret["bucketName"].clone(), secret["credentialKeyID"].clone());
            expected.users.insert(bucket.clone(), vec![key]);
            expected.buckets.insert(bucket);
        }
        assert_eq!(Account::of(&self.stack.aws).await.unwrap(), expected);
        let creations = creations(&self.stack.aws);
        assert!(creations.values().all(|times| *times == 1), "made twice: {creations:?}");
    }
}

fn is_workload(provider: &str) -> bool {
    ["openshift-postgres-template", "openshift-redis-template"].contains(&provider)
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}
