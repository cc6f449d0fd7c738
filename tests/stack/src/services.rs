//! The four services as separate processes, each with its own credentials.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use proto::Service;

use crate::child::{Child, Spawn, free_port};
use crate::kubeconfig::Kubeconfig;
use crate::tools::binaries;

/// What all replicas of one service are started with.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) service: Service,
    pub(crate) keys: PathBuf,
    pub(crate) nats_url: String,
    pub(crate) kubeconfig: Option<Kubeconfig>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) logs: PathBuf,
    /// Where the watcher looks for statuses, and where the first replica serves them.
    pub(crate) grpc_port: u16,
}

/// One process of a service.
pub struct Replica {
    process: Child,
    admin_port: u16,
}

/// All replicas of one service.
pub struct Services {
    setup: Setup,
    replicas: Vec<Replica>,
    started: usize,
}

impl Services {
    pub(crate) fn new(setup: Setup) -> Self {
        Self { setup, replicas: Vec::new(), started: 0 }
    }

    /// Which service.
    pub fn service(&self) -> Service {
        self.setup.service
    }

    /// Its running replicas.
    pub fn replicas(&mut self) -> &mut [Replica] {
        &mut self.replicas
    }

    /// Adds a replica. The first one serves statuses where the watcher looks.
    pub fn start(&mut self) -> anyhow::Result<&mut Replica> {
        let setup = &self.setup;
        self.started += 1;
        let name = format!("{}-{}", setup.service, self.started);
        let is_first = self.replicas.is_empty();
        let grpc_port = if is_first { setup.grpc_port } else { free_port()? };
        let admin_port = free_port()?;
        let mut spawn =
            Spawn::new(name.clone(), binaries()?.join(setup.service.as_str()), &setup.logs)
                .env("NATS_URL", setup.nats_url.clone())
                .env("KEYS_DIR", setup.keys.to_string_lossy())
                .env("ADMIN_ADDRESS", format!("127.0.0.1:{admin_port}"))
                .env("LOG_FORMAT", "human")
                .env("GRPC_PLAINTEXT", "true");
        if setup.service != Service::Watcher {
            spawn = spawn.env("GRPC_ADDRESS", format!("127.0.0.1:{grpc_port}"));
        }
        if let Some(kubeconfig) = &setup.kubeconfig {
            spawn = spawn.env("KUBECONFIG", kubeconfig.path().to_string_lossy());
        }
        for (variable, value) in &setup.env {
            spawn = spawn.env(variable, value.replace("$REPLICA", &name));
        }
        self.replicas.push(Replica { process: spawn.start()?, admin_port });
        self.replicas.last_mut().context("just started")
    }

    /// Kills every replica with no chance to clean up.
    pub fn kill(&mut self) {
        self.replicas.clear();
    }

    /// Asks every replica to stop; true when all drained in time.
    pub fn stop(&mut self) -> bool {
        let patience = Duration::from_secs(30);
        let drained = self.replicas.iter_mut().all(|replica| replica.process.stop(patience));
        self.replicas.clear();
        drained
    }

    /// Fails when a replica has ended by itself.
    pub fn check(&mut self) -> anyhow::Result<()> {
        self.replicas.iter_mut().try_for_each(|replica| replica.process.check())
    }
}

impl Replica {
    /// The process.
    pub fn process(&mut self) -> &mut Child {
        &mut self.process
    }

    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        loop {
            let answer = self.get("/ready").await;
            if matches!(answer, Ok((200, _))) {
                return Ok(());
            }
            self.process.check()?;
            anyhow::ensure!(
                tokio::time::Instant::now() < deadline,
                "{} is not ready: {answer:?}\n{}",
                self.process.name(),
                self.process.tail()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What `/metrics` says.
    pub async fn metrics(&self) -> anyhow::Result<String> {
        Ok(self.get("/metrics").await?.1)
    }

    async fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        use hyper_util::client::legacy::Client;
        use hyper_util::rt::TokioExecutor;
        let client = Client::builder(TokioExecutor::new()).build_http::<axum::body::Body>();
        let uri = format!("http://127.0.0.1:{}{path}", self.admin_port).parse()?;
        let response = client.get(uri).await?;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(axum::body::Body::new(response), usize::MAX).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// A folder for logs, made when missing.
pub(crate) fn logs(folder: &Path) -> anyhow::Result<PathBuf> {
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs)?;
    Ok(logs)
}
