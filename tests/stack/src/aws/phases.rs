//! What a resource goes through by itself.

use std::time::{Duration, Instant};

/// Statuses, each until its time. A delay that has no end, such as [`Duration::MAX`], is never over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phases(Vec<(&'static str, Option<Instant>)>);

impl Phases {
    /// One after the other, from now on.
    pub(crate) fn start(now: Instant, phases: &[(&'static str, Duration)]) -> Self {
        let mut end = Some(now);
        let phase = |(status, delay): &(&'static str, Duration)| {
            end = end.and_then(|end| end.checked_add(*delay));
            (*status, end)
        };
        Self(phases.iter().map(phase).collect())
    }

    /// The status that it has by now; nothing when all are over.
    pub(crate) fn status(&self, now: Instant) -> Option<&'static str> {
        let is_on = |end: Option<Instant>| end.is_none_or(|end| now < end);
        self.0.iter().find(|(_, end)| is_on(*end)).map(|(status, _)| *status)
    }

    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.status(now).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_follow_each_other_and_end() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let phases = Phases::start(now, &[("a", second), ("b", Duration::ZERO), ("c", second)]);
        let status = |after: u32| phases.status(now + second * after / 2);
        assert_eq!(
            [status(0), status(1), status(2), status(3), status(4)],
            [Some("a"), Some("a"), Some("c"), Some("c"), None]
        );
        let endless = Phases::start(now, &[("a", Duration::MAX), ("b", second)]);
        assert_eq!(endless.status(now + second * 1_000_000), Some("a"));
        assert!(Phases::default().is_over(now) && !endless.is_over(now));
    }
}
