//! From the class of an obstacle to the time of the next look. The only place that decides it.

use std::time::Duration;

use proto::ErrorClass;

/// Other writers finish soon, and the bus comes back.
pub(crate) const SOON: Duration = Duration::from_secs(1);
/// A claim is pinned before anything is published, so one without a pin has lost its status: the watcher restores it.
pub(crate) const UNTIL_PINNED: Duration = Duration::from_secs(5);
/// A claim that is being deleted is looked at until it is gone.
pub(crate) const UNTIL_GONE: Duration = Duration::from_secs(30);
/// A Secret that is not ours carries no label that our watch selects, so only looking again finds out that it is gone.
const FOREIGN: Duration = Duration::from_secs(5);
/// A claim's `secretRef` may change without a new result.
const REFUSED: Duration = Duration::from_secs(10);
const CAP: Duration = Duration::from_mins(1);

/// When to look again after the `attempts`-th obstacle in a row (the first is 1). `jitter` is 0 to 1.
pub(crate) fn delay(class: ErrorClass, attempts: u32, jitter: f64) -> Duration {
    let growing = Duration::from_secs(1).saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let delay = match class {
        ErrorClass::Pending => SOON,
        ErrorClass::Foreign => FOREIGN,
        ErrorClass::Invalid => REFUSED,
        ErrorClass::Quota => CAP,
        ErrorClass::Throttled | ErrorClass::Transient | ErrorClass::NeedsPerson => growing.min(CAP),
    };
    delay.mul_f64(0.8 + 0.4 * jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_back_off_and_a_taken_name_is_looked_at_every_few_seconds() {
        let seconds = |class, attempts| delay(class, attempts, 0.5).as_secs();
        assert_eq!([1, 2, 3, 9].map(|it| seconds(ErrorClass::Transient, it)), [1, 2, 4, 60]);
        assert_eq!([1, 50].map(|it| seconds(ErrorClass::Foreign, it)), [5, 5]);
        assert_eq!(seconds(ErrorClass::NeedsPerson, 100), 60);
        assert_eq!(delay(ErrorClass::Quota, 1, 0.0).as_secs(), 48);
        assert_eq!(delay(ErrorClass::Quota, 1, 1.0).as_secs(), 72);
    }
}
