//! A kubeconfig for one token.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use kube::config::{KubeConfigOptions, Kubeconfig as File};
use serde_json::{Value, json};

/// How to reach the API server as somebody.
#[derive(Clone, Debug)]
pub struct Kubeconfig(PathBuf);

impl Kubeconfig {
    /// Writes a kubeconfig for a token that only this user can read.
    pub fn write(
        path: PathBuf,
        url: &str,
        ca: &Path,
        token: &str,
        namespace: &str,
    ) -> anyhow::Result<Self> {
        let cluster = json!({"server": url, "certificate-authority": ca});
        let context = json!({"cluster": "local", "user": "local", "namespace": namespace});
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "local",
            "clusters": [{"name": "local", "cluster": cluster}],
            "users": [{"name": "local", "user": {"token": token}}],
            "contexts": [{"name": "local", "context": context}],
        });
        Self::store(path, &config)
    }

    /// One that somebody else writes.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// A copy of it whose default namespace is another.
    pub fn in_namespace(&self, path: PathBuf, namespace: &str) -> anyhow::Result<Self> {
        let mut config: Value = serde_json::from_slice(&std::fs::read(&self.0)?)?;
        config["contexts"][0]["context"]["namespace"] = namespace.into();
        Self::store(path, &config)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A client that uses it. Belongs to the runtime of the caller.
    pub async fn client(&self) -> anyhow::Result<kube::Client> {
        let file = File::read_from(&self.0)?;
        let config =
            kube::Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
        Ok(kube::Client::try_from(config)?)
    }

    /// Writes a file that only this user can read.
    pub(crate) fn store(path: PathBuf, config: &Value) -> anyhow::Result<Self> {
        let mut options = std::fs::File::options();
        let file = options.create(true).write(true).truncate(true).mode(0o600).open(&path)?;
        serde_json::to_writer_pretty(file, config)?;
        Ok(Self(path))
    }
}
