//! What must be true once all claims are complete.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service as Endpoint};
use kube::api::DynamicObject;
use kube::{Resource, ResourceExt as _};
use proto::Service;
use serde::de::DeserializeOwned;

use super::Scene;
use crate::account::{Account, creations};
use crate::witness::CLAIM_UID;

/// Parts of the network of all databases.
const NETWORK: [(&str, usize); 6] = [
    ("CacheSubnetGroupName", 1),
    ("DBSubnetGroupName", 1),
    ("groupId", 2),
    ("subnetId", 2),
    ("vpcId", 1),
    ("vpcPeeringConnectionId", 1),
];

impl Scene {
    /// Waits until all is complete. Nothing was made twice, no pod restarted, no value of any Secret changed,
    /// and nobody was told to do something about it.
    pub async fn check(&self) {
        let mut objects = Vec::new();
        for claim in &self.claims {
            objects.push(self.stack.until_complete(claim).await.unwrap());
        }
        self.check_cluster(&objects).await;
        self.check_account(&objects).await;
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

    /// One resource for each claim, which lets in whom its Secret says, and one network for all.
    async fn check_account(&self, claims: &[DynamicObject]) {
        let mut expected = Account::default();
        let on_aws = |it: &&DynamicObject| it.data["status"]["strategy"] == "aws";
        for claim in claims.iter().filter(on_aws) {
            let secret = format!("{}-sec", claim.name_any());
            let secret = self.stack.secret(&secret).await.unwrap().unwrap();
            let id = claim.data["status"]["placement"]["identifier"].as_str().unwrap();
            expected.add(id, &secret);
            let login = self.stack.aws.login(id).map(|login| login.password);
            assert_eq!(login.as_ref(), secret.get("password"), "{id}");
        }
        let mut found = Account::of(&self.stack.aws).await.unwrap();
        let network = std::mem::take(&mut found.network);
        assert_eq!(found, expected);
        assert_eq!(
            network.iter().map(|(part, ids)| (*part, ids.len())).collect::<Vec<_>>(),
            NETWORK
        );
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
