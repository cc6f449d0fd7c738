//! nats-server with JetStream and one user for each service.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use proto::Service;

use crate::child::{Child, Spawn, free_port};
use crate::keys::write_keys;
use crate::{repository, tools};

/// A server with a store and keys of its own.
pub struct Nats {
    folder: PathBuf,
    port: u16,
    users: Vec<(String, String)>,
    server: Option<Child>,
}

impl Nats {
    /// Writes keys for all services and starts the server.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let users = write_keys(&folder.join("keys"))?;
        let mut nats = Self { folder: folder.to_owned(), port: free_port()?, users, server: None };
        nats.restart().await?;
        Ok(nats)
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The keys folder of a service.
    pub fn keys(&self, service: Service) -> PathBuf {
        self.folder.join("keys").join(service.as_str())
    }

    /// Kills it with no chance to flush.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Starts it, again, on the same port and store.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill();
        let config = repository().join("deploy/nats/nats.conf");
        let mut spawn = Spawn::new("nats-server", tools()?.join("nats-server"), &self.folder)
            .args(["--config", &config.to_string_lossy(), "--addr", "127.0.0.1"])
            .args(["--port", &self.port.to_string()])
            .args(["--store_dir", &self.folder.join("store").to_string_lossy()]);
        for (name, value) in &self.users {
            spawn = spawn.env(name, value.clone());
        }
        self.server = Some(spawn.start()?);
        self.ready().await
    }

    /// Kills it, removes all that it stored, and starts it.
    pub async fn wipe(&mut self) -> anyhow::Result<()> {
        self.kill();
        std::fs::remove_dir_all(self.folder.join("store"))?;
        self.restart().await
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let server = self.server.as_mut().context("started")?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            server.check()?;
            anyhow::ensure!(
                tokio::time::Instant::now() < deadline,
                "nats-server does not listen:\n{}",
                server.tail()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}
