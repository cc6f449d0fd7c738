//! Which listing is new enough for a claim, by what this process has done to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proto::Uid;
use tokio::time::Instant;

use crate::listing::{RECENT, at_most};

/// Nothing but a turn of its own changes what a settled claim desires.
const SETTLED: Duration = Duration::from_mins(15);

/// When this process last changed something of a claim: what was listed before does not show it. Cheap to clone.
#[derive(Clone, Default)]
pub struct Touched(Arc<Mutex<BTreeMap<Uid, Instant>>>);

impl Touched {
    /// Something of the claim was just changed, or may have been.
    pub fn touch(&self, uid: &Uid) {
        self.lock().insert(uid.clone(), Instant::now());
    }

    /// The claim is gone.
    pub fn forget(&self, uid: &Uid) {
        self.lock().remove(uid);
    }

    /// The oldest listing that tells enough of a claim that is being worked on: a recent one, after our own last
    /// change. The younger that change is, the sooner something may show.
    pub fn not_before(&self, uid: &Uid) -> Instant {
        let since = self.lock().get(uid).map_or(Duration::MAX, Instant::elapsed);
        self.newer_than(uid, RECENT.min(since / 2))
    }

    /// The oldest listing that tells enough of a claim that was settled when it was last worked on, as long as it
    /// still shows what is desired: the one that looks for drift has just been made for all.
    pub fn of_settled(&self, uid: &Uid) -> Instant {
        self.newer_than(uid, SETTLED)
    }

    fn newer_than(&self, uid: &Uid, age: Duration) -> Instant {
        let oldest = at_most(age, Instant::now());
        self.lock().get(uid).map_or(oldest, |touched| oldest.max(*touched))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Uid, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
