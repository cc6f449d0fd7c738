//! Sees everything that ever was, not only what is left in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use futures::StreamExt as _;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::DynamicObject;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use stack::{Claim, Stack, Values};
use tokio::task::AbortHandle;

/// Label of everything that is made for a claim.
pub const CLAIM_UID: &str = "integreatly.org/claim-uid";

type Seen<V> = Arc<Mutex<BTreeMap<(String, String), BTreeSet<V>>>>;

/// Watches the claims, Secrets and pods of a namespace from its beginning to its end.
pub struct Witness {
    /// The contents that each Secret had, by claim and name.
    secrets: Seen<Values>,
    /// The uids of each claim's pods.
    pods: Seen<String>,
    /// The messages of claims that were said to have failed.
    failures: Seen<String>,
    tasks: Vec<AbortHandle>,
}

impl Witness {
    /// Begins to watch.
    pub fn of(stack: &Stack, claims: &[Claim]) -> Self {
        let (secrets, pods, failures) = (Seen::default(), Seen::default(), Seen::default());
        let mut tasks = vec![
            watch(stack, secrets.clone(), |it: &Secret| (it.name_any(), values(it))),
            watch(stack, pods.clone(), |it: &Pod| (String::new(), it.uid().unwrap_or_default())),
        ];
        tasks
            .extend(claims.iter().map(|claim| watch_claims(stack.claims(claim), failures.clone())));
        Self { secrets, pods, failures, tasks }
    }

    /// Secrets that had more than one content, by claim and name.
    pub fn changed_secrets(&self) -> Vec<(String, String)> {
        several(&self.secrets)
    }

    /// Claims that had more than one pod.
    pub fn restarted(&self) -> Vec<String> {
        several(&self.pods).into_iter().map(|(uid, _)| uid).collect()
    }

    /// What claims were told when they were said to have failed.
    pub fn failures(&self) -> BTreeSet<String> {
        self.failures.lock().unwrap().values().flatten().cloned().collect()
    }

    /// Whether any pod was ever there.
    pub fn saw_pods(&self) -> bool {
        !self.pods.lock().unwrap().is_empty()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// The values of a Secret.
pub fn values(secret: &Secret) -> Values {
    let data = secret.data.clone().unwrap_or_default();
    data.into_iter().map(|(key, it)| (key, String::from_utf8_lossy(&it.0).into_owned())).collect()
}

fn watch<K, V>(stack: &Stack, seen: Seen<V>, look: fn(&K) -> (String, V)) -> AbortHandle
where
    K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + 'static,
    K::DynamicType: Default,
    V: Ord + Send + 'static,
{
    let api: Api<K> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let labelled = watcher::Config::default().labels(CLAIM_UID);
    let mut objects = watcher(api, labelled).default_backoff().applied_objects().boxed();
    let task = tokio::spawn(async move {
        while let Some(object) = objects.next().await {
            let Ok(object) = object else { continue };
            let uid = object.labels()[CLAIM_UID].clone();
            let (name, value) = look(&object);
            seen.lock().unwrap().entry((uid, name)).or_default().insert(value);
        }
    });
    task.abort_handle()
}

fn watch_claims(api: Api<DynamicObject>, seen: Seen<String>) -> AbortHandle {
    let claims = watcher(api, watcher::Config::default());
    let mut claims = claims.default_backoff().applied_objects().boxed();
    let task = tokio::spawn(async move {
        while let Some(claim) = claims.next().await {
            let Ok(claim) = claim else { continue };
            let status = &claim.data["status"];
            if status["phase"] == "failed" {
                let key = (claim.uid().unwrap_or_default(), claim.name_any());
                seen.lock().unwrap().entry(key).or_default().insert(status["message"].to_string());
            }
        }
    });
    task.abort_handle()
}

fn several<V>(seen: &Seen<V>) -> Vec<(String, String)> {
    let seen = seen.lock().unwrap();
    seen.iter().filter(|(_, values)| values.len() > 1).map(|(key, _)| key.clone()).collect()
}
