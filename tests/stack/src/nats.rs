//! nats-server with JetStream and one user for each service.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, BusConfig};
use proto::Service;
use service::Process;

use crate::child::{Child, Spawn};
use crate::folder::Folder;
use crate::port::free_port;
use crate::wait::{PATIENCE, eventually};
use crate::{repository, tools};

/// How long the tasks of a connection may take to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// What a server demands of its clients.
#[derive(Debug, PartialEq, Eq)]
enum Mode {
    /// Nothing, and everybody may do everything.
    Open,
    /// A key of ours; everybody has permissions.
    Keys,
    /// The same, over TLS from the first byte.
    Tls,
    /// What this configuration says.
    Other(String),
}

impl Mode {
    fn config(&self) -> String {
        match self {
            Self::Open => STORE.to_owned(),
            Self::Keys => format!("{STORE}include nats.conf\n"),
            Self::Tls => format!("{STORE}{TLS}include nats.conf\n"),
            Self::Other(users) => format!("{STORE}{users}"),
        }
    }
}

/// A server with a store and keys of its own.
pub struct Nats {
    folder: PathBuf,
    port: u16,
    users: Vec<(String, String)>,
    mode: Mode,
    server: Option<Child>,
    _own: Option<Arc<Folder>>,
}

impl Nats {
    /// Writes keys for all services and starts the server.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::of(folder, Mode::Keys, None).await
    }

    /// One in a folder of its own where everybody may do everything: for tests of what signatures alone protect.
    pub async fn open() -> anyhow::Result<Self> {
        let own = Arc::new(Folder::for_test()?);
        Self::of(own.path(), Mode::Open, Some(own.clone())).await
    }

    /// One in a folder of its own that speaks TLS as the chart's does.
    pub async fn encrypted() -> anyhow::Result<Self> {
        let own = Arc::new(Folder::for_test()?);
        Self::of(own.path(), Mode::Tls, Some(own.clone())).await
    }

    /// One in a folder of its own with users of somebody else's.
    pub async fn with_users(config: String) -> anyhow::Result<Self> {
        let own = Arc::new(Folder::for_test()?);
        Self::of(own.path(), Mode::Other(config), Some(own.clone())).await
    }

    async fn of(folder: &Path, mode: Mode, own: Option<Arc<Folder>>) -> anyhow::Result<Self> {
        setup::folder::write(&folder.join("keys"), &[])?;
        let users = users(&folder.join("keys/nats/users.env"))?;
        let (folder, port) = (folder.to_owned(), free_port()?);
        let mut nats = Self { folder, port, users, mode, server: None, _own: own };
        nats.restart().await?;
        Ok(nats)
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        let scheme = if self.mode == Mode::Tls { "tls" } else { "nats" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The keys folder of a service.
    pub fn keys(&self, service: Service) -> PathBuf {
        self.folder.join("keys").join(service.as_str())
    }

    /// A service's connection to the bus, with its process. Made in the background.
    pub async fn connect(&self, service: Service) -> anyhow::Result<(Bus, Process)> {
        let mut process = Process::new(service, DRAIN);
        let keys_dir = self.keys(service);
        let is_tls = self.mode == Mode::Tls;
        let config = BusConfig {
            nats_url: self.url(),
            nats_ca_file: is_tls.then(|| keys_dir.join("ca.crt")),
            nats_tls_first: is_tls,
            keys_dir,
            ..BusConfig::default()
        };
        Ok((Bus::connect(service, &config, &mut process).await?, process))
    }

    /// A service's connection once the streams are there. Whoever may, makes them.
    pub async fn bus(&self, service: Service) -> anyhow::Result<(Bus, Process)> {
        let (bus, process) = self.connect(service).await?;
        if service == Service::Watcher || self.mode == Mode::Open {
            Self::make_streams(&bus).await?;
        }
        bus.usable(&process.shutdown).await;
        Ok((bus, process))
    }

    /// Makes the streams; again after they were lost.
    pub async fn make_streams(bus: &Bus) -> anyhow::Result<()> {
        eventually("streams", PATIENCE, async || Ok(Some(bus.ensure_topology(1).await?))).await
    }

    /// A client with a service's permissions.
    pub async fn client(
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
        let client = self.client(Service::Watcher, options).await?;
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
        let chart = repository().join("charts/cloud-resource-operator/files/nats.conf");
        std::fs::copy(chart, self.folder.join("nats.conf"))?;
        std::fs::write(self.folder.join("server.conf"), self.mode.config())?;
        let mut spawn = Spawn::new("nats-server", tools()?.join("nats-server"), &self.folder)
            .args(["--config", "server.conf", "--addr", "127.0.0.1"])
            .args(["--port", &self.port.to_string()]);
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

/// Said, since a server takes three quarters of what is free on the disk otherwise, and refuses streams when that is little.
const STORE: &str = "\
jetstream {
  store_dir: store
  max_file_store: 5GB
}
";
const TLS: &str = "\
tls {
  cert_file: keys/nats/tls.crt
  key_file: keys/nats/tls.key
  min_version: \"1.3\"
  handshake_first: true
}
";

/// The variables of a file: one `NAME=value` a line.
fn users(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let text = std::fs::read_to_string(file)?;
    let variables = text.lines().filter_map(|line| line.split_once('='));
    Ok(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
