//! Every record of one service, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream::consumer::{Consumer, DeliverPolicy, push};
use futures::StreamExt as _;
use proto::{Kind, Record, Subject, Uid};
use service::config::GrpcConfig;
use service::status::StatusSource;
use service::{CancellationToken, Gate, Process};
use tokio::sync::broadcast;

use crate::connection::Bus;
use crate::error::Error;
use crate::topology::RECORDS;

/// Changes that a slow subscriber may be behind before it must watch again.
const BACKLOG: usize = 4096;
const RETRY: Duration = Duration::from_secs(1);

/// How long a record may take to be heard.
const BEHIND: Duration = Duration::from_secs(10);

/// What expires on the bus says nothing: a new snapshot forgets it, here and in whoever follows us.
const REFRESH: Duration = Duration::from_hours(24);

/// Follows the records of this service; what its status server answers from. Cheap to clone.
#[derive(Clone)]
pub struct RecordFollower {
    known: Arc<Mutex<Known>>,
    refresh: Duration,
}

impl Default for RecordFollower {
    fn default() -> Self {
        Self::refreshed_every(REFRESH)
    }
}

/// One snapshot and what changed since. A new snapshot gets a new channel, so whoever watched the old one starts
/// again too.
struct Known {
    records: BTreeMap<Uid, Record>,
    is_complete: bool,
    /// Of the newest record that was heard.
    sequence: u64,
    changes: broadcast::Sender<Record>,
}

impl Default for Known {
    fn default() -> Self {
        let changes = broadcast::channel(BACKLOG).0;
        Self { records: BTreeMap::new(), is_complete: false, sequence: 0, changes }
    }
}

impl RecordFollower {
    /// One that takes a new snapshot after each such period.
    pub fn refreshed_every(refresh: Duration) -> Self {
        Self { known: Arc::default(), refresh }
    }

    /// Adds to a worker's process what follows its records and what serves statuses from them.
    pub fn start(bus: &Bus, grpc: &GrpcConfig, process: &mut Process) -> Self {
        let records = Self::default();
        grpc.tls.end_when_renewed(process);
        let gate = process.readiness.gate("records");
        let followed = records.clone().run(bus.clone(), gate, process.shutdown.clone());
        process.spawn("records", async move {
            followed.await;
            Ok(())
        });
        let source = Arc::new(records.clone());
        let statuses = service::status::serve(grpc.clone(), source, process.shutdown.clone());
        process.spawn("statuses", async move { Ok(statuses.await?) });
        records
    }

    /// What is known of a kind now.
    pub fn of_kind(&self, kind: Kind) -> Vec<Record> {
        let known = self.lock();
        known.records.values().filter(|record| record.identity.kind == kind).cloned().collect()
    }

    /// Follows until shutdown; starts again with a snapshot whenever the streams were made anew. Knows nothing while
    /// the store is not heard of, so that those who follow us turn to a replica that hears more.
    pub async fn run(self, bus: Bus, gate: Gate, shutdown: CancellationToken) {
        let mut epoch = bus.epoch();
        while !shutdown.is_cancelled() {
            bus.usable(&shutdown).await;
            epoch.mark_unchanged();
            tokio::select! {
                followed = self.follow(&bus, &gate) => {
                    if let Err(error) = followed {
                        tracing::debug!(error = %error, "records interrupted");
                    }
                    tokio::time::sleep(RETRY).await;
                }
                _ = epoch.changed() => {}
                () = bus.lost() => {}
                () = self.behind(&bus) => {
                    tracing::warn!("records were not heard: following them anew");
                }
                () = tokio::time::sleep(self.refresh) => {}
                () = shutdown.cancelled() => {}
            }
            gate.set(false);
            *self.lock() = Known::default();
        }
    }

    async fn follow(&self, bus: &Bus, gate: &Gate) -> Result<(), Error> {
        let filter_subject = format!("$KV.records.{}.>", bus.service.record_prefix());
        let stream = bus
            .context
            .get_stream_no_info(RECORDS)
            .await
            .map_err(Error::api("bind to a stream"))?;
        let consumer: Consumer<push::OrderedConfig> = stream
            .create_consumer(push::OrderedConfig {
                // Named, so that permissions can be narrowed to our own prefix.
                name: Some(format!("{}-{}", bus.service, uuid::Uuid::new_v4().simple())),
                deliver_subject: bus.client.new_inbox(),
                deliver_policy: DeliverPolicy::LastPerSubject,
                filter_subject,
                ..push::OrderedConfig::default()
            })
            .await
            .map_err(Error::api("follow records"))?;
        let mut awaited = consumer.cached_info().num_pending;
        *self.lock() = Known::default();
        self.complete_if(awaited == 0, gate);
        let mut messages = consumer.messages().await.map_err(Error::api("follow records"))?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(Error::api("follow records"))?;
            if let Ok(info) = message.info() {
                self.lock().sequence = info.stream_sequence;
            }
            if let Ok(subject) = message.subject.as_str().parse::<Subject>()
                && let Some(record) = bus.verified(&subject, &message.payload)
            {
                self.learn(record);
            }
            awaited = awaited.saturating_sub(1);
            self.complete_if(awaited == 0, gate);
        }
        Ok(())
    }

    /// Waits until the store holds a record that was not heard within a period. While a cluster copies a stream, a consumer
    /// can be left behind on one of its servers: it lives, and says nothing any more.
    async fn behind(&self, bus: &Bus) {
        let mut newest = 0;
        loop {
            tokio::time::sleep(BEHIND).await;
            if newest > self.lock().sequence {
                return;
            }
            let subjects = format!("$KV.records.{}.>", bus.service.record_prefix());
            let last = bus.last(RECORDS, &subjects).await;
            newest = last.ok().flatten().map_or(0, |message| message.sequence);
        }
    }

    fn learn(&self, record: Record) {
        let mut known = self.lock();
        known.records.insert(record.identity.uid.clone(), record.clone());
        // Nobody listening is fine.
        let _ = known.changes.send(record);
    }

    fn complete_if(&self, complete: bool, gate: &Gate) {
        if complete {
            self.lock().is_complete = true;
            gate.set(true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StatusSource for RecordFollower {
    fn get(&self, uid: &Uid) -> Option<Record> {
        self.lock().records.get(uid).cloned()
    }

    fn snapshot(&self) -> Option<(Vec<Record>, broadcast::Receiver<Record>)> {
        let known = self.lock();
        known
            .is_complete
            .then(|| (known.records.values().cloned().collect(), known.changes.subscribe()))
    }
}
