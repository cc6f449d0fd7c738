//! Each service can do its part on the bus with the permissions that it has.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::topology::{RESULT, SECRET_WRITER, WORK, consumer_name};
use bus::{Bus, Delivery, Disposition, Message, RecordFollower, consume};
use proto::wire::{CredentialOutcome, CredentialReply};
use proto::{
    Cluster, Connection, Defaults, Desired, Identity, ItemId, Kind, Options, Placement, Provider,
    Record, Service, Strategy, Subject, WorkItem,
};
use service::Process;
use service::status::StatusSource as _;
use stack::{Nats, PATIENCE, eventually};
use tokio::sync::mpsc::unbounded_channel;

struct User {
    bus: Bus,
    process: Process,
}

impl User {
    async fn connect(nats: &Nats, service: Service) -> Self {
        let (bus, process) = nats.bus(service).await.unwrap();
        Self { bus, process }
    }

    async fn write<T: Message>(&self, subject: &Subject, message: &T) {
        let last = self.bus.read::<T>(subject).await.unwrap();
        self.bus.write(subject, message, last.sequence, None).await.unwrap();
    }

    /// The next delivery of a consumer, acked.
    async fn take<T: Message + Send + 'static>(&self, stream: &'static str, durable: &str) -> T {
        let (sender, mut deliveries) = unbounded_channel::<Delivery<T>>();
        let shutdown = self.process.shutdown.child_token();
        let hand_over = move |delivery| {
            let sender = sender.clone();
            async move { drop(sender.send(delivery)) }
        };
        let pull = consume(self.bus.clone(), stream, durable.to_owned(), 1, shutdown, hand_over);
        let pull = tokio::spawn(pull);
        let mut delivery =
            tokio::time::timeout(PATIENCE, deliveries.recv()).await.unwrap().unwrap();
        let value = delivery.value.take().unwrap();
        delivery.settle(Disposition::Ack).await.unwrap();
        pull.abort();
        value
    }

    /// Waits until a follower of this service's records has seen one.
    async fn sees_own_record(&self) {
        let follower = RecordFollower::default();
        let gate = self.process.readiness.gate("records");
        let follow = follower.clone().run(self.bus.clone(), gate, self.process.shutdown.clone());
        let follow = tokio::spawn(follow);
        let listed = async || Ok(follower.snapshot().filter(|(records, _)| !records.is_empty()));
        eventually("the record", PATIENCE, listed).await.unwrap();
        follow.abort();
    }
}

fn item(provider: Provider) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::Redis,
            namespace: "shop".into(),
            name: "cache".into(),
            uid: format!("uid-{provider}").parse().unwrap(),
            generation: 1,
        },
        desired: Desired::Present,
        placement: Placement::at(provider),
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

/// A provisioner's part: takes the item and the lease, keeps a record, asks for credentials, publishes a result.
async fn provision(user: &User, provider: Provider, item: &WorkItem) {
    let uid = item.identity.uid.clone();
    let taken: WorkItem = user.take(WORK, &consumer_name(provider, Kind::Redis)).await;
    assert_eq!(taken.item_id, item.item_id);
    let lease = user.bus.lease(provider, &uid).await.unwrap().unwrap();
    let record = Record::new(item.identity.clone(), item.placement.clone(), item.item_id.clone());
    user.write(&Subject::Record(provider.into(), uid.clone()), &record).await;
    user.sees_own_record().await;
    let reply = user.bus.ensure_credentials(provider, &item.identity, [], true).await.unwrap();
    assert_eq!(reply.outcome(), CredentialOutcome::Created);
    let result = Connection {
        item_id: item.item_id.clone(),
        identity: item.identity.clone(),
        provider,
        fields: BTreeMap::new(),
        simulated: true,
    };
    user.write(&Subject::Result(provider, Kind::Redis, uid), &result).await;
    lease.release().await;
}

/// What secret-writer does when a claim is gone.
async fn blank_result(user: &User, provider: Provider) {
    let result = Subject::Result(provider, Kind::Redis, item(provider).identity.uid);
    let last = user.bus.read::<Connection>(&result).await.unwrap();
    user.bus.blank(&result, last.sequence, Duration::from_secs(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_does_its_part_without_being_refused_anything() {
    let folder = tempfile::tempdir().unwrap();
    let nats = Nats::start(folder.path()).await.unwrap();
    let watcher = User::connect(&nats, Service::Watcher).await;
    let secret_writer = User::connect(&nats, Service::SecretWriter).await;
    let answer = |_, _, _| async {
        let outcome = CredentialOutcome::Created.into();
        CredentialReply { outcome, ..CredentialReply::default() }
    };
    let requests = secret_writer.bus.clone();
    tokio::spawn(requests.serve_credentials(secret_writer.process.shutdown.clone(), answer));
    for provider in Provider::ALL {
        let item = item(*provider);
        let uid = item.identity.uid.clone();
        watcher.write(&Subject::Work(*provider, Kind::Redis, uid.clone()), &item).await;
        let provisioner = User::connect(&nats, (*provider).into()).await;
        provision(&provisioner, *provider, &item).await;
        let result: Connection = secret_writer.take(RESULT, SECRET_WRITER).await;
        assert_eq!(result.identity, item.identity);
        let record = Record::new(item.identity, item.placement, item.item_id);
        secret_writer.write(&Subject::Record(Service::SecretWriter, uid), &record).await;
        secret_writer.sees_own_record().await;
    }
    blank_result(&secret_writer, Provider::Aws).await;
    let log = nats.log().unwrap();
    assert!(!log.contains("Violation"), "{log}");
}
