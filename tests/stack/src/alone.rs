//! AWS without the rest, for docker-compose: the proxy before a moto and a LocalStack that others run, a VPC
//! as a cluster has it, and a real server behind each database.

mod databases;
mod forward;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::builder::FalseyValueParser;
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
    /// moto
    #[arg(long, env = "MOTO", default_value = "127.0.0.1:5000")]
    moto: String,
    /// LocalStack
    #[arg(long, env = "LOCALSTACK", default_value = "127.0.0.1:4510")]
    localstack: String,
    /// LocalStack serves all: it has a licence
    #[arg(long, env = "LOCALSTACK_ONLY", value_parser = FalseyValueParser::new())]
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
        let localstack = near(&self.localstack).await?;
        if self.localstack_only {
            cluster_vpc::make(localstack, ACCOUNT, &self.cluster_id).await?;
            forward(TcpListener::bind(self.address).await?, near_address(localstack)).await;
            return Ok(());
        }
        let moto = near(&self.moto).await?;
        cluster_vpc::make(moto, ACCOUNT, &self.cluster_id).await?;
        let proxy = Proxy::before(moto, Some(localstack), ACCOUNT).await?;
        proxy.life_cycle(LifeCycle { creating: CREATING, ..LifeCycle::default() });
        std::fs::create_dir_all(&self.folder)?;
        let databases = Databases::new(self.folder.clone(), self.own_address().await?);
        let listener = TcpListener::bind(self.address).await?;
        tokio::select! {
            () = forward(listener, near_address(proxy.port())) => Ok(()),
            failed = databases.follow(&proxy) => failed,
        }
    }

    async fn own_address(&self) -> anyhow::Result<IpAddr> {
        let mut found = lookup_host((self.host.as_str(), 0)).await?;
        Ok(found.find(SocketAddr::is_ipv4).context("no address")?.ip())
    }
}

/// A port of this machine that leads to a server, once it answers.
async fn near(server: &str) -> anyhow::Result<u16> {
    let connect = async || Ok(Some(TcpStream::connect(server).await?));
    eventually(server, PATIENCE, connect).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(forward(listener, server.to_owned()));
    Ok(port)
}

fn near_address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
