//! How often something that AWS works on is looked at, and how it is told. Pure.

use std::time::Duration;

/// What was asked for shows in a moment.
pub const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The network is ready in a moment, as a rule.
const NETWORK: Duration = Duration::from_secs(2);
/// What became of a call shows in a moment, as a rule.
const OUTCOME: Duration = Duration::from_secs(1);
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);
const HOUR: u64 = 3600;

/// A fifth of the time that it has taken so far: a look is never late by more than that, and looks are few.
pub fn until_next_look(age: Duration) -> Duration {
    (age / 5).clamp(SHORTEST, LONGEST)
}

/// As rare for a call whose outcome is unknown; it may be made again then.
pub fn until_outcome(age: Duration) -> Duration {
    until_next_look(age).max(OUTCOME)
}

/// As rare for the network, which somebody may have to look after.
pub fn until_network(age: Duration) -> Duration {
    until_next_look(age).max(NETWORK)
}

/// Whole hours, so that the text changes rarely.
pub fn since(age: Duration) -> String {
    match age.as_secs() / HOUR {
        0 => String::new(),
        hours => format!(", for {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w42_looks_are_frequent_at_first_and_a_fifth_of_the_age_later() {
        let table = [(0, 200), (1, 200), (4, 800), (20, 4000), (100, 20_000), (9000, 30_000)];
        for (age, next) in table {
            assert_eq!(until_next_look(Duration::from_secs(age)).as_millis(), next, "{age}");
        }
    }
}
