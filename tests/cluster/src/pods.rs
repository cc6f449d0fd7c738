//! Pods, as who looks after a cluster sees them.

use anyhow::Context as _;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, ListParams};
use stack::{Claim, Tenant};

use crate::cluster::Cluster;

const PROGRAMS: [&str; 5] =
    ["watcher", "aws-provisioner", "openshift-provisioner", "secret-writer", "nats-server"];

/// Pods of the operator, or of one of its services; those that have ended (of jobs) left out.
pub async fn operator_pods(
    client: &kube::Client,
    namespace: &str,
    component: Option<&str>,
) -> anyhow::Result<Vec<Pod>> {
    let of_all = "app.kubernetes.io/part-of=cloud-resource-operator".to_owned();
    let of_one = |component| format!("{of_all},app.kubernetes.io/component={component}");
    let labels = component.map_or_else(|| of_all.clone(), of_one);
    let api: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let pods = api.list(&ListParams::default().labels(&labels)).await?.items;
    let is_of_job = |pod: &Pod| pod.owner_references().iter().any(|owner| owner.kind == "Job");
    Ok(pods.into_iter().filter(|pod| !is_of_job(pod)).collect())
}

/// Whether a pod is ready.
pub fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| all.iter().any(|it| it.type_ == "Ready" && it.status == "True"))
}

/// The pod of a claim's database.
pub async fn database_pod(tenant: &Tenant, claim: &Claim) -> anyhow::Result<Pod> {
    let object = tenant.get(claim).await?.context("there is no such claim")?;
    let api: Api<Pod> = Api::namespaced(tenant.client.clone(), &tenant.namespace);
    let labels = format!("integreatly.org/claim-uid={}", object.uid().unwrap_or_default());
    let pods = api.list(&ListParams::default().labels(&labels)).await?.items;
    let [pod] = <[Pod; 1]>::try_from(pods)
        .map_err(|pods| anyhow::anyhow!("{} has {} pods", claim.name, pods.len()))?;
    Ok(pod)
}

/// Kills a pod: its processes have no time to end well.
pub async fn kill(client: &kube::Client, pod: &Pod) -> anyhow::Result<()> {
    let api: Api<Pod> = Api::namespaced(client.clone(), &pod.namespace().unwrap_or_default());
    api.delete(&pod.name_any(), &DeleteParams::default().grace_period(0)).await?;
    Ok(())
}

/// What `/metrics` of a pod says.
pub async fn metrics(client: &kube::Client, pod: &Pod) -> anyhow::Result<String> {
    let (namespace, name) = (pod.namespace().unwrap_or_default(), pod.name_any());
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}:8080/proxy/metrics");
    Ok(client.request_text(http::Request::get(path).body(Vec::new())?).await?)
}

/// The sum of a metric over its labels.
pub fn metric(metrics: &str, name: &str) -> f64 {
    let lines = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.starts_with([' ', '{']).then(|| rest.rsplit(' ').next())?
    });
    lines.filter_map(|value| value.parse::<f64>().ok()).sum()
}

impl Cluster {
    /// Kills the processes of a pod's container, which the kubelet starts again in the same pod.
    pub async fn kill_container(&self, pod: &Pod) -> anyhow::Result<()> {
        let statuses = pod.status.as_ref().and_then(|it| it.container_statuses.as_ref());
        let id = statuses.and_then(|it| it.first()).and_then(|it| it.container_id.as_deref());
        let id = id.and_then(|id| id.strip_prefix("containerd://")).unwrap_or_default();
        self.node.run(&["ctr", "tasks", "kill", "--signal", "SIGKILL", id]).await.map(drop)
    }

    /// Resident memory of the operator's processes, bytes: program and bytes. What the kernel counts for a pod leaves
    /// out the pages of programs, since images are in memory here.
    pub async fn resident(&self) -> anyhow::Result<Vec<(&'static str, u64)>> {
        let processes = self.node.run(&["ps", "--no-headers", "-eo", "rss,args"]).await?;
        let of = |program| {
            let lines = processes.lines().filter_map(|line| line.trim().split_once(' '));
            let called = format!("/{program}");
            let own = lines.filter(move |(_, args)| args.split(' ').next() == Some(&called));
            own.filter_map(|(kilobytes, _)| kilobytes.parse::<u64>().ok()).sum::<u64>() * 1024
        };
        Ok(PROGRAMS.map(|program| (program, of(program))).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels_and_not_mixed_with_others() {
        let text = "# HELP a_total x\na_total{kind=\"b\"} 2\na_total{kind=\"c\"} 3\na_total_b 7\n";
        assert!((metric(text, "a_total") - 5.0).abs() < f64::EPSILON);
    }
}
