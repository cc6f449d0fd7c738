//! etcd.

use std::path::Path;

use crate::child::{Child, Spawn};
use crate::port::free_port;
use crate::tools;

/// Where the API server keeps everything.
pub(crate) struct Etcd {
    pub(crate) url: String,
    _server: Child,
}

impl Etcd {
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let (client, peer) = (free_port()?, free_port()?);
        let url = format!("http://127.0.0.1:{client}");
        let peer_url = format!("http://127.0.0.1:{peer}");
        let mut server = Spawn::new("etcd", tools()?.join("etcd"), folder)
            .args(["--data-dir", "etcd", "--unsafe-no-fsync", "--logger", "zap"])
            .args(["--listen-client-urls", &url, "--advertise-client-urls", &url])
            .args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url])
            .args(["--initial-cluster", &format!("default={peer_url}")])
            .start()?;
        server.until_listening(client).await?;
        Ok(Self { url, _server: server })
    }
}
