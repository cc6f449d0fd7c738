//! One namespace with a bus, a watcher that publishes what a test says, and a secret-writer that only counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bus::Bus;
use bus::credentials::Request;
use clap::Parser as _;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, ResourceExt as _};
use kube::{Api, Client, Resource};
use openshift_provisioner::Config;
use openshift_provisioner::naming::external_name;
use proto::wire::{CredentialOutcome, CredentialReply};
use proto::{
    Cluster, Connection, Defaults, Desired, Identity, ItemId, Kind, Options, Placement, Provider,
    Record, State, Strategy, Subject, Uid, WorkItem,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use service::Process;
use stack::{Claim, Nats, PATIENCE, Stack, eventually};

pub const CLUSTER: &str = "c1";

/// What a claim's three objects are reached by.
pub trait Object:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + std::fmt::Debug
    + DeserializeOwned
    + Serialize
{
}

impl Object for Deployment {}
impl Object for Service {}
impl Object for PersistentVolumeClaim {}

pub struct World {
    pub stack: Stack,
    watcher: Bus,
    /// Reads what the service wrote: nobody else may.
    reader: Bus,
    /// Every credential request: the claim, and whether a password might have been generated.
    pub asked: Arc<Mutex<Vec<(Uid, bool)>>>,
    /// With the rights of the service.
    client: Client,
    _processes: [Process; 3],
}

/// One replica; its tasks end when it is dropped.
pub struct Replica {
    process: Process,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.process.shutdown.cancel();
    }
}

impl Replica {
    /// Calls of the Kubernetes API that write.
    pub fn writes(&self) -> u64 {
        let metrics = self.process.metrics.render().unwrap();
        let calls = metrics.lines().filter(|line| line.contains("kubernetes_calls_total{"));
        let writes =
            calls.filter(|line| !line.contains("verb=\"get\"") && !line.contains("verb=\"list\""));
        writes.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }
}

impl World {
    pub async fn new(namespace: &str) -> Self {
        Self::on(Stack::prepare(namespace).await.unwrap()).await
    }

    pub async fn on(mut stack: Stack) -> Self {
        let client = stack.service(proto::Service::OpenshiftProvisioner).client().await.unwrap();
        let (watcher, watching) = stack.nats.bus(proto::Service::Watcher).await.unwrap();
        let asked: Arc<Mutex<Vec<(Uid, bool)>>> = Arc::default();
        let (writer, mut writing) = stack.nats.connect(proto::Service::SecretWriter).await.unwrap();
        let (shutdown, noted) = (writing.shutdown.clone(), asked.clone());
        writing.spawn("credentials", async move {
            let answer = move |_, identity, request| {
                let reply = answer(&noted, &identity, &request);
                async move { reply }
            };
            Ok(writer.serve_credentials(shutdown, answer).await?)
        });
        let (reader, reading) =
            stack.nats.connect(proto::Service::OpenshiftProvisioner).await.unwrap();
        let processes = [watching, writing, reading];
        Self { stack, client, watcher, reader, asked, _processes: processes }
    }

    /// Starts a replica with its own rights and waits until it is ready.
    pub async fn replica(&self) -> Replica {
        let service = proto::Service::OpenshiftProvisioner;
        let (bus, mut process) = self.stack.nats.connect(service).await.unwrap();
        let client = self.client.clone();
        let namespace = format!("--watch-namespace={}", self.stack.namespace);
        let config = Config::parse_from([
            "openshift-provisioner",
            "--keys-dir=unused",
            "--grpc-plaintext",
            "--grpc-address=127.0.0.1:0",
            "--simulated",
            &namespace,
        ]);
        openshift_provisioner::start(&config, &client, &bus, &mut process).unwrap();
        let ready = async || Ok(process.readiness.closed().is_empty().then_some(()));
        eventually("ready", PATIENCE, ready).await.unwrap();
        Replica { process }
    }

    /// Removes everything that the bus stores; the watcher makes its streams again.
    pub async fn wipe(&mut self) {
        self.stack.nats.wipe().await.unwrap();
        Nats::make_streams(&self.watcher).await.unwrap();
    }

    /// A claim that exists, so that what it owns is not collected as garbage.
    pub async fn claim(&self, kind: Kind, name: &str) -> Identity {
        let claim = match kind {
            Kind::Redis => Claim::redis(name),
            Kind::BlobStorage => Claim::placeholder(name),
            _ => Claim::postgres(name),
        };
        let made: DynamicObject = self.stack.create(&claim).await.unwrap();
        Identity {
            kind,
            namespace: self.stack.namespace.clone(),
            name: name.to_owned(),
            uid: made.uid().unwrap().parse().unwrap(),
            generation: 1,
        }
    }

    /// Publishes an item, changed as the test wants.
    pub async fn publish(&self, claim: &Identity, change: impl FnOnce(&mut WorkItem)) -> WorkItem {
        let mut item = WorkItem {
            item_id: ItemId::random(),
            identity: claim.clone(),
            desired: Desired::Present,
            placement: Placement::at(Provider::Openshift),
            strategy: Some(Strategy { tier: "development".to_owned(), json: "{}".to_owned() }),
            cluster: Cluster {
                id: CLUSTER.to_owned(),
                defaults: Defaults::Secure,
                tag_prefix: String::new(),
                tags: BTreeMap::new(),
            },
            secret_name: format!("{}-sec", claim.name),
            options: Options::default(),
            network: None,
        };
        change(&mut item);
        let subject = Subject::Work(Provider::Openshift, claim.kind, claim.uid.clone());
        let last = self.watcher.read::<WorkItem>(&subject).await.unwrap();
        self.watcher.write(&subject, &item, last.sequence, None).await.unwrap();
        item
    }

    /// Publishes a strategy.
    pub async fn publish_strategy(&self, claim: &Identity, strategy: Value) -> WorkItem {
        let json = serde_json::json!({"strategy": strategy}).to_string();
        let change = |item: &mut WorkItem| {
            item.strategy = Some(Strategy { tier: "development".to_owned(), json });
        };
        self.publish(claim, change).await
    }

    /// The record once it satisfies a condition.
    pub async fn record(
        &self,
        claim: &Identity,
        what: &str,
        is_it: impl Fn(&Record) -> bool,
    ) -> Record {
        let service = proto::Service::OpenshiftProvisioner;
        let subject = Subject::Record(service, claim.uid.clone());
        let read = async || self.reader.read::<Record>(&subject).await;
        let found = async || Ok(read().await?.value.filter(&is_it));
        match eventually(what, PATIENCE, found).await {
            Ok(record) => record,
            Err(error) => panic!("{error:#}: {:#?}", read().await),
        }
    }

    /// The record once this item is handled and ready.
    pub async fn ready(&self, item: &WorkItem) -> Record {
        let is_it = |it: &Record| it.state == State::Ready && it.item_id == item.item_id;
        self.record(&item.identity, "ready", is_it).await
    }

    pub async fn connection(&self, claim: &Identity) -> Connection {
        let subject = Subject::Result(Provider::Openshift, claim.kind, claim.uid.clone());
        self.reader.read(&subject).await.unwrap().value.unwrap()
    }

    pub fn name(claim: &Identity) -> String {
        external_name(CLUSTER, claim)
    }

    pub fn api<K: Object>(&self) -> Api<K> {
        Api::namespaced(self.stack.client.clone(), &self.stack.namespace)
    }

    pub fn client(&self) -> &Client {
        &self.stack.client
    }

    pub async fn get<K: Object>(&self, claim: &Identity) -> Option<K> {
        self.api::<K>().get_opt(&Self::name(claim)).await.unwrap()
    }

    /// The object once it satisfies a condition.
    pub async fn until<K: Object>(
        &self,
        claim: &Identity,
        what: &str,
        is_it: impl Fn(&K) -> bool,
    ) -> K {
        let (api, name) = (self.api::<K>(), Self::name(claim));
        let found =
            eventually(what, PATIENCE, async || Ok(api.get_opt(&name).await?.filter(&is_it)));
        found.await.unwrap()
    }

    /// Edits an object as somebody else.
    pub async fn edit<K: Object>(&self, claim: &Identity, patch: &Value) -> K {
        let by_hand =
            PatchParams { field_manager: Some("by-hand".to_owned()), ..PatchParams::default() };
        self.api::<K>().patch(&Self::name(claim), &by_hand, &Patch::Merge(patch)).await.unwrap()
    }

    pub async fn delete<K: Object>(&self, claim: &Identity) {
        self.api::<K>().delete(&Self::name(claim), &DeleteParams::default()).await.unwrap();
    }
}

/// Credentials are held from the first request that may generate them.
fn answer(
    asked: &Mutex<Vec<(Uid, bool)>>,
    identity: &Identity,
    request: &Request,
) -> CredentialReply {
    let Request::Ensure(ensure) = request else { panic!("only ensure is asked: {request:?}") };
    let mut asked = asked.lock().unwrap();
    let is_held = asked.iter().any(|(uid, may_generate)| *uid == identity.uid && *may_generate);
    asked.push((identity.uid.clone(), ensure.may_generate));
    let mut reply = CredentialReply {
        secret_name: format!("{}-{}-credentials", identity.name, identity.kind),
        ..CredentialReply::default()
    };
    reply.set_outcome(match (is_held, ensure.may_generate) {
        (true, _) => CredentialOutcome::Held,
        (false, true) => CredentialOutcome::Created,
        (false, false) => CredentialOutcome::Missing,
    });
    reply
}
