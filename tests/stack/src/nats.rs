//! nats-server with JetStream and one user for each service.

use std::path::{Path, PathBuf};

use proto::Service;

use crate::child::{Child, Spawn};
use crate::keys::write_keys;
use crate::port::free_port;
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

    /// Connects as a service, with its permissions.
    pub async fn connect(
        &self,
        service: Service,
        options: async_nats::ConnectOptions,
    ) -> anyhow::Result<async_nats::Client> {
        let seed = std::fs::read_to_string(self.keys(service).join("nats.seed"))?;
        let options = options.nkey(seed).custom_inbox_prefix(format!("_INBOX.{service}"));
        Ok(options.connect(self.url()).await?)
    }

    /// The last sequence of a stream: how many messages were published to it since it was made.
    pub async fn last_sequence(&self, stream: &str) -> anyhow::Result<u64> {
        let options = async_nats::ConnectOptions::new();
        let client = self.connect(Service::Watcher, options).await?;
        let context = async_nats::jetstream::new(client);
        Ok(context.get_stream(stream).await?.cached_info().state.last_sequence)
    }

    /// Everything that it has logged.
    pub fn log(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.folder.join("logs/nats-server.log"))?)
    }

    /// Kills it with no chance to flush.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Kills it if it runs, and starts it on the same port and store.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill();
        let config = repository().join("deploy/nats/nats.conf");
        let mut spawn = Spawn::new("nats-server", tools()?.join("nats-server"), &self.folder)
            .args(["--config", &config.to_string_lossy(), "--addr", "127.0.0.1"])
            .args(["--port", &self.port.to_string(), "--store_dir", "store"]);
        for (name, value) in &self.users {
            spawn = spawn.env(name, value);
        }
        let server = self.server.insert(spawn.start()?);
        server.until_listening(self.port).await
    }

    /// Kills it, removes what it stored of one stream, and starts it.
    pub async fn lose(&mut self, stream: &str) -> anyhow::Result<()> {
        self.kill();
        for account in std::fs::read_dir(self.folder.join("store/jetstream"))? {
            let stream = account?.path().join("streams").join(stream);
            if stream.is_dir() {
                std::fs::remove_dir_all(stream)?;
            }
        }
        self.restart().await
    }

    /// Kills it, removes all that it stored, and starts it.
    pub async fn wipe(&mut self) -> anyhow::Result<()> {
        self.kill();
        std::fs::remove_dir_all(self.folder.join("store"))?;
        self.restart().await
    }
}
