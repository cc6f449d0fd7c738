//! Whether a maintenance window is open. Pure.

use std::time::{SystemTime, UNIX_EPOCH};

const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
const MINUTES_OF_DAY: u64 = 24 * 60;
const MINUTES_OF_WEEK: u64 = 7 * MINUTES_OF_DAY;

/// Whether a window such as `sun:23:00-mon:01:30`, UTC, is open. One that cannot be read is never open.
pub fn is_open(window: &str, now: SystemTime) -> bool {
    let Some((from, to)) = window.split_once('-') else { return false };
    let (Some(from), Some(to)) = (minute_of_week(from), minute_of_week(to)) else { return false };
    // The epoch began on a Thursday.
    let minutes = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 60;
    let now = minutes % MINUTES_OF_WEEK;
    if from <= to { (from..to).contains(&now) } else { now >= from || now < to }
}

/// `mon:01:30`, counted from the beginning of Thursday.
fn minute_of_week(text: &str) -> Option<u64> {
    let mut parts = text.trim().split(':');
    let day = parts.next()?;
    let day = DAYS.iter().position(|it| it.eq_ignore_ascii_case(day))?;
    let hour: u64 = parts.next()?.parse().ok().filter(|hour| *hour < 24)?;
    let minute: u64 = parts.next()?.parse().ok().filter(|minute| *minute < 60)?;
    let is_all = parts.next().is_none();
    is_all.then_some(u64::try_from(day).ok()? * MINUTES_OF_DAY + hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// 2024-05-06 was a Monday.
    fn monday(hour: u64, minute: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_714_953_600 + hour * 3600 + minute * 60)
    }

    #[test]
    fn a_window_is_open_from_its_first_minute_to_its_last_over_midnight_and_the_week() {
        let table = [
            ("mon:07:00-mon:08:00", 7, 0, true),
            ("mon:07:00-mon:08:00", 7, 59, true),
            ("mon:07:00-mon:08:00", 8, 0, false),
            ("mon:07:00-mon:08:00", 6, 59, false),
            ("Sun:23:00-Mon:01:30", 1, 29, true),
            ("sun:23:00-mon:01:30", 1, 30, false),
            ("wed:23:00-thu:01:00", 0, 30, false),
            ("sat:00:00-tue:00:00", 12, 0, true),
        ];
        for (window, hour, minute, expected) in table {
            assert_eq!(is_open(window, monday(hour, minute)), expected, "{window} {hour}:{minute}");
        }
        // Wednesday night, three days later.
        let night = monday(0, 0) + Duration::from_hours(71) + Duration::from_mins(30);
        assert!(is_open("wed:23:00-thu:01:00", night));
    }

    #[test]
    fn w21_what_is_no_window_is_never_open() {
        for odd in ["", "-", "mon-tue", "mon:25:00-tue:01:00", "mon:01:00", "xxx:01:00-tue:01:00"] {
            assert!(!is_open(odd, monday(1, 0)), "{odd}");
        }
    }
}
