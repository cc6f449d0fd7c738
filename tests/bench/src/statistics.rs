//! What many measurements say. Pure.

use jiff::Timestamp;

/// A value that `percent` of all values do not exceed (nearest rank); 0 of none.
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
}

impl Span {
    /// Its length, s; none when it ends before it begins.
    pub fn seconds(self) -> f64 {
        self.to.duration_since(self.from).as_secs_f64().max(0.0)
    }

    /// Its length, ms.
    pub fn milliseconds(self) -> f64 {
        self.seconds() * 1000.0
    }

    /// The part of it during which at least one of these is under way.
    pub fn busy_milliseconds(self, spans: &[Self]) -> f64 {
        let mut spans = spans.to_vec();
        spans.sort();
        let (mut busy, mut reached) = (0.0, self.from);
        for span in spans {
            let (from, to) = (span.from.max(reached), span.to.min(self.to));
            busy += Self { from, to }.milliseconds();
            reached = reached.max(to);
        }
        busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_measured_value_that_so_many_do_not_exceed() {
        let twenty: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        let cases: [(&[f64], usize, f64); 6] = [
            (&[], 50, 0.0),
            (&[7.0], 50, 7.0),
            (&[7.0], 95, 7.0),
            (&[3.0, 1.0, 2.0], 50, 2.0),
            (&twenty, 50, 10.0),
            (&twenty, 95, 19.0),
        ];
        for (values, percent, expected) in cases {
            assert!(
                (percentile(values, percent) - expected).abs() < f64::EPSILON,
                "{percent} of {values:?}"
            );
        }
    }

    #[test]
    fn time_that_several_calls_share_is_busy_once_and_time_outside_does_not_count() {
        let span = |from: i64, to: i64| Span {
            from: Timestamp::from_millisecond(from).unwrap(),
            to: Timestamp::from_millisecond(to).unwrap(),
        };
        let whole = span(100, 200);
        let cases: [(&[Span], f64); 6] = [
            (&[], 0.0),
            (&[span(110, 120), span(150, 160)], 20.0),
            (&[span(110, 150), span(120, 130)], 40.0),
            (&[span(120, 150), span(110, 130)], 40.0),
            (&[span(50, 110), span(190, 300)], 20.0),
            (&[span(10, 20), span(300, 400)], 0.0),
        ];
        for (spans, expected) in cases {
            assert!((whole.busy_milliseconds(spans) - expected).abs() < 1e-6, "{spans:?}");
        }
        assert!(span(2, 1).seconds() < f64::EPSILON);
    }
}
