//! A provisioner that does what a test says, and a world of one worker and one watcher.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bus::{Bus, Stored};
use futures::future::BoxFuture;
use proto::{Connection, Field, Kind, Provider, Record, Service, Subject, WorkItem};
use service::Process;
use stack::Nats;
use worker::{Provisioner, Step, TurnError, Waker, Work, WorkConfig, Worker};

use crate::fixture::{eventually, item, record_subject, work};

pub type Turn = Result<Step, TurnError>;
type Script = dyn for<'a> Fn(usize, &'a mut Work<'_>) -> BoxFuture<'a, Turn> + Send + Sync;

/// Hands every turn, with its number from 0, to a script.
pub struct Scripted {
    script: Box<Script>,
    turns: Arc<AtomicUsize>,
}

impl Scripted {
    pub fn new(
        script: impl for<'a> Fn(usize, &'a mut Work<'_>) -> BoxFuture<'a, Turn> + Send + Sync + 'static,
    ) -> Self {
        Self { script: Box::new(script), turns: Arc::default() }
    }
}

impl Provisioner for Scripted {
    const PROVIDER: Provider = Provider::Openshift;

    async fn turn(&self, work: &mut Work<'_>) -> Turn {
        let number = self.turns.fetch_add(1, Ordering::SeqCst);
        (self.script)(number, work).await
    }
}

pub struct World {
    pub server: Nats,
    pub watcher: Bus,
    pub waker: Waker,
    pub turns: Arc<AtomicUsize>,
    /// Tasks end with them.
    _processes: [Process; 2],
}

impl World {
    pub async fn new(
        script: impl for<'a> Fn(usize, &'a mut Work<'_>) -> BoxFuture<'a, Turn> + Send + Sync + 'static,
    ) -> Self {
        Self::of(Scripted::new(script)).await
    }

    pub async fn of(script: Scripted) -> Self {
        let server = Nats::open().await.unwrap();
        let (watcher, watcher_process) = server.bus(Service::Watcher).await.unwrap();
        let turns = script.turns.clone();
        let (bus, mut process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
        let waker = Worker::start(&bus, &WorkConfig::all(4), script, &mut process).unwrap();
        Self { server, watcher, waker, turns, _processes: [watcher_process, process] }
    }

    /// Publishes a new item for the one claim of the test.
    pub async fn publish(&self) -> WorkItem {
        self.publish_item(item("a")).await
    }

    pub async fn publish_item(&self, item: WorkItem) -> WorkItem {
        let last = self.watcher.read::<WorkItem>(&work(&item)).await.unwrap();
        self.watcher.write(&work(&item), &item, last.sequence, None).await.unwrap();
        item
    }

    /// The record once it satisfies a condition.
    pub async fn record(&self, what: &str, is_it: impl Fn(&Record) -> bool) -> Record {
        eventually(what, async || {
            let stored = self.watcher.read::<Record>(&record_subject("a")).await.ok()?;
            stored.value.filter(&is_it)
        })
        .await
    }

    pub async fn connection(&self) -> Option<Connection> {
        self.stored_connection().await.value
    }

    pub async fn stored_connection(&self) -> Stored<Connection> {
        let subject = Subject::Result(Provider::Openshift, Kind::Redis, "a".parse().unwrap());
        self.watcher.read(&subject).await.unwrap()
    }

    /// As if the lease had expired while its holder stood still.
    pub async fn take_lease_away(&self, bus: &Bus) {
        let subject = Subject::Lease(Provider::Openshift, "a".parse().unwrap());
        let held = bus.read::<Record>(&subject).await.unwrap();
        bus.blank(&subject, held.sequence, Duration::from_secs(1)).await.unwrap();
    }

    pub fn wake(&self) {
        self.waker.wake(Kind::Redis, "a".parse().unwrap());
    }

    pub fn turns(&self) -> usize {
        self.turns.load(Ordering::SeqCst)
    }
}

pub fn ready() -> Step {
    ready_at("cache.shop.svc")
}

pub fn ready_at(host: &str) -> Step {
    Step::Ready {
        message: "creation successful".into(),
        fields: vec![("uri", Field::Literal(host.into()))],
        simulated: false,
    }
}

/// A wait that only a wake can end within a test.
pub fn wait() -> Step {
    Step::Wait {
        after: Duration::from_hours(1),
        reason: "Provisioning",
        message: "creation in progress".into(),
    }
}
