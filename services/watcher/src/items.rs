//! The last item of each claim, as it lies on WORK. Read once, then known by our own writes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Bus, Stored};
use proto::{Subject, WorkItem};
use tokio::sync::Semaphore;

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

    /// Replaces the last item, if it is still the one that is known here.
    pub(crate) async fn replace(
        &self,
        subject: &Subject,
        item: &WorkItem,
        ttl: Option<Duration>,
    ) -> Result<(), Error> {
        let expected = self.stored(subject).await?.sequence;
        let age = self.lock().age;
        match self.bus.write(subject, item, expected, ttl).await {
            Ok(sequence) => {
                self.keep(age, subject, Stored { sequence, value: Some(item.clone()) });
                Ok(())
            }
            Err(error) => {
                // Whether it was stored is not known; the next pass reads.
                self.forget(subject);
                Err(Error::bus("publish an item")(error))
            }
        }
    }

    /// Has this subject read again.
    pub(crate) fn forget(&self, subject: &Subject) {
        self.lock().items.remove(subject);
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
        if known.age == age {
            known.items.insert(subject.clone(), stored);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
