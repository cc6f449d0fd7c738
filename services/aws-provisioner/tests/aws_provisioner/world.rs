//! One bus, one AWS account, one claim, and the service.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_provisioner::aws::iam::Iam;
use aws_provisioner::aws::s3::{Bucket, S3};
use aws_provisioner::aws::{Budget, Gate};
use aws_provisioner::metrics::Metrics;
use aws_provisioner::naming::external_name;
use bus::Bus;
use proto::wire::Options;
use proto::{
    Cluster, Connection, Defaults, Desired, Identity, ItemId, Kind, Placement, Provider, Record,
    Service, State, Strategy, Subject, Uid, WorkItem,
};
use service::Process;
use stack::{Child, Doubles, Fault, Folder, Nats, PATIENCE, Proxy, Spawn, eventually};
use tokio::sync::OnceCell;

use crate::keeper::Keeper;

/// The shortest lifetime that nats-server takes.
const EXPIRY: Duration = Duration::from_secs(1);
/// Access key id of the service.
const OPERATOR: &str = "operator";

static DOUBLES: OnceCell<(Doubles, Folder)> = OnceCell::const_new();
static ACCOUNTS: AtomicU64 = AtomicU64::new(100_000_000_000);

pub struct World {
    pub nats: Nats,
    pub aws: Proxy,
    pub account: String,
    pub keeper: Keeper,
    uid: Uid,
    watcher: Bus,
    pub records: Bus,
    service: Option<Child>,
    /// A replica that stands still.
    overtaken: Option<Child>,
    folder: Folder,
    _processes: [Process; 3],
}

impl World {
    /// Everything but the service.
    pub async fn prepare() -> Self {
        let start = async || {
            let folder = Folder::for_test().unwrap();
            (Doubles::start(folder.path()).await.unwrap(), folder)
        };
        let (doubles, _) = DOUBLES.get_or_init(start).await;
        Self::before(doubles).await
    }

    /// Everything but the service, before doubles that may be of its own.
    pub async fn before(doubles: &Doubles) -> Self {
        let folder = Folder::for_test().unwrap();
        let account = ACCOUNTS.fetch_add(1, Ordering::SeqCst).to_string();
        let aws = Proxy::start(doubles, &account).await.unwrap();
        let nats = Nats::start(folder.path()).await.unwrap();
        let (watcher, one) = nats.bus(Service::Watcher).await.unwrap();
        let (records, two) = nats.connect(Service::AwsProvisioner).await.unwrap();
        let (secrets, mut three) = nats.connect(Service::SecretWriter).await.unwrap();
        let keeper = Keeper::default();
        keeper.serve(secrets, &mut three);
        let processes = [one, two, three];
        Self {
            nats,
            aws,
            account,
            keeper,
            uid: ItemId::random().as_str().parse().unwrap(),
            watcher,
            records,
            service: None,
            overtaken: None,
            folder,
            _processes: processes,
        }
    }

    pub async fn new() -> Self {
        let mut world = Self::prepare().await;
        world.start();
        world
    }

    /// Starts the service, again.
    pub fn start(&mut self) {
        self.start_with(&[]);
    }

    /// Starts it with more variables.
    pub fn start_with(&mut self, variables: &[(&str, &str)]) {
        let keys = self.nats.keys(Service::AwsProvisioner);
        let program = Path::new(env!("CARGO_BIN_EXE_aws-provisioner"));
        let spawn = Spawn::new("aws-provisioner", program, self.folder.path())
            .env("NATS_URL", self.nats.url())
            .env("KEYS_DIR", keys.to_string_lossy())
            .env("ADMIN_ADDRESS", "127.0.0.1:0")
            .env("GRPC_ADDRESS", "127.0.0.1:0")
            .env("GRPC_PLAINTEXT", "true")
            .env("LOG_LEVEL", "info,aws_provisioner=debug,worker=debug")
            .env("AWS_ENDPOINT_URL", self.aws.url())
            .env("REQUIRE_ENDPOINT", "true")
            .env("SIMULATED", "true")
            .env("AWS_REGION", "us-east-1")
            // Calls are counted: nothing is listed at a moment that no test has chosen.
            .env("INVENTORY_PERIOD_SECONDS", "86400")
            .env("CLOUDWATCH_PERIOD_SECONDS", "0")
            .env("AWS_ACCESS_KEY_ID", OPERATOR)
            .env("AWS_SECRET_ACCESS_KEY", "canary-operator-secret");
        let add = |spawn: Spawn, (name, value): &(&str, &str)| spawn.env(*name, *value);
        self.service = Some(variables.iter().fold(spawn, add).start().unwrap());
    }

    /// Kills the service with no chance to clean up.
    pub fn kill(&mut self) {
        self.service = None;
    }

    /// Kills the service in the midst of its work on this item, and starts another once the lease has expired.
    pub async fn crash(&mut self, item: &WorkItem) {
        self.kill();
        self.expire_lease(item).await;
        self.start();
    }

    /// Stops the service in the midst of its work on this item, and starts another once the lease has expired.
    pub async fn overtake(&mut self, item: &WorkItem) {
        let replica = self.service.take().unwrap();
        replica.pause().unwrap();
        self.overtaken = Some(replica);
        self.expire_lease(item).await;
        self.start();
    }

    /// What was stopped hears the answers that were held, and goes on until it finds that it comes too late.
    pub async fn resume(&self) {
        let found = || self.log().matches("another replica is at work").count();
        let before = found();
        self.aws.release_answers();
        self.overtaken.as_ref().unwrap().resume().unwrap();
        let is_late = async || Ok((found() > before).then_some(()));
        eventually("it comes too late", PATIENCE, is_late).await.unwrap();
    }

    async fn expire_lease(&self, item: &WorkItem) {
        let subject = Subject::Lease(Provider::Aws, item.identity.uid.clone());
        let held = self.records.read::<Record>(&subject).await.unwrap();
        self.records.blank(&subject, held.sequence, EXPIRY).await.unwrap();
    }

    /// What the service has logged.
    pub fn log(&self) -> String {
        self.service
            .as_ref()
            .map_or_else(String::new, |service| std::fs::read_to_string(service.log()).unwrap())
    }

    /// Loses all that the bus has stored, and makes the streams anew.
    pub async fn wipe_bus(&mut self) {
        self.nats.wipe().await.unwrap();
        Nats::make_streams(&self.watcher).await.unwrap();
    }

    /// An item of the world's one claim, with this strategy.
    pub fn item(&self, strategy: &str) -> WorkItem {
        WorkItem {
            item_id: ItemId::random(),
            identity: Identity {
                kind: Kind::BlobStorage,
                namespace: "team".into(),
                name: "pictures".into(),
                uid: self.uid.clone(),
                generation: 1,
            },
            desired: Desired::Present,
            placement: Placement::at(Provider::Aws),
            strategy: Some(Strategy { tier: "production".into(), json: strategy.into() }),
            cluster: Cluster {
                id: "cluster".into(),
                defaults: Defaults::Secure,
                tag_prefix: "integreatly.org/".into(),
                tags: [("cost-centre".into(), "42".into())].into(),
            },
            secret_name: "pictures".into(),
            options: Options { resource_type: "managed".into(), ..Options::default() },
            network: None,
        }
    }

    pub async fn publish(&self, item: &WorkItem) {
        let identity = &item.identity;
        let subject = Subject::Work(Provider::Aws, identity.kind, identity.uid.clone());
        eventually("published", PATIENCE, async || {
            let last = self.watcher.read::<WorkItem>(&subject).await?;
            Ok(Some(self.watcher.write(&subject, item, last.sequence, None).await?))
        })
        .await
        .unwrap();
    }

    /// The record of an item once it satisfies a condition.
    pub async fn until(
        &self,
        item: &WorkItem,
        what: &str,
        is_it: impl Fn(&Record) -> bool,
    ) -> Record {
        let subject = Subject::Record(Service::AwsProvisioner, item.identity.uid.clone());
        let found = eventually(what, PATIENCE, async || {
            let stored = self.records.read::<Record>(&subject).await?;
            Ok(stored.value.filter(|record| record.item_id == item.item_id && is_it(record)))
        });
        found.await.unwrap_or_else(|error| panic!("{error}\n{}", self.log()))
    }

    /// Publishes an item and waits until it is in a state.
    pub async fn settle(&self, item: &WorkItem, state: State) -> Record {
        self.publish(item).await;
        self.until(item, state.as_str(), |record| record.state == state).await
    }

    /// Publishes an item and waits until it fails for this reason.
    pub async fn fail(&self, item: &WorkItem, reason: &str) -> Record {
        self.publish(item).await;
        self.until(item, reason, |record| record.reason == reason).await
    }

    pub async fn connection(&self, item: &WorkItem) -> Option<Connection> {
        let identity = &item.identity;
        let subject = Subject::Result(Provider::Aws, identity.kind, identity.uid.clone());
        self.records.read(&subject).await.unwrap().value
    }

    /// Operations that the service has asked for, in the order of their answers.
    pub fn calls(&self) -> Vec<String> {
        self.asked().map(|call| call.operation).collect()
    }

    /// Those that may have changed something.
    pub fn mutations(&self) -> Vec<String> {
        self.asked().filter(stack::Call::is_write).map(|call| call.operation).collect()
    }

    /// How many calls there were of this operation.
    pub fn count(&self, operation: &str) -> usize {
        self.asked().filter(|call| call.operation == operation).count()
    }

    /// Waits until the service has asked for this operation.
    pub async fn until_asked(&self, operation: &str) {
        let asked = async || Ok((self.count(operation) > 0).then_some(()));
        eventually(operation, PATIENCE, asked).await.unwrap();
    }

    /// The service does not hear that these were done, each once.
    pub fn hold_answers(&self, operations: &[&str]) {
        for operation in operations {
            self.aws.fail(operation, 1, Fault::AnswerHeld);
        }
    }

    /// Kills the service after each of these, and starts another.
    pub async fn crash_after(&mut self, item: &WorkItem, operations: &[&str]) {
        for operation in operations {
            self.until_asked(operation).await;
            self.crash(item).await;
        }
    }

    /// Calls of the service.
    pub fn asked(&self) -> impl Iterator<Item = stack::Call> {
        self.aws.calls().into_iter().filter(|call| call.caller == OPERATOR)
    }

    pub fn s3(&self) -> S3 {
        S3::new(self.s3_client(), gate())
    }

    pub fn iam(&self) -> Iam {
        Iam::new(self.iam_client(), gate())
    }

    pub fn bucket<'a>(&'a self, name: &'a str) -> Bucket<'a> {
        Bucket { name, account: &self.account }
    }
}

/// What the service has asked for in a state in which AWS does not take it fails its test.
impl Drop for World {
    fn drop(&mut self) {
        let mut mistimed = self.aws.mistimed();
        mistimed.retain(|call| call.caller == OPERATOR);
        assert!(std::thread::panicking() || mistimed.is_empty(), "{mistimed:?}");
    }
}

/// The same claim, with another desire.
pub fn desiring(item: &WorkItem, desired: Desired) -> WorkItem {
    WorkItem { item_id: ItemId::random(), desired, ..item.clone() }
}

/// The name of its bucket and user.
pub fn name(item: &WorkItem) -> String {
    external_name(&item.cluster.id, &item.identity)
}

pub fn gate() -> Gate {
    Gate::new(Budget::new(1000, 1000), Metrics::default())
}
