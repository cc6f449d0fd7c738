//! kube-scheduler.

use std::path::Path;

use serde_json::json;

use crate::child::{Child, Spawn};
use crate::kubeconfig::Kubeconfig;
use crate::tools;

pub(crate) fn start(folder: &Path, admin: &Kubeconfig) -> anyhow::Result<Child> {
    let config = json!({
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "leaderElection": {"leaderElect": false},
        "clientConnection": {"kubeconfig": admin.path(), "qps": 500, "burst": 1000},
    });
    std::fs::write(folder.join("scheduler.json"), config.to_string())?;
    Spawn::new("kube-scheduler", tools()?.join("kube-scheduler"), folder)
        .args(["--config", "scheduler.json", "--secure-port", "0"])
        .start()
}
