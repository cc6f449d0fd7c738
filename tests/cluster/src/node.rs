//! The node: a container that lives as long as the pipe to its standard input.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use stack::{Kubeconfig, eventually, free_port};

use crate::command::{docker, output};
use crate::images;

/// What a container needs to run containers. A privileged one would need a capability that not every engine has.
const RIGHTS: [&str; 12] = [
    "--cap-add=ALL",
    "--cap-drop=SYS_RESOURCE",
    "--security-opt",
    "seccomp=unconfined",
    "--security-opt",
    "apparmor=unconfined",
    "--security-opt",
    "label=disable",
    "--device-cgroup-rule",
    "a *:* rwm",
    // In memory: a third of the time that images take on a disk.
    "--tmpfs",
    "/var/lib/containerd:exec,suid,dev",
];

pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) kubeconfig: Kubeconfig,
    process: Child,
}

impl Node {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let engine = output(docker().args(["version", "--format", "{{.Server.Version}}"])).await;
        engine.context("no Docker engine answers: run this by `make test/e2e/cluster`")?;
        let name = format!("cloud-resource-operator-{}", std::process::id());
        let port = free_port()?;
        let log = folder.join("node.log");
        let output = File::create(&log)?;
        let process = Command::new("docker")
            .args(["run", "--rm", "--interactive", "--name", &name, "--hostname", "kubernetes"])
            .args(RIGHTS)
            .args(["--publish", &format!("127.0.0.1:{port}:6443")])
            .args(["--env", &format!("SERVER=https://127.0.0.1:{port}")])
            .args([&images::node(), "--while-stdin"])
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("failed to run docker")?;
        let kubeconfig = Kubeconfig::at(folder.join("admin.kubeconfig"));
        let mut node = Self { name, kubeconfig, process };
        node.until_ready(&log).await?;
        Ok(node)
    }

    async fn until_ready(&mut self, log: &Path) -> anyhow::Result<()> {
        let read = "test -e /run/node/ready && cat /kubeconfig/host.yaml";
        let what = format!("the node is ready (log: {})", log.display());
        let config = eventually(&what, Duration::from_secs(180), async || {
            if let Some(status) = self.process.try_wait()? {
                return Ok(Some(Err(status)));
            }
            let config = output(docker().args(["exec", &self.name, "sh", "-c", read])).await?;
            Ok(Some(Ok(config)))
        });
        match config.await? {
            Ok(config) => Ok(std::fs::write(self.kubeconfig.path(), config)?),
            Err(status) => {
                let text = std::fs::read_to_string(log)?;
                anyhow::bail!("the node ended with {status}:\n{text}")
            }
        }
    }

    /// Runs a program on the node.
    pub(crate) async fn run(&self, args: &[&str]) -> anyhow::Result<String> {
        output(docker().args(["exec", &self.name]).args(args)).await
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
