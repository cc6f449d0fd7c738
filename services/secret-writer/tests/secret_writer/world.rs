//! One namespace, one bus, the buses of the other services, and as many replicas of secret-writer as a test wants.

use std::collections::BTreeMap;

use bus::Bus;
use clap::Parser as _;
use crds::ClaimKind;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::events::v1::Event;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::core::DynamicObject;
use kube::{Api, Client, ResourceExt as _};
use proto::wire::credential_field::Source;
use proto::wire::{CredentialOutcome, CredentialReply};
use proto::{Connection, Field, Identity, ItemId, Kind, Provider, Record, Service, State, Subject};
use secret_writer::Config;
use serde_json::{Value, json};
use service::Process;
use stack::Stack;

pub struct World {
    pub stack: Stack,
    /// With the rights of the service.
    client: Client,
    pub openshift: Bus,
    pub aws: Bus,
    pub watcher: Bus,
    /// Reads what the service wrote: nobody else may.
    reader: Bus,
    _processes: [Process; 4],
}

/// One replica; its tasks end when it is dropped.
pub struct Replica {
    process: Process,
}

impl Replica {
    /// What `/metrics` says.
    pub fn metrics(&self) -> String {
        self.process.metrics.render().unwrap()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.process.shutdown.cancel();
    }
}

impl World {
    /// In a namespace of this name.
    pub async fn new(namespace: &str) -> Self {
        Self::on(Stack::prepare(namespace).await.unwrap()).await
    }

    pub async fn on(mut stack: Stack) -> Self {
        let client = stack.service(Service::SecretWriter).client().await.unwrap();
        let (watcher, one) = stack.nats.bus(Service::Watcher).await.unwrap();
        let (openshift, two) = stack.nats.bus(Service::OpenshiftProvisioner).await.unwrap();
        let (aws, three) = stack.nats.bus(Service::AwsProvisioner).await.unwrap();
        let (reader, four) = stack.nats.bus(Service::SecretWriter).await.unwrap();
        let processes = [one, two, three, four];
        Self { stack, client, openshift, aws, watcher, reader, _processes: processes }
    }

    /// Starts a replica of secret-writer and waits until it is ready.
    pub async fn replica(&self) -> Replica {
        self.replica_with(&[]).await
    }

    /// The same, with more flags.
    pub async fn replica_with(&self, flags: &[&str]) -> Replica {
        let (bus, mut process) = self.stack.nats.connect(Service::SecretWriter).await.unwrap();
        let namespace = format!("--watch-namespace={}", self.stack.namespace);
        let always = [
            "secret-writer",
            "--keys-dir=unused",
            "--grpc-plaintext",
            "--grpc-address=127.0.0.1:0",
            &namespace,
        ];
        let config = Config::parse_from(always.iter().chain(flags));
        secret_writer::start(&config, &self.client, &bus, &mut process);
        let ready = async || process.readiness.closed().is_empty().then_some(());
        eventually("ready", ready).await;
        Replica { process }
    }

    pub fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.stack.client.clone(), &self.stack.namespace)
    }

    fn claims(&self, kind: Kind) -> Api<DynamicObject> {
        let kind: ClaimKind = kind.as_str().parse().unwrap();
        Api::namespaced_with(self.stack.client.clone(), &self.stack.namespace, &kind.api_resource())
    }

    /// A claim as the watcher leaves it before it publishes: pinned. Its Secret is `<name>-secret`.
    pub async fn claim(&self, kind: Kind, name: &str) -> Identity {
        self.claim_with(kind, name, &json!({"name": format!("{name}-secret")})).await
    }

    pub async fn claim_with(&self, kind: Kind, name: &str, secret_ref: &Value) -> Identity {
        let api = self.claims(kind);
        let claim_kind: ClaimKind = kind.as_str().parse().unwrap();
        let claim = serde_json::from_value(json!({
            "apiVersion": "integreatly.org/v1alpha1", "kind": claim_kind.kind(),
            "metadata": {"name": name},
            "spec": {"type": "workshop", "tier": "development", "secretRef": secret_ref},
        }));
        let claim = api.create(&PostParams::default(), &claim.unwrap()).await.unwrap();
        let pin =
            json!({"status": {"strategy": "openshift", "placement": {"provider": "openshift"}}});
        api.patch_status(name, &PatchParams::default(), &Patch::Merge(pin)).await.unwrap();
        Identity {
            kind,
            namespace: self.stack.namespace.clone(),
            name: name.into(),
            uid: claim.uid().unwrap().parse().unwrap(),
            generation: 1,
        }
    }

    pub async fn patch_claim(&self, identity: &Identity, patch: &Value) {
        let (api, patch) = (self.claims(identity.kind), Patch::Merge(patch));
        api.patch(&identity.name, &PatchParams::default(), &patch).await.unwrap();
    }

    pub async fn delete_claim(&self, identity: &Identity) {
        let api = self.claims(identity.kind);
        api.delete(&identity.name, &DeleteParams::default()).await.unwrap();
    }

    /// What openshift-provisioner asks before it creates a database.
    pub async fn ensure(&self, identity: &Identity, may_generate: bool) -> CredentialReply {
        let fields = [
            ("user".to_owned(), Source::Literal("postgresuser".into())),
            ("password".to_owned(), Source::GenerateLength(32)),
            ("database".to_owned(), Source::Literal(identity.name.clone())),
        ];
        let bus = &self.openshift;
        let asked =
            bus.ensure_credentials(Provider::Openshift, identity, fields, may_generate).await;
        asked.unwrap()
    }

    /// Publishes what the provider has found; returns it.
    pub async fn publish(&self, identity: &Identity, fields: Vec<(&str, Field)>) -> Connection {
        let provider = Provider::Openshift;
        let result = Connection {
            item_id: ItemId::random(),
            identity: identity.clone(),
            provider,
            fields: fields.into_iter().map(|(key, field)| (key.to_owned(), field)).collect(),
            simulated: false,
        };
        let subject = Subject::Result(provider, identity.kind, identity.uid.clone());
        let last = self.openshift.read::<Connection>(&subject).await.unwrap();
        self.openshift.write(&subject, &result, last.sequence, None).await.unwrap();
        result
    }

    /// A Postgres claim whose Secrets are written.
    pub async fn complete(&self, name: &str) -> Identity {
        let identity = self.claim(Kind::Postgres, name).await;
        let outcome = self.ensure(&identity, true).await.outcome();
        assert_eq!(outcome, CredentialOutcome::Created);
        let result = self.publish(&identity, postgres()).await;
        self.ready(&result).await;
        identity
    }

    /// The record of secret-writer, once it satisfies a condition.
    pub async fn record(
        &self,
        identity: &Identity,
        what: &str,
        is_it: impl Fn(&Record) -> bool,
    ) -> Record {
        let subject = Subject::Record(Service::SecretWriter, identity.uid.clone());
        eventually(what, async || {
            let stored = self.reader.read::<Record>(&subject).await.ok()?;
            stored.value.filter(|record| is_it(record))
        })
        .await
    }

    /// The record once this result is written.
    pub async fn ready(&self, result: &Connection) -> Record {
        let digest = Some(result.digest());
        let is_it = |record: &Record| record.state == State::Ready && record.digest == digest;
        self.record(&result.identity, "ready", is_it).await
    }

    pub async fn secret(&self, name: &str) -> Option<Secret> {
        self.secrets().get_opt(name).await.unwrap()
    }

    /// The Secret once it satisfies a condition.
    pub async fn secret_when(
        &self,
        name: &str,
        what: &str,
        is_it: impl Fn(&Secret) -> bool,
    ) -> Secret {
        eventually(what, async || self.secret(name).await.filter(|secret| is_it(secret))).await
    }

    pub async fn delete_secret(&self, name: &str) {
        self.secrets().delete(name, &DeleteParams::default()).await.unwrap();
    }

    pub async fn edit_secret(&self, name: &str, key: &str, value: &str) {
        let edit = Patch::Merge(json!({"stringData": {key: value}}));
        self.secrets().patch(name, &PatchParams::default(), &edit).await.unwrap();
    }

    pub async fn events(&self, reason: &str) -> usize {
        let api: Api<Event> = Api::namespaced(self.stack.client.clone(), &self.stack.namespace);
        let events = api.list(&ListParams::default()).await.unwrap();
        events.iter().filter(|event| event.reason.as_deref() == Some(reason)).count()
    }
}

pub fn postgres() -> Vec<(&'static str, Field)> {
    vec![
        ("host", Field::Literal("db.team.svc.cluster.local".into())),
        ("port", Field::Literal("5432".into())),
        ("username", Field::Credential("user".into())),
        ("password", Field::Credential("password".into())),
        ("database", Field::Credential("database".into())),
    ]
}

/// Keys and values as text.
pub fn texts(secret: &Secret) -> BTreeMap<String, String> {
    let data = secret.data.clone().unwrap_or_default();
    data.into_iter().map(|(key, value)| (key, String::from_utf8(value.0).unwrap())).collect()
}

/// Polls until there is a value.
pub async fn eventually<T>(what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
    stack::eventually(what, stack::PATIENCE, async || Ok(poll().await)).await.unwrap()
}
