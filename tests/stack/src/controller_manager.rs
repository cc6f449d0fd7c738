//! kube-controller-manager: rollouts, binding of volumes, garbage collection, tokens.

use std::path::Path;

use crate::child::{Child, Spawn};
use crate::kubeconfig::Kubeconfig;
use crate::tools;

pub(crate) fn start(folder: &Path, admin: &Kubeconfig) -> anyhow::Result<Child> {
    let binary = tools()?.join("kube-controller-manager");
    Spawn::new("kube-controller-manager", binary, folder)
        .args(["--kubeconfig", &admin.path().to_string_lossy(), "--leader-elect=false"])
        .args(["--service-account-private-key-file", "sa.key", "--root-ca-file", "ca.crt"])
        .args(["--secure-port", "0"])
        .args(["--kube-api-qps", "500", "--kube-api-burst", "1000"])
        .start()
}
