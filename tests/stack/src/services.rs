//! The four services as separate processes, each with its own credentials.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use proto::Service;

use crate::child::{Child, Spawn};
use crate::kubeconfig::Kubeconfig;
use crate::port::free_port;
use crate::tools::binaries;
use crate::wait::PATIENCE;

/// What all replicas of one service are started with.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) service: Service,
    pub(crate) kubeconfig: Option<Kubeconfig>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) folder: PathBuf,
    /// Where the watcher looks for statuses, and where the first replica serves them.
    pub(crate) grpc_port: u16,
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

    /// Its running replicas.
    pub fn replicas(&mut self) -> &mut [Replica] {
        &mut self.replicas
    }

    /// Sets a variable for replicas that are started from now on.
    pub fn set(&mut self, variable: &str, value: &str) -> &mut Self {
        self.setup.env.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// A client of the API server with this service's token.
    pub async fn client(&self) -> anyhow::Result<kube::Client> {
        let kubeconfig = self.setup.kubeconfig.as_ref().context("it has no token")?;
        kubeconfig.client().await
    }

    /// Adds a replica. The first one serves statuses where the watcher looks.
    pub fn start(&mut self) -> anyhow::Result<&mut Replica> {
        self.started += 1;
        let is_first = self.replicas.is_empty();
        let grpc_port = if is_first { self.setup.grpc_port } else { free_port()? };
        let name = format!("{}-{}", self.setup.service, self.started);
        let replica = Replica::start(&self.setup, &name, grpc_port)?;
        self.replicas.push(replica);
        self.replicas.last_mut().context("just started")
    }

    /// Waits until all replicas say that they are ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        for replica in &mut self.replicas {
            replica.ready().await?;
        }
        Ok(())
    }

    /// Kills every replica with no chance to clean up.
    pub fn kill(&mut self) {
        self.replicas.clear();
    }

    /// Asks every replica to stop; true when all drained in time.
    pub async fn stop(&mut self) -> bool {
        let replicas = std::mem::take(&mut self.replicas);
        let stops =
            replicas.into_iter().map(|mut it| async move { it.process.stop(PATIENCE).await });
        futures::future::join_all(stops).await.into_iter().all(|drained| drained)
    }

    /// Fails when a replica has ended by itself.
    pub fn check(&mut self) -> anyhow::Result<()> {
        self.replicas.iter_mut().try_for_each(|replica| replica.process.check())
    }

    /// Starts replicas that have ended anew, as a kubelet would; says why each had ended.
    pub fn revive(&mut self) -> anyhow::Result<Vec<String>> {
        let mut reasons = Vec::new();
        for replica in &mut self.replicas {
            if let Err(ended) = replica.process.check() {
                reasons.push(format!("{ended:#}"));
                let name = replica.process.name().to_owned();
                *replica = Replica::start(&self.setup, &name, replica.grpc_port)?;
            }
        }
        Ok(reasons)
    }
}

/// One process of a service.
pub struct Replica {
    process: Child,
    admin_port: u16,
    grpc_port: u16,
}

impl Replica {
    fn start(setup: &Setup, name: &str, grpc_port: u16) -> anyhow::Result<Self> {
        let admin_port = free_port()?;
        let binary = binaries()?.join(setup.service.as_str());
        let mut spawn = Spawn::new(name, binary, &setup.folder)
            .env("ADMIN_ADDRESS", format!("127.0.0.1:{admin_port}"))
            .env("LOG_FORMAT", "human");
        spawn = match setup.service {
            Service::Watcher => spawn.env("POD_NAME", name),
            _ => spawn.env("GRPC_ADDRESS", format!("127.0.0.1:{grpc_port}")),
        };
        if let Some(kubeconfig) = &setup.kubeconfig {
            spawn = spawn.env("KUBECONFIG", kubeconfig.path().to_string_lossy());
        }
        for (variable, value) in &setup.env {
            spawn = spawn.env(variable, value);
        }
        Ok(Self { process: spawn.start()?, admin_port, grpc_port })
    }

    /// The process.
    pub fn process(&mut self) -> &mut Child {
        &mut self.process
    }

    /// The name of the process.
    pub fn name(&self) -> &str {
        self.process.name()
    }

    /// Where it serves `/metrics`.
    pub fn admin_address(&self) -> String {
        format!("127.0.0.1:{}", self.admin_port)
    }

    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let port = self.admin_port;
        let ask = async || matches!(get(port, "/ready").await, Ok((200, _)));
        self.process.until_ready(PATIENCE, ask).await
    }

    /// What `/metrics` says.
    pub async fn metrics(&self) -> anyhow::Result<String> {
        Ok(get(self.admin_port, "/metrics").await?.1)
    }
}

pub(crate) async fn get(port: u16, path: &str) -> anyhow::Result<(u16, String)> {
    let client = Client::builder(TokioExecutor::new()).build_http::<axum::body::Body>();
    let request = client.get(format!("http://127.0.0.1:{port}{path}").parse()?);
    let response = tokio::time::timeout(Duration::from_secs(5), request).await??;
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(axum::body::Body::new(response), usize::MAX).await?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
