//! A cluster of one node, with our images.

use std::path::{Path, PathBuf};
use std::process::Command as Blocking;

use anyhow::Context as _;
use stack::{Folder, Steps, tools};
use tokio::process::Command;

use crate::command::{output, program};
use crate::images;
use crate::node::Node;

/// What is asked of the node when a test fails.
const EVIDENCE: [(&str, &str); 7] = [
    ("pods.txt", "kubectl get pods --all-namespaces --output=wide"),
    ("events.txt", "kubectl get events --all-namespaces --sort-by=.lastTimestamp"),
    ("claims.yaml", "kubectl get cloudresources --all-namespaces --output=yaml"),
    ("volumes.txt", "kubectl get persistentvolumes,persistentvolumeclaims --all-namespaces"),
    ("workloads.yaml", "kubectl get all --all-namespaces --output=yaml"),
    ("logs.tar", "tar --create --dereference --directory=/var/log node pods"),
    (
        "metrics.txt",
        "kubectl get pods --all-namespaces --selector=app.kubernetes.io/part-of=cloud-resource-operator \
           --output=jsonpath='{range .items[*]}{.metadata.namespace}/pods/{.metadata.name}{\"\\n\"}{end}' \
         | while read -r pod; do \
             echo \"# $pod\"; \
             kubectl get --raw=/api/v1/namespaces/$pod:8080/proxy/metrics \
               || kubectl get --raw=\"/api/v1/namespaces/$pod:8222/proxy/jsz?consumers=true\"; \
           done",
    ),
];

/// A Kubernetes that runs pods. It ends when this is dropped, and with the process.
pub struct Cluster {
    pub(crate) node: Node,
    folder: Folder,
}

impl Cluster {
    /// Starts a node and loads all images.
    pub async fn start(steps: Steps) -> anyhow::Result<Self> {
        let folder = Folder::make("cluster")?;
        let node = steps.step("starting a node", Node::start(folder.path())).await?;
        let cluster = Self { node, folder };
        steps.step("loading images into it", images::load(&cluster.node.name)).await?;
        Ok(cluster)
    }

    /// The administrator's client. Belongs to the runtime of the caller.
    pub async fn client(&self) -> anyhow::Result<kube::Client> {
        self.node.kubeconfig.client().await
    }

    /// Calls kubectl as the administrator.
    pub async fn kubectl(&self, args: &[&str]) -> anyhow::Result<String> {
        output(self.tool("kubectl")?.args(args)).await
    }

    /// Calls Helm as the administrator.
    pub async fn helm(&self, args: &[&str]) -> anyhow::Result<String> {
        output(self.tool("helm")?.args(args)).await
    }

    fn tool(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = program(tools()?.join(name));
        command.env("KUBECONFIG", self.node.kubeconfig.path());
        for folder in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(folder, self.path().join("helm"));
        }
        Ok(command)
    }

    /// Data and logs.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps what tells of a failure: logs of the node's programs and of all pods, events, claims. Returns where.
    pub fn keep_evidence(&self) -> anyhow::Result<PathBuf> {
        let folder = self.path().join("evidence");
        std::fs::create_dir_all(&folder)?;
        for (file, script) in EVIDENCE {
            let said = Blocking::new("docker")
                .args(["exec", &self.node.name, "sh", "-c", script])
                .output()
                .context("failed to run docker")?;
            std::fs::write(folder.join(file), [said.stdout, said.stderr].concat())?;
        }
        Ok(folder)
    }
}
