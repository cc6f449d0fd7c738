//! kwok: pods that become ready without a node.

use std::path::Path;

use crate::child::{Child, Spawn};
use crate::kubeconfig::Kubeconfig;
use crate::tools;

const STAGES: [&str; 5] = [
    "node/fast/node-initialize.yaml",
    "node/heartbeat/node-heartbeat.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
];

pub(crate) fn start(folder: &Path, admin: &Kubeconfig) -> anyhow::Result<Child> {
    let stages = tools()?.join("../stages");
    let mut spawn = Spawn::new("kwok", tools()?.join("kwok"), folder).args([
        "--kubeconfig",
        &admin.path().to_string_lossy(),
        "--manage-all-nodes",
    ]);
    for stage in STAGES {
        spawn = spawn.args(["--config", &stages.join(stage).to_string_lossy()]);
    }
    spawn.start()
}
