//! etcd and the API server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use crate::child::{Child, Spawn, free_port};
use crate::kubeconfig::Kubeconfig;
use crate::{pki, tools};

/// The token of the administrator; known to nobody but this process and its folder.
const ADMIN_TOKEN: &str = "local-admin";

/// etcd with an API server before it.
pub(crate) struct ApiServer {
    folder: PathBuf,
    etcd_url: String,
    port: u16,
    _etcd: Child,
    server: Child,
}

impl ApiServer {
    /// Starts both and waits until the API server is ready.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        pki::write(folder)?;
        let token = format!("{ADMIN_TOKEN},admin,admin,\"system:masters\"\n");
        std::fs::write(folder.join("tokens.csv"), token)?;
        let (client, peer) = (free_port()?, free_port()?);
        let etcd_url = format!("http://127.0.0.1:{client}");
        let peer_url = format!("http://127.0.0.1:{peer}");
        let etcd = Spawn::new("etcd", tools()?.join("etcd"), folder)
            .args(["--data-dir", "etcd", "--unsafe-no-fsync", "--logger", "zap"])
            .args(["--listen-client-urls", &etcd_url, "--advertise-client-urls", &etcd_url])
            .args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url])
            .args(["--initial-cluster", &format!("default={peer_url}")])
            .start()?;
        let port = free_port()?;
        let server = spawn_server(folder, &etcd_url, port)?;
        let folder = folder.to_owned();
        let mut started = Self { folder, etcd_url, port, _etcd: etcd, server };
        started.ready().await?;
        Ok(started)
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// A kubeconfig for a token.
    pub(crate) fn kubeconfig(&self, name: &str, token: &str) -> anyhow::Result<Kubeconfig> {
        let path = self.folder.join(format!("{name}.kubeconfig"));
        Kubeconfig::write(path, &self.url(), &self.ca(), token)
    }

    pub(crate) fn admin(&self) -> anyhow::Result<Kubeconfig> {
        self.kubeconfig("admin", ADMIN_TOKEN)
    }

    /// Kills the API server and starts it again on the same port and etcd.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        self.server.kill();
        self.server = spawn_server(&self.folder, &self.etcd_url, self.port)?;
        self.ready().await
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let client = self.admin()?.client().await?;
        let request = || http::Request::get("/readyz").body(Vec::new());
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        while client.request_text(request()?).await.is_err() {
            self.server.check()?;
            anyhow::ensure!(
                tokio::time::Instant::now() < deadline,
                "kube-apiserver is not ready after 60 s:\n{}",
                self.server.tail()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

fn spawn_server(folder: &Path, etcd_url: &str, port: u16) -> anyhow::Result<Child> {
    Spawn::new("kube-apiserver", tools()?.join("kube-apiserver"), folder)
        .args(["--etcd-servers", etcd_url, "--bind-address", "127.0.0.1"])
        .args(["--advertise-address", "127.0.0.1", "--endpoint-reconciler-type", "none"])
        .args(["--secure-port", &port.to_string(), "--service-cluster-ip-range", "10.96.0.0/16"])
        .args(["--tls-cert-file", "server.crt", "--tls-private-key-file", "server.key"])
        .args(["--service-account-issuer", "https://kubernetes.default.svc"])
        .args(["--service-account-key-file", "sa.pub"])
        .args(["--service-account-signing-key-file", "sa.key"])
        .args(["--token-auth-file", "tokens.csv", "--authorization-mode", "RBAC"])
        .args(["--profiling=false", "--enable-priority-and-fairness=false"])
        .start()
        .context("failed to start kube-apiserver")
}
