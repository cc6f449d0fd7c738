//! kube-apiserver.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::child::{Child, Spawn};
use crate::kubeconfig::Kubeconfig;
use crate::port::free_port;
use crate::{audit, pki, tools};

/// An API server with certificates and keys of its own.
pub(crate) struct ApiServer {
    folder: PathBuf,
    etcd_url: String,
    port: u16,
    admin_token: String,
    server: Child,
}

impl ApiServer {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(folder: &Path, etcd_url: &str) -> anyhow::Result<Self> {
        pki::write(folder)?;
        audit::write_policy(folder)?;
        let admin_token = uuid::Uuid::new_v4().to_string();
        let tokens = format!("{admin_token},admin,admin,\"system:masters\"\n");
        std::fs::write(folder.join("tokens.csv"), tokens)?;
        let port = free_port()?;
        let server = spawn(folder, etcd_url, port)?;
        let (folder, etcd_url) = (folder.to_owned(), etcd_url.to_owned());
        let mut started = Self { folder, etcd_url, port, admin_token, server };
        started.ready().await?;
        Ok(started)
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The administrator's kubeconfig.
    pub(crate) fn admin(&self) -> anyhow::Result<Kubeconfig> {
        let path = self.folder.join("admin.kubeconfig");
        let ca = self.folder.join("ca.crt");
        Kubeconfig::write(path, &self.url(), &ca, &self.admin_token, "default")
    }

    pub(crate) fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts it, again, on the same port and etcd.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill();
        self.server = spawn(&self.folder, &self.etcd_url, self.port)?;
        self.ready().await
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let client = self.admin()?.client().await?;
        let ask = async || {
            let request = http::Request::get("/readyz").body(Vec::new());
            client.request_text(request.expect("a fixed request")).await.is_ok()
        };
        self.server.until_ready(Duration::from_secs(60), ask).await
    }
}

fn spawn(folder: &Path, etcd_url: &str, port: u16) -> anyhow::Result<Child> {
    Spawn::new("kube-apiserver", tools()?.join("kube-apiserver"), folder)
        .args(["--etcd-servers", etcd_url, "--bind-address", "127.0.0.1"])
        .args(["--advertise-address", "127.0.0.1", "--endpoint-reconciler-type", "none"])
        .args(["--secure-port", &port.to_string(), "--service-cluster-ip-range", "10.96.0.0/16"])
        .args(["--tls-cert-file", "server.crt", "--tls-private-key-file", "server.key"])
        .args(["--service-account-issuer", "https://kubernetes.default.svc"])
        .args(["--service-account-key-file", "sa.pub"])
        .args(["--service-account-signing-key-file", "sa.key"])
        .args(["--token-auth-file", "tokens.csv", "--authorization-mode", "RBAC"])
        .args(audit::FLAGS)
        .args(["--profiling=false", "--enable-priority-and-fairness=false"])
        .start()
}
