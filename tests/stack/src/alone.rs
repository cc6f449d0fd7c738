//! AWS without the rest, for docker-compose: the proxy before a moto and a LocalStack that others run on this machine, a
//! VPC as a cluster has it, and a real server behind each database.

mod databases;
mod forward;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio::signal::unix::{SignalKind, signal};

use crate::aws::LifeCycle;
use crate::cluster_vpc;
use crate::proxy::Proxy;
use crate::wait::eventually;
use databases::Databases;
use forward::forward;

/// Whose everything is; LocalStack's own.
const ACCOUNT: &str = "000000000000";
/// Enough for a server to be there before anybody is told where it is.
const CREATING: Duration = Duration::from_secs(4);
const PATIENCE: Duration = Duration::from_mins(2);

/// How it is started.
#[derive(Clone, Debug, clap::Args)]
pub struct Alone {
    /// Where it listens
    #[arg(long, env = "AWS_ADDRESS", default_value = "0.0.0.0:4566")]
    address: SocketAddr,
    /// Name or address of this machine, as clients of databases reach it
    #[arg(long, env = "AWS_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port of moto
    #[arg(long, env = "MOTO_PORT", default_value_t = 5000)]
    moto_port: u16,
    /// Port of LocalStack
    #[arg(long, env = "LOCALSTACK_PORT", default_value_t = 4510)]
    localstack_port: u16,
    /// LocalStack serves all: it has a licence
    #[arg(long, env = "LOCALSTACK_ONLY")]
    localstack_only: bool,
    /// Cluster whose VPC there is
    #[arg(long, env = "CLUSTER_ID", default_value = "local")]
    cluster_id: String,
    /// Data and logs of the servers
    #[arg(long, env = "AWS_FOLDER", default_value = "/tmp/aws")]
    folder: PathBuf,
}

impl Alone {
    /// Serves until it is told to stop.
    pub async fn serve(&self) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = self.work() => ended,
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        }
    }

    async fn work(&self) -> anyhow::Result<()> {
        until_listening("LocalStack", self.localstack_port).await?;
        if self.localstack_only {
            cluster_vpc::make(self.localstack_port, ACCOUNT, &self.cluster_id).await?;
            return Ok(forward(TcpListener::bind(self.address).await?, self.localstack_port).await);
        }
        until_listening("moto", self.moto_port).await?;
        cluster_vpc::make(self.moto_port, ACCOUNT, &self.cluster_id).await?;
        let proxy = Proxy::before(self.moto_port, Some(self.localstack_port), ACCOUNT).await?;
        proxy.life_cycle(LifeCycle { creating: CREATING, ..LifeCycle::default() });
        std::fs::create_dir_all(&self.folder)?;
        let databases = Databases::new(self.folder.clone(), self.own_address().await?);
        let listener = TcpListener::bind(self.address).await?;
        tokio::select! {
            () = forward(listener, proxy.port()) => Ok(()),
            failed = databases.follow(&proxy) => failed,
        }
    }

    async fn own_address(&self) -> anyhow::Result<IpAddr> {
        let mut found = lookup_host((self.host.as_str(), 0)).await?;
        Ok(found.find(SocketAddr::is_ipv4).context("no address")?.ip())
    }
}

async fn until_listening(name: &str, port: u16) -> anyhow::Result<()> {
    let connect = async || Ok(Some(TcpStream::connect(("127.0.0.1", port)).await?));
    eventually(name, PATIENCE, connect).await.map(drop)
}
