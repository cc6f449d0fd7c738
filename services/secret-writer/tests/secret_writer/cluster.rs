//! A real API server with our kinds.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crds::ClaimKind;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::PostParams;
use kube::config::AuthInfo;
use kube::{Api, Client, Config};
use rcgen::KeyPair;
use serde_json::json;

use crate::fixture::{eventually, tools};

const TOKEN: &str = "test-administrator";

/// etcd and kube-apiserver with a store of their own; killed when dropped.
pub struct Cluster {
    etcd: Child,
    apiserver: Child,
    folder: tempfile::TempDir,
    ports: [u16; 2],
    pub client: Client,
}

impl Cluster {
    /// Starts it, with our kinds and the namespace `team`.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [peer, etcd, secure] = [(); 3].map(|()| free_port());
        let ports = [etcd, secure];
        write_credentials(folder.path());
        let etcd = spawn_etcd(folder.path(), etcd, peer);
        let apiserver = spawn_apiserver(folder.path(), ports);
        let mut config = Config::new(format!("https://127.0.0.1:{secure}").parse().unwrap());
        config.accept_invalid_certs = true;
        config.default_retry = false;
        config.auth_info = AuthInfo { token: Some(TOKEN.into()), ..AuthInfo::default() };
        let client = Client::try_from(config).unwrap();
        let cluster = Self { etcd, apiserver, folder, ports, client };
        cluster.install().await;
        cluster
    }

    /// Kills the API server; what it stored stays.
    pub fn kill_apiserver(&mut self) {
        self.apiserver.kill().unwrap();
        self.apiserver.wait().unwrap();
    }

    /// Starts it again on the same port.
    pub fn restart_apiserver(&mut self) {
        self.apiserver = spawn_apiserver(self.folder.path(), self.ports);
    }

    async fn install(&self) {
        let definitions: Api<CustomResourceDefinition> = Api::all(self.client.clone());
        let params = PostParams::default();
        for kind in ClaimKind::ALL {
            let definition = crds::definition(kind);
            eventually("definition", async || {
                definitions.create(&params, &definition).await.ok().map(drop)
            })
            .await;
        }
        for kind in ClaimKind::ALL {
            let api: Api<kube::core::DynamicObject> =
                Api::all_with(self.client.clone(), &kind.api_resource());
            let list = async || api.list(&kube::api::ListParams::default()).await.ok().map(drop);
            eventually("kind", list).await;
        }
        let team = serde_json::from_value(json!({"metadata": {"name": "team"}})).unwrap();
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        namespaces.create(&params, &team).await.unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in [&mut self.apiserver, &mut self.etcd] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn spawn_etcd(folder: &Path, client: u16, peer: u16) -> Child {
    let (client, peer) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
    let mut command = Command::new(tools().join("etcd"));
    command.arg("--data-dir").arg(folder.join("etcd")).arg("--unsafe-no-fsync");
    command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
    command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
    command.args(["--initial-cluster", &format!("default={peer}")]);
    quiet(command)
}

fn write_credentials(folder: &Path) {
    let pair = KeyPair::generate().unwrap();
    std::fs::write(folder.join("accounts.key"), pair.serialize_pem()).unwrap();
    std::fs::write(folder.join("accounts.pub"), pair.public_key_pem()).unwrap();
    let tokens = format!("{TOKEN},admin,admin,system:masters\n");
    std::fs::write(folder.join("tokens.csv"), tokens).unwrap();
}

fn spawn_apiserver(folder: &Path, [etcd, port]: [u16; 2]) -> Child {
    let mut command = Command::new(tools().join("kube-apiserver"));
    command.args(["--etcd-servers", &format!("http://127.0.0.1:{etcd}")]);
    command.args(["--bind-address", "127.0.0.1", "--secure-port", &port.to_string()]);
    command.args(["--service-cluster-ip-range", "10.0.0.0/24"]);
    command.args(["--service-account-issuer", "https://kubernetes.default.svc"]);
    command.arg("--cert-dir").arg(folder.join("certificates"));
    command.arg("--token-auth-file").arg(folder.join("tokens.csv"));
    command.arg("--service-account-signing-key-file").arg(folder.join("accounts.key"));
    command.arg("--service-account-key-file").arg(folder.join("accounts.pub"));
    quiet(command)
}

fn quiet(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
