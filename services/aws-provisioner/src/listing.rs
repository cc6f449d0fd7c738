//! One listing for all who look: of one region and API, however many claims are worked on.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::aws::Error;
use crate::place::Place;

/// A listing of this age tells a turn that merely waits as much as a new one.
pub const RECENT: Duration = Duration::from_secs(1);

/// What may be this old: the `not_before` of a listing.
pub fn at_most(age: Duration, now: Instant) -> Instant {
    // A machine that has just started has no such time: then nothing was listed before either.
    now.checked_sub(age).unwrap_or(now)
}

/// The newest listing of each place. Cheap to clone.
pub struct Listings<T, E = Error>(Arc<Slots<T, E>>);

type Slots<T, E> = StdMutex<BTreeMap<String, Arc<Slot<T, E>>>>;
type Slot<T, E> = Mutex<Option<Listed<T, E>>>;

struct Listed<T, E> {
    /// When it was asked for: it shows everything that was done before.
    asked: Instant,
    answered: Instant,
    items: Result<Arc<T>, E>,
}

impl<T, E> Clone for Listings<T, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, E> Default for Listings<T, E> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T, E: Clone> Listings<T, E> {
    /// The listing of a place that was asked for at `not_before` or later; `list` is called if there is none. Whoever
    /// asks while another's call is under way waits for it, and those who then need a newer one share it. A failure is
    /// the answer to all who waited for it: one after the other, they would wait for ever.
    pub async fn get(
        &self,
        place: &Place,
        not_before: Instant,
        list: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        let came = Instant::now();
        let slot = self.slot(place);
        let mut listed = slot.lock().await;
        let is_answer = |known: &&Listed<T, E>| match known.items {
            Ok(_) => known.asked >= not_before,
            Err(_) => known.answered > came,
        };
        if let Some(known) = listed.as_ref().filter(is_answer) {
            return known.items.clone();
        }
        let asked = Instant::now();
        let items = list.await.map(Arc::new);
        *listed = Some(Listed { asked, answered: Instant::now(), items: items.clone() });
        items
    }

    fn slot(&self, place: &Place) -> Arc<Slot<T, E>> {
        let key = format!("{}/{}", place.account, place.region);
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(key).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn place(region: &str) -> Place {
        Place { account: "1".into(), partition: "aws".into(), region: region.into() }
    }

    struct World {
        listings: Listings<u32, Infallible>,
        calls: AtomicU32,
    }

    impl World {
        async fn get(&self, region: &str, not_before: Instant) -> u32 {
            let list = async {
                tokio::time::sleep(RECENT).await;
                Ok::<_, Infallible>(self.calls.fetch_add(1, Ordering::SeqCst) + 1)
            };
            *self.listings.get(&place(region), not_before, list).await.unwrap()
        }
    }

    fn world() -> World {
        World { listings: Listings::default(), calls: AtomicU32::new(0) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_that_ask_at_once_cause_one_call_per_place() {
        let (world, now) = (world(), Instant::now());
        let asked = (0..100).map(|_| world.get("a", now));
        assert!(futures::future::join_all(asked).await.iter().all(|it| *it == 1));
        assert_eq!(world.get("b", now).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn w27_whoever_changed_something_sees_it() {
        let world = world();
        let first = Instant::now();
        assert_eq!(world.get("a", first).await, 1);
        let changed = Instant::now();
        assert_eq!(world.get("a", changed).await, 2);
        assert_eq!(world.get("a", first).await, 2, "a newer one is as good");
    }

    #[tokio::test]
    async fn a_failed_call_is_nobodys_answer_later() {
        let listings = Listings::<u32, &str>::default();
        let now = Instant::now();
        let failed = listings.get(&place("a"), now, async { Err("down") }).await;
        assert_eq!(failed.unwrap_err(), "down");
        let good = listings.get(&place("a"), now, async { Ok(7) }).await;
        assert_eq!(*good.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn w41_a_failure_is_the_answer_to_all_who_waited_for_it() {
        let (listings, calls) = (Listings::<u32, &str>::default(), AtomicU32::new(0));
        let hang = async || {
            calls.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(RECENT).await;
            Err("down")
        };
        let (now, place) = (Instant::now(), place("a"));
        let asked = (0..16).map(|_| listings.get(&place, now, hang()));
        assert!(futures::future::join_all(asked).await.iter().all(Result::is_err));
        assert_eq!(calls.into_inner(), 1);
    }
}
