//! A Secret of ours was deleted or edited: reconcile its claim from the result that lies on the bus.
//!
//! The watch brings metadata only. A Secret in the version that its claim's record names was written by us and costs
//! nothing. The list at the start of the watch is compared with all records, so what happened while nobody watched is
//! found too. New keys in the Secret of a bucket reach its claim in the same way.

mod audit;
mod buckets;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::{Bus, RecordFollower};
use futures::StreamExt as _;
use futures::channel::mpsc;
use kube::runtime::scheduler::{ScheduleRequest, scheduler};
use proto::{Connection, Record, Subject, Uid};
use service::status::StatusSource as _;
use service::{CancellationToken, Process};
use tokio::time::Instant;

use service::config::Scope;

use crate::config::Config;
use crate::reconcile::{Outcome, Reconciler};
use crate::restore::audit::{Sighting, is_expected};
use crate::worker::speaks_of;

/// The record of a write of ours follows its watch event by some milliseconds.
const SETTLE: Duration = Duration::from_millis(150);
/// A Secret without a record belongs to a claim whose first result is on its way.
const FIRST_RESULT: Duration = Duration::from_secs(3);
/// The bus is in trouble.
const RETRY: Duration = Duration::from_secs(1);
/// How often a snapshot of the records is asked for until there is one.
const POLL: Duration = Duration::from_millis(200);

/// Restores Secrets. Cheap to clone.
#[derive(Clone)]
pub struct Restorer {
    bus: Bus,
    records: RecordFollower,
    reconciler: Arc<Reconciler>,
    sightings: Arc<Mutex<HashMap<Subject, BTreeMap<String, Sighting>>>>,
}

/// A claim that is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Wake {
    subject: Subject,
    urgency: Urgency,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Urgency {
    /// Something was seen: compare with the record, if there is one yet.
    First,
    /// Compare with the record; there should be one by now.
    Second,
    /// Reconcile in any case.
    Certain,
}

type Wakes = mpsc::UnboundedSender<ScheduleRequest<Wake>>;

impl Restorer {
    /// Restores through `reconciler` what differs from `records`.
    pub fn new(bus: Bus, records: RecordFollower, reconciler: Arc<Reconciler>) -> Self {
        Self { bus, records, reconciler, sightings: Arc::default() }
    }

    /// Adds the watch on Secrets, and the task that restores, to the process.
    pub fn start(self, client: &kube::Client, config: &Config, process: &mut Process) {
        let (wakes, due) = mpsc::unbounded();
        let (gate, shutdown) = (process.readiness.gate("secrets"), process.shutdown.clone());
        let watch =
            watch::run(self.clone(), client.clone(), config.watch.scopes(), wakes.clone(), gate);
        let buckets =
            buckets::run(self.clone(), client.clone(), config.watch.scopes(), wakes.clone());
        process.spawn("secrets", async move {
            tokio::select! {
                () = watch => {}
                () = buckets => {}
                () = shutdown.cancelled() => {}
            }
            Ok(())
        });
        let (slots, shutdown) = (usize::from(config.concurrency), process.shutdown.clone());
        process.spawn("restore", async move {
            self.run(due, wakes, slots, shutdown).await;
            Ok(())
        });
    }

    async fn run(
        self,
        due: mpsc::UnboundedReceiver<ScheduleRequest<Wake>>,
        wakes: Wakes,
        slots: usize,
        shutdown: CancellationToken,
    ) {
        let (restorer, wakes) = (&self, &wakes);
        let each = |wake: Wake| async move {
            let subject = wake.subject.clone();
            if let Some((urgency, delay)) = restorer.handle(wake).await {
                wake_after(wakes, subject, urgency, delay);
            }
        };
        scheduler(due).take_until(shutdown.cancelled()).for_each_concurrent(slots, each).await;
    }

    /// Looks at one claim; returns when and how to look again.
    async fn handle(&self, wake: Wake) -> Option<(Urgency, Duration)> {
        let subject = &wake.subject;
        if wake.urgency != Urgency::Certain {
            let record = self.records.get(subject.uid());
            if record.is_none() && wake.urgency == Urgency::First {
                return Some((Urgency::Second, FIRST_RESULT));
            }
            if !self.is_unexpected(subject, record.as_ref()) {
                return None;
            }
        }
        let again = self.restore(subject).await?;
        Some((Urgency::Certain, again))
    }

    fn is_unexpected(&self, subject: &Subject, record: Option<&Record>) -> bool {
        let mut sightings = self.sightings.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = sightings.remove(subject).unwrap_or_default();
        drop(sightings);
        let Some(record) = record else { return true };
        seen.iter().any(|(secret, sighting)| !is_expected(record, secret, sighting))
    }

    async fn restore(&self, subject: &Subject) -> Option<Duration> {
        let stored = match self.bus.read::<Connection>(subject).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::debug!(error = %error, "failed to read a result to restore from");
                return Some(RETRY);
            }
        };
        let result = stored.value.filter(|result| speaks_of(result, subject))?;
        match self.reconciler.reconcile(subject, stored.sequence, &result).await {
            Outcome::Settled | Outcome::Replaced => None,
            Outcome::Again(delay) => Some(delay),
        }
    }

    /// Remembers what was seen of a Secret, and looks at its claim a moment later.
    fn see(&self, wakes: &Wakes, subject: Subject, secret: String, sighting: Sighting) {
        let mut sightings = self.sightings.lock().unwrap_or_else(PoisonError::into_inner);
        sightings.entry(subject.clone()).or_default().insert(secret, sighting);
        drop(sightings);
        wake_after(wakes, subject, Urgency::First, SETTLE);
    }

    /// Compares the whole list of Secrets of a scope with all records.
    async fn audit(&self, wakes: &Wakes, scope: &Scope, listed: &audit::Listed) {
        for subject in audit::unexpected(&self.all().await, scope, listed) {
            tracing::info!(claim.uid = %subject.uid(), "Secrets differ from what was written");
            wake_after(wakes, subject, Urgency::Certain, Duration::ZERO);
        }
    }

    /// All records, once they have been read.
    async fn all(&self) -> Vec<Record> {
        loop {
            match self.records.snapshot() {
                Some((records, _)) => return records,
                None => tokio::time::sleep(POLL).await,
            }
        }
    }
}

fn wake_after(wakes: &Wakes, subject: Subject, urgency: Urgency, delay: Duration) {
    let wake = Wake { subject, urgency };
    // The receiver ends only with the process.
    let _ = wakes.unbounded_send(ScheduleRequest { message: wake, run_at: Instant::now() + delay });
}

/// Where the result lies that a Secret with these labels was written from.
fn subject_of(labels: (&str, &str, &str)) -> Option<Subject> {
    let (provider, kind, uid) = labels;
    let uid: Uid = uid.parse().ok()?;
    Some(Subject::Result(provider.parse().ok()?, kind.parse().ok()?, uid))
}
