//! How fast one service of AWS may be called by this process.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A longer wait is shown to the user instead of being waited out.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A token bucket, as the time at which it would be full again, and a pause after throttling.
pub struct Budget {
    interval: Duration,
    burst: Duration,
    state: Mutex<State>,
}

struct State {
    full_at: Instant,
    paused_until: Instant,
    strikes: u32,
}

/// The wait would be too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl Budget {
    /// So many calls per second, and so many at once.
    pub fn new(per_second: u32, at_once: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second;
        let now = Instant::now();
        let state = Mutex::new(State { full_at: now, paused_until: now, strikes: 0 });
        Self { interval, burst: interval * at_once.saturating_sub(1), state }
    }

    /// Waits for one call's worth, if that is not long. Returns how long it was.
    pub async fn wait(&self) -> Result<Duration, Exhausted> {
        let wait = self.take(Instant::now())?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(wait)
    }

    /// Calls that could be made at once; 0 while paused.
    pub fn tokens(&self, now: Instant) -> f64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.paused_until > now {
            return 0.0;
        }
        let spent = state.full_at.saturating_duration_since(now);
        let left = (self.burst + self.interval).saturating_sub(spent);
        left.as_secs_f64() / self.interval.as_secs_f64()
    }

    /// AWS asked to slow down: nothing is sent for 1 to 10 s, longer each time in a row.
    pub fn pause(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Answers to what was sent before the pause are no news.
        if now >= state.paused_until {
            let pause = Duration::from_secs(1 << state.strikes.min(6)).min(LONGEST_PAUSE);
            state.paused_until = now + pause;
            state.strikes += 1;
        }
    }

    /// AWS answered.
    pub fn resume(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).strikes = 0;
    }

    fn take(&self, now: Instant) -> Result<Duration, Exhausted> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let from_bucket = state.full_at.saturating_duration_since(now).saturating_sub(self.burst);
        let wait = from_bucket.max(state.paused_until.saturating_duration_since(now));
        if wait > LONGEST_WAIT {
            return Err(Exhausted);
        }
        state.full_at = state.full_at.max(now) + self.interval;
        Ok(wait)
    }
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, small and not negative"
)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_is_free_then_calls_are_spaced_and_then_refused() {
        let budget = Budget::new(2, 3);
        let now = Instant::now();
        let waits: Vec<_> = (0..5).map(|_| budget.take(now).unwrap().as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000]);
        for _ in 0..4 {
            budget.take(now).unwrap();
        }
        assert_eq!(budget.take(now), Err(Exhausted));
        assert_eq!(budget.take(now + SECOND * 60), Ok(Duration::ZERO));
    }

    #[test]
    fn tokens_are_the_calls_that_need_not_wait() {
        let budget = Budget::new(2, 3);
        let now = Instant::now();
        let left: Vec<_> = (0..4)
            .map(|_| {
                let left = budget.tokens(now).round();
                budget.take(now).unwrap();
                left as u32
            })
            .collect();
        assert_eq!(left, [3, 2, 1, 0]);
        assert_eq!(budget.tokens(now + SECOND).round() as u32, 1);
        budget.pause(now + SECOND);
        assert_eq!(budget.tokens(now + SECOND).round() as u32, 0);
    }

    #[test]
    fn throttling_pauses_longer_each_time_and_an_answer_forgives() {
        let budget = Budget::new(100, 100);
        let mut now = Instant::now();
        for seconds in [1, 2, 4, 8, 10, 10] {
            budget.pause(now);
            budget.pause(now);
            assert!(budget.take(now).is_err() || seconds <= 3);
            now += SECOND * seconds;
            assert_eq!(budget.take(now), Ok(Duration::ZERO), "{seconds}");
        }
        budget.resume();
        budget.pause(now);
        assert_eq!(budget.take(now), Ok(SECOND));
    }
}
