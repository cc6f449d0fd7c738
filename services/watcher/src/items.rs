//! The last item of each claim, as it lies on WORK. Read once, then known by our own writes.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Bus, Stored};
use proto::{ItemId, Subject, WorkItem};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::error::Error;

/// Reads at once. Thousands of claims start together, and each read has two seconds.
const READS: usize = 64;

/// What is known of WORK. Only the leader writes there, so what it wrote last is what is there, until the bus is
/// wiped or a message is destroyed: then [`forget_all`](Self::forget_all) has everything read again.
pub(crate) struct Items {
    bus: Bus,
    reads: Semaphore,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    items: HashMap<Subject, Stored<WorkItem>>,
    doubted: HashSet<Subject>,
    /// When we published it last.
    published: HashMap<Subject, Instant>,
    /// Since when we know the item that is there.
    since: HashMap<Subject, (ItemId, Instant)>,
    /// Counts how often everything was forgotten, so that an older answer is not kept.
    age: u64,
}

impl Items {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, reads: Semaphore::new(READS), known: Mutex::default() }
    }

    /// The last item of a subject.
    pub(crate) async fn last(&self, subject: &Subject) -> Result<Option<WorkItem>, Error> {
        Ok(self.stored(subject).await?.value)
    }

    /// Replaces the last item, if it is still the one that the decision was made on.
    pub(crate) async fn replace(
        &self,
        subject: &Subject,
        last: Option<&WorkItem>,
        item: &WorkItem,
        ttl: Option<Duration>,
    ) -> Result<(), Error> {
        let stored = self.stored(subject).await?;
        if stored.value.map(|it| it.item_id) != last.map(|it| it.item_id.clone()) {
            return Err(Error::bus("publish an item")(bus::Error::Conflict));
        }
        let age = self.lock().age;
        match self.bus.write(subject, item, stored.sequence, ttl).await {
            Ok(sequence) => {
                let trace = HashMap::new();
                self.keep(age, subject, Stored { sequence, value: Some(item.clone()), trace });
                let mut known = self.lock();
                known.doubted.remove(subject);
                known.published.insert(subject.clone(), Instant::now());
                Ok(())
            }
            Err(error) => {
                // Whether it was stored is not known; the next pass reads.
                self.forget(subject);
                Err(Error::bus("publish an item")(error))
            }
        }
    }

    /// Whoever should have handled the last item may never do so: it must be published again, under a new id.
    pub(crate) fn doubt(&self, subject: Subject) {
        self.lock().doubted.insert(subject);
    }

    /// Whether we published it since then.
    pub(crate) fn is_published_since(&self, subject: &Subject, then: Instant) -> bool {
        self.lock().published.get(subject).is_some_and(|at| *at >= then)
    }

    /// Whether the last item must be published again though it says what it should.
    pub(crate) fn is_doubted(&self, subject: &Subject) -> bool {
        self.lock().doubted.contains(subject)
    }

    /// Has this subject read again.
    pub(crate) fn forget(&self, subject: &Subject) {
        self.lock().items.remove(subject);
    }

    /// What is made of each item that is known, and of the moment since when it is.
    pub(crate) fn map<T>(
        &self,
        mut make: impl FnMut(&Subject, &WorkItem, Instant) -> Option<T>,
    ) -> Vec<T> {
        let known = self.lock();
        let items = known.items.iter().filter_map(|(subject, stored)| {
            let (_, since) = known.since.get(subject)?;
            make(subject, stored.value.as_ref()?, *since)
        });
        items.collect()
    }

    /// Forgets what lies on WORK no more.
    pub(crate) fn forget_all_but(&self, subjects: &[Subject]) {
        let subjects: HashSet<&Subject> = subjects.iter().collect();
        let mut known = self.lock();
        known.published.retain(|subject, _| subjects.contains(subject));
        known.since.retain(|subject, _| subjects.contains(subject));
        known.doubted.retain(|subject| subjects.contains(subject));
    }

    /// Has everything read again.
    pub(crate) fn forget_all(&self) {
        let mut known = self.lock();
        known.items.clear();
        known.age += 1;
    }

    async fn stored(&self, subject: &Subject) -> Result<Stored<WorkItem>, Error> {
        let age = {
            let known = self.lock();
            if let Some(stored) = known.items.get(subject) {
                return Ok(stored.clone());
            }
            known.age
        };
        let _permit = self.reads.acquire().await.expect("the semaphore is never closed");
        let stored = self.bus.read(subject).await.map_err(Error::bus("read an item"))?;
        self.keep(age, subject, stored.clone());
        Ok(stored)
    }

    fn keep(&self, age: u64, subject: &Subject, stored: Stored<WorkItem>) {
        let mut known = self.lock();
        if known.age != age {
            return;
        }
        if let Some(id) = stored.value.as_ref().map(|item| item.item_id.clone()) {
            let is_known = known.since.get(subject).is_some_and(|(known, _)| *known == id);
            if !is_known {
                known.since.insert(subject.clone(), (id, Instant::now()));
            }
        }
        known.items.insert(subject.clone(), stored);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
