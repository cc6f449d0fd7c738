//! What AWS has accepted, by field: it may show later, and is not asked for again within the hour.

use std::collections::BTreeMap;
use std::time::Duration;

use worker::Work;

use super::unix_ms;

const ASKED: &str = "asked ";
/// What AWS has accepted and does not show after this is asked for again.
const KEPT: Duration = Duration::from_hours(1);

/// AWS has accepted this value.
pub fn ask(work: &mut Work<'_>, field: &str, value: &str) {
    let asked = format!("{} {value}", unix_ms(work.now));
    work.record.facts.insert(format!("{ASKED}{field}"), asked);
}

/// What AWS has accepted a moment ago, by field: the value.
pub fn recently(work: &Work<'_>) -> BTreeMap<String, String> {
    let entry = |(key, value): (&String, &String)| {
        let field = key.strip_prefix(ASKED)?;
        let (at, value) = value.split_once(' ')?;
        let is_recent = unix_ms(work.now) < at.parse::<u128>().ok()? + KEPT.as_millis();
        is_recent.then(|| (field.to_owned(), value.to_owned()))
    };
    work.record.facts.iter().filter_map(entry).collect()
}

/// Fields that were asked for, however long ago, and did not show yet.
pub fn fields<'a>(work: &'a Work<'_>) -> impl Iterator<Item = &'a str> {
    work.record.facts.keys().filter_map(|key| key.strip_prefix(ASKED))
}

/// Forgets what shows now, so that a later drift of it is brought back.
pub fn retain(work: &mut Work<'_>, is_open: impl Fn(&str) -> bool) {
    work.record.facts.retain(|key, _| key.strip_prefix(ASKED).is_none_or(&is_open));
}
