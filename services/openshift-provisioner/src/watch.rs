//! Watches the objects of claims and gives a claim a turn when one of them changes.
//!
//! Only metadata is watched: labels name the claim, and the turn reads the rest. What happened while nobody watched is
//! found by each listing: the records that are ready say what must be there.
//!
//! A cluster need not serve `ObjectBucketClaim`s. Then they are asked for now and then, and nobody waits for them.

mod listing;

use bus::RecordFollower;
use crds::ObjectBucketClaim;
use futures::stream::{self, BoxStream, SelectAll, Stream};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt as _, watcher as watch_objects};
use kube::{Api, Client};
use proto::{Kind, Record, Uid};
use service::status::StatusSource as _;
use service::{CancellationToken, Gate, Process};
use tokio::time::Duration;
use worker::Waker;

use crate::apply::Object;
use crate::metrics::Metrics;
use crate::ownership;
use crate::sightings::Sightings;
use service::config::Scope;

use self::listing::{Heard, Listing};

/// How often to look whether the records have been read; they are, within moments of the bus being there.
const RECORDS_POLL: Duration = Duration::from_millis(200);
/// How often to ask for a kind that the cluster does not serve.
const UNTIL_SERVED: Duration = Duration::from_secs(30);

type Events = BoxStream<'static, (usize, Result<Event<ObjectMeta>, watcher::Error>)>;

/// Watches until shutdown.
pub struct Watch {
    listings: Vec<Listing>,
    events: SelectAll<Events>,
    records: RecordFollower,
    sightings: Sightings,
    waker: Waker,
    metrics: Metrics,
    gate: Gate,
}

impl Watch {
    /// Adds the task to the process. It is ready once everything was listed.
    pub fn start(
        client: &Client,
        scopes: Vec<Scope>,
        records: RecordFollower,
        sightings: Sightings,
        waker: Waker,
        metrics: Metrics,
        process: &mut Process,
    ) {
        let gate = process.readiness.gate("objects");
        let (listings, events) = (Vec::new(), SelectAll::new());
        let mut watch = Self { listings, events, records, sightings, waker, metrics, gate };
        for scope in scopes {
            watch.add::<Deployment>(client, &scope);
            watch.add::<Service>(client, &scope);
            watch.add::<PersistentVolumeClaim>(client, &scope);
            watch.add::<ObjectBucketClaim>(client, &scope);
        }
        let shutdown = process.shutdown.clone();
        process.spawn("objects", async move {
            watch.run(shutdown).await;
            Ok(())
        });
    }

    fn add<K: Object + Send + 'static>(&mut self, client: &Client, scope: &Scope) {
        let api: Api<PartialObjectMeta<K>> = match scope {
            Scope::Cluster => Api::all(client.clone()),
            Scope::Namespace(name) => Api::namespaced(client.clone(), name),
        };
        let index = self.listings.len();
        let config = watcher::Config::default().labels(&ownership::watched());
        let events = unhurried(watch_objects(api, config).default_backoff());
        let events = events.map_ok(|event| metadata_of(event)).map(move |event| (index, event));
        self.events.push(events.boxed());
        self.listings.push(Listing::new(&K::kind(&()), scope.clone()));
    }

    async fn run(mut self, shutdown: CancellationToken) {
        while let Some((index, event)) = tokio::select! {
            event = self.events.next() => event,
            () = shutdown.cancelled() => None,
        } {
            let is_news = event.as_ref().is_ok_and(|event| self.is_news(index, event));
            match event.map(|event| self.listings[index].hear(event)) {
                Ok(Heard::Change(kind, uid)) if is_news => self.wake(kind, uid),
                Ok(Heard::Nothing | Heard::Change(..)) => {}
                Ok(Heard::Listed) => {
                    tokio::select! {
                        () = self.compare(index) => {}
                        () = shutdown.cancelled() => {}
                    }
                }
                Err(error) if self.listings[index].is_optional() && is_not_served(&error) => {
                    if self.listings[index].miss() {
                        tracing::info!(reason = %error, "the cluster serves no ObjectBucketClaims");
                    }
                    self.open();
                }
                Err(error) => tracing::warn!(error = %error, "objects cannot be watched"),
            }
        }
    }

    /// Whether an event tells what no turn has read yet.
    fn is_news(&self, index: usize, event: &Event<ObjectMeta>) -> bool {
        match event {
            Event::Apply(metadata) => return !self.sightings.has(metadata),
            Event::Delete(metadata) => self.sightings.forget(metadata),
            Event::Init if self.listings[index].is_known() => self.sightings.clear(),
            Event::Init | Event::InitApply(_) | Event::InitDone => {}
        }
        true
    }

    /// Wakes the claims whose objects changed before or between the listings.
    async fn compare(&mut self, index: usize) {
        let records = read(&self.records).await;
        for (kind, uid) in self.listings[index].missed(&records) {
            self.wake(kind, uid);
        }
        self.open();
    }

    fn open(&self) {
        self.gate.set(self.listings.iter().all(Listing::is_complete));
    }

    fn wake(&self, kind: Kind, uid: Uid) {
        self.metrics.wakes.inc();
        self.waker.wake(kind, uid);
    }
}

/// The records, once they have been read.
async fn read(records: &RecordFollower) -> Vec<Record> {
    loop {
        if let Some((records, _)) = records.snapshot() {
            return records;
        }
        tokio::time::sleep(RECORDS_POLL).await;
    }
}

/// Each attempt begins with an event, which resets the backoff: a kind that is not served would be asked for every
/// second, for ever.
fn unhurried<T: Send + 'static>(
    events: impl Stream<Item = watcher::Result<T>> + Send + 'static,
) -> impl Stream<Item = watcher::Result<T>> + Send {
    stream::unfold((events.boxed(), false), |(mut events, is_absent)| async move {
        if is_absent {
            tokio::time::sleep(UNTIL_SERVED).await;
        }
        let event = events.next().await?;
        let is_absent = event.as_ref().is_err_and(is_not_served);
        Some((event, (events, is_absent)))
    })
}

/// Or not to us: a role that is older than this program does not know the kind.
fn is_not_served(error: &watcher::Error) -> bool {
    matches!(error, watcher::Error::InitialListFailed(kube::Error::Api(status)) if [403, 404].contains(&status.code))
}

fn metadata_of<K>(event: Event<PartialObjectMeta<K>>) -> Event<ObjectMeta> {
    match event {
        Event::Apply(object) => Event::Apply(object.metadata),
        Event::Delete(object) => Event::Delete(object.metadata),
        Event::Init => Event::Init,
        Event::InitApply(object) => Event::InitApply(object.metadata),
        Event::InitDone => Event::InitDone,
    }
}
