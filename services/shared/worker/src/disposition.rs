//! From the class of a failure to what becomes of the delivery. The only place that decides it.

use std::time::Duration;

use bus::Disposition;
use proto::ErrorClass;

/// Another replica has the lease; most turns are short.
pub(crate) const CONTENDED: Duration = Duration::from_secs(1);
/// The bus is in trouble; the delivery will come to whoever reaches it.
pub(crate) const INTERRUPTED: Duration = Duration::from_secs(1);
const CAP: Duration = Duration::from_mins(5);
/// The provider is called by all items together no faster than its budget allows, however many they are.
const THROTTLED_CAP: Duration = Duration::from_secs(30);
const QUOTA_FLOOR: Duration = Duration::from_mins(5);
const QUOTA_CAP: Duration = Duration::from_mins(30);

/// What becomes of the delivery after the `attempts`-th failure in a row (the first is 1). `jitter` is 0 to 1.
pub(crate) fn after(class: ErrorClass, attempts: u32, jitter: f64) -> Disposition {
    let growing = |floor: Duration, cap: Duration| {
        floor.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(cap)
    };
    let delay = match class {
        ErrorClass::Invalid => return Disposition::Ack,
        ErrorClass::Pending => Duration::from_secs(2),
        ErrorClass::Throttled => growing(Duration::from_secs(1), THROTTLED_CAP),
        ErrorClass::Transient => growing(Duration::from_secs(1), CAP),
        ErrorClass::Quota => growing(QUOTA_FLOOR, QUOTA_CAP),
        ErrorClass::Foreign | ErrorClass::NeedsPerson => growing(Duration::from_secs(10), CAP),
    };
    Disposition::Nak(jittered(delay, jitter))
}

/// The delay, 20 % up or down.
pub(crate) fn jittered(delay: Duration, jitter: f64) -> Duration {
    delay.mul_f64(0.8 + 0.4 * jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(class: ErrorClass, attempts: u32) -> u64 {
        match after(class, attempts, 0.5) {
            Disposition::Nak(delay) => delay.as_secs(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_invalid_item_is_not_tried_again() {
        assert_eq!(after(ErrorClass::Invalid, 1, 0.0), Disposition::Ack);
    }

    #[test]
    fn transient_failures_back_off_to_five_minutes() {
        let delays: Vec<u64> =
            [1, 2, 3, 9, 100].map(|attempts| seconds(ErrorClass::Transient, attempts)).to_vec();
        assert_eq!(delays, [1, 2, 4, 256, 300]);
    }

    #[test]
    fn a05_whoever_was_throttled_comes_again_soon_after_the_storm() {
        assert_eq!(
            [1, 5, 100].map(|attempts| seconds(ErrorClass::Throttled, attempts)),
            [1, 16, 30]
        );
    }

    #[test]
    fn an_exhausted_quota_is_asked_at_most_every_five_minutes() {
        assert_eq!(seconds(ErrorClass::Quota, 1), 300);
        assert_eq!(seconds(ErrorClass::Quota, 50), 1800);
    }

    #[test]
    fn jitter_is_a_fifth_either_way() {
        let delay = Duration::from_secs(100);
        assert_eq!(jittered(delay, 0.0).as_secs(), 80);
        assert_eq!(jittered(delay, 1.0).as_secs(), 120);
    }
}
