//! What Helm does with the chart.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use kube::Resource as _;
use kube::api::{Api, ListParams};
use serde_json::{Value, json};
use stack::{eventually, repository};

use crate::cluster::Cluster;
use crate::pods::{is_ready, operator_pods};

/// The namespace that the documentation installs into.
pub const NAMESPACE: &str = "cloud-resource-operator";
/// How long an installation may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(300);

/// A release of our chart.
pub struct Release<'a> {
    cluster: &'a Cluster,
    name: &'a str,
    namespace: &'a str,
}

impl<'a> Release<'a> {
    /// The release that the documentation makes.
    pub fn new(cluster: &'a Cluster) -> Self {
        Self { cluster, name: NAMESPACE, namespace: NAMESPACE }
    }

    /// Another one.
    pub fn named(cluster: &'a Cluster, name: &'a str, namespace: &'a str) -> Self {
        Self { cluster, name, namespace }
    }

    /// Installs it.
    pub async fn install(&self, values: &[&str]) -> anyhow::Result<()> {
        self.helm(&["install", "--create-namespace"], values).await
    }

    /// Changes values; the others stay.
    pub async fn upgrade(&self, values: &[&str]) -> anyhow::Result<()> {
        self.helm(&["upgrade", "--reset-then-reuse-values"], values).await
    }

    /// Has these values and no others, whether it was there or not.
    pub async fn replace(&self, values: &[&str]) -> anyhow::Result<()> {
        self.helm(&["upgrade", "--install", "--reset-values"], values).await
    }

    async fn helm(&self, verb: &[&str], values: &[&str]) -> anyhow::Result<()> {
        let chart = repository().join("charts/cloud-resource-operator");
        let chart = chart.to_string_lossy();
        let named = [self.name, &chart, "--namespace", self.namespace];
        let set = values.iter().flat_map(|value| ["--set", value]);
        let args: Vec<&str> = verb.iter().copied().chain(named).chain(set).collect();
        self.cluster.helm(&args).await.map(drop)
    }

    /// Uninstalls it.
    pub async fn uninstall(&self) -> anyhow::Result<()> {
        self.cluster.helm(&["uninstall", self.name, "--namespace", self.namespace]).await.map(drop)
    }

    /// Waits until all pods are those that were asked for, and ready.
    pub async fn until_settled(&self) -> anyhow::Result<()> {
        let client = self.cluster.client().await?;
        eventually("all pods of the operator are ready", PATIENCE, async || {
            let wanted = wanted(&client, self.namespace).await?;
            let pods = operator_pods(&client, self.namespace, None).await?;
            let all_ready =
                pods.iter().all(|pod| is_ready(pod) && pod.meta().deletion_timestamp.is_none());
            Ok((wanted == Some(pods.len()) && all_ready).then_some(()))
        })
        .await
    }
}

/// How many pods there should be; none while a controller has not seen or made all that is new.
async fn wanted(client: &kube::Client, namespace: &str) -> anyhow::Result<Option<usize>> {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), namespace);
    let deployments = deployments.list(&ListParams::default()).await?.items;
    let sets = sets.list(&ListParams::default()).await?.items;
    let all = deployments.iter().map(|it| json!(it)).chain(sets.iter().map(|it| json!(it)));
    Ok(all.map(|workload| settled(&workload)).sum())
}

fn settled(workload: &Value) -> Option<usize> {
    let status = &workload["status"];
    let replicas = &workload["spec"]["replicas"];
    let is_settled = status["observedGeneration"] == workload["metadata"]["generation"]
        && [&status["updatedReplicas"], &status["readyReplicas"]] == [replicas, replicas];
    is_settled.then(|| replicas.as_u64()).flatten().and_then(|count| usize::try_from(count).ok())
}
