//! A real nats-server and the four services' connections to it.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bus::{Bus, BusConfig};
use nkeys::{KeyPair, XKey};
use proto::{
    Cluster, Defaults, Desired, Identity, ItemId, Kind, Options, Placement, Provider, Record,
    Service, Strategy, Subject, WorkItem,
};
use service::Process;

/// A server with a store of its own; killed when dropped.
pub struct Server {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        write_keys(folder.path());
        let child = spawn(&folder.path().join("store"), port);
        Self { child, folder, port }
    }

    /// Kills it with no chance to flush.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder.path().join("store"), self.port);
    }

    /// Kills it and removes all that it stored.
    pub fn wipe(&mut self) {
        self.kill();
        std::fs::remove_dir_all(self.folder.path().join("store")).unwrap();
        self.restart();
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The folder of a service's keys.
    pub fn keys(&self, service: Service) -> PathBuf {
        self.folder.path().join(service.as_str())
    }

    /// A connection as this service, with its process.
    pub async fn connect(&self, service: Service) -> (Bus, Process) {
        let mut process = Process::new(service, Duration::from_secs(5));
        let config = BusConfig { nats_url: self.url(), keys_dir: self.keys(service) };
        let bus = Bus::connect(service, &config, &mut process).await.unwrap();
        (bus, process)
    }

    /// A connection as this service once the streams are there.
    pub async fn bus(&self, service: Service) -> (Bus, Process) {
        let (bus, process) = self.connect(service).await;
        eventually("streams", async || bus.ensure_topology(1).await.ok()).await;
        bus.usable(&process.shutdown).await;
        (bus, process)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(store: &Path, port: u16) -> Child {
    Command::new(tools().join("nats-server"))
        .args(["--jetstream", "--addr", "127.0.0.1", "--port", &port.to_string(), "--store_dir"])
        .arg(store)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The folder of the pinned tools; builds them when they are missing.
pub fn tools() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let script = crates.map(|it| it.join("tests/tools/build.sh")).find(|it| it.exists()).unwrap();
    let output = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "tests/tools/build.sh failed");
    String::from_utf8(output.stdout).unwrap().trim().into()
}

fn write_keys(folder: &Path) {
    let mut trust = BTreeMap::new();
    for service in Service::ALL {
        let (login, signing, sealing) = (KeyPair::new_user(), KeyPair::new_user(), XKey::new());
        let keys = folder.join(service.as_str());
        std::fs::create_dir(&keys).unwrap();
        std::fs::write(keys.join("nats.seed"), login.seed().unwrap()).unwrap();
        std::fs::write(keys.join("signing.seed"), signing.seed().unwrap()).unwrap();
        std::fs::write(keys.join("sealing.seed"), sealing.seed().unwrap()).unwrap();
        trust.insert(
            service.as_str(),
            serde_json::json!({"signing": signing.public_key(), "sealing": sealing.public_key()}),
        );
    }
    for service in Service::ALL {
        let file = folder.join(service.as_str()).join("trust.json");
        std::fs::write(file, serde_json::to_vec(&trust).unwrap()).unwrap();
    }
}

/// Polls until there is a value; a poll is itself a round trip, so this does not spin.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut poll: impl FnMut() -> F,
) -> T {
    let patience = async {
        loop {
            if let Some(value) = poll().await {
                return value;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), patience)
        .await
        .unwrap_or_else(|_| panic!("{what}: not within 30 s"))
}

pub fn item(uid: &str) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::Redis,
            namespace: "shop".into(),
            name: "cache".into(),
            uid: uid.parse().unwrap(),
            generation: 1,
        },
        desired: Desired::Present,
        placement: Placement::at(Provider::Openshift),
        strategy: Some(Strategy::default()),
        cluster: Cluster {
            id: "cluster".into(),
            defaults: Defaults::Secure,
            tag_prefix: "integreatly.org/".into(),
            tags: BTreeMap::new(),
        },
        secret_name: "cache".into(),
        options: Options::default(),
        network: None,
    }
}

pub fn work(item: &WorkItem) -> Subject {
    Subject::Work(item.placement.provider, item.identity.kind, item.identity.uid.clone())
}

pub fn record(uid: &str) -> Record {
    let item = item(uid);
    Record::new(item.identity, item.placement, item.item_id)
}

pub fn record_subject(uid: &str) -> Subject {
    Subject::Record(Service::OpenshiftProvisioner, uid.parse().unwrap())
}
