//! A kubeconfig for one token.

use std::path::{Path, PathBuf};

use kube::config::{KubeConfigOptions, Kubeconfig as File};
use serde_json::json;

/// How to reach the API server as somebody.
#[derive(Clone, Debug)]
pub struct Kubeconfig(PathBuf);

impl Kubeconfig {
    /// Writes a kubeconfig for a token.
    pub fn write(path: PathBuf, url: &str, ca: &Path, token: &str) -> anyhow::Result<Self> {
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "local",
            "clusters": [{"name": "local", "cluster": {"server": url, "certificate-authority": ca}}],
            "users": [{"name": "local", "user": {"token": token}}],
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": "local"}}],
        });
        std::fs::write(&path, serde_json::to_vec_pretty(&config)?)?;
        Ok(Self(path))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A client that uses it.
    pub async fn client(&self) -> anyhow::Result<kube::Client> {
        let file = File::read_from(&self.0)?;
        let config =
            kube::Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
        Ok(kube::Client::try_from(config)?)
    }
}
