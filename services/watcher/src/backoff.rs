//! How long a claim waits after an interrupted reconcile.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);
/// Part of a delay that is left to chance, so that claims which failed together do not come back together.
const JITTER: f64 = 0.2;

/// Interrupted passes in a row, by uid.
#[derive(Default)]
pub(crate) struct Backoff(Mutex<HashMap<String, u32>>);

impl Backoff {
    /// One more pass was interrupted: when to try again.
    pub(crate) fn next(&self, uid: &str) -> Duration {
        let mut failures = self.lock();
        let count = failures.entry(uid.to_owned()).or_default();
        *count = count.saturating_add(1);
        delay(*count, rand::random())
    }

    /// A pass went through, or the claim is gone.
    pub(crate) fn reset(&self, uid: &str) {
        self.lock().remove(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn delay(failures: u32, chance: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    full.mul_f64(1.0 - JITTER * chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit() {
        let delays: Vec<u128> = (1..=10).map(|count| delay(count, 0.0).as_millis()).collect();
        let expected = [200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000];
        assert_eq!(delays, expected);
        assert_eq!(delay(u32::MAX, 1.0).as_millis(), 24000);
    }

    #[test]
    fn a_pass_that_goes_through_starts_anew() {
        let backoff = Backoff::default();
        let first = backoff.next("a");
        assert!((0..5).map(|_| backoff.next("a")).max() > Some(first * 10));
        assert!(backoff.next("b") <= FIRST);
        backoff.reset("a");
        assert!(backoff.next("a") <= FIRST);
    }
}
