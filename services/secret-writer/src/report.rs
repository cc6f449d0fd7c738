//! Pure: what the record of a claim says, and which Secrets somebody had deleted or edited.

use std::collections::BTreeMap;

use proto::{Connection, Digest, ErrorClass, Placement, Record, State};

use crate::error::Error;
use crate::plan::{Step, Verdict};
use crds::conditions::reasons;

/// Attempts are counted up to here; by then the delay has reached its limit, and a record that does not change is not
/// written.
const MOST_ATTEMPTS: u32 = 8;
/// A failure of the API server that lasts no longer is not worth the user's attention.
const PATIENCE: u32 = 3;

/// Secrets as we wrote or found them: name to version.
pub type Versions = BTreeMap<String, String>;

/// The version that a record names for a Secret.
pub fn version<'a>(record: &'a Record, secret: &str) -> Option<&'a str> {
    record.facts.get(secret).map(String::as_str)
}

/// The record after a plan was carried out.
pub fn record(
    previous: Option<&Record>,
    result: &Connection,
    verdict: Verdict,
    versions: Versions,
) -> Record {
    let is_ready = verdict.state == State::Ready;
    let digest = previous.and_then(|it| it.digest.clone());
    Record {
        state: verdict.state,
        error_class: verdict.class,
        reason: verdict.reason.to_owned(),
        message: verdict.message,
        digest: if is_ready { Some(result.digest()) } else { digest },
        attempts: if is_ready { 0 } else { next_attempt(previous) },
        facts: versions,
        ..blank(result)
    }
}

/// The record after a failure. What was good stays good until the failure lasts.
pub fn failure(previous: Option<&Record>, result: &Connection, error: &Error) -> Record {
    let class = error.class();
    let attempts = next_attempt(previous);
    let is_passing = matches!(class, ErrorClass::Transient | ErrorClass::Throttled);
    let known = previous.cloned().unwrap_or_else(|| blank(result));
    if is_passing && attempts < PATIENCE {
        return Record { attempts, ..known };
    }
    Record {
        item_id: result.item_id.clone(),
        identity: result.identity.clone(),
        state: State::Pending,
        error_class: Some(class),
        reason: reasons::of_class(class.as_str()).unwrap_or(reasons::TRANSIENT).to_owned(),
        message: error.advice(),
        attempts,
        ..known
    }
}

/// The record of a claim that is gone.
pub fn absent(result: &Connection) -> Record {
    Record { state: State::Absent, ..blank(result) }
}

/// Names of the Secrets that a plan writes again although nothing new was asked: somebody deleted or edited them.
pub fn restored<'a>(previous: Option<&Record>, digest: &Digest, steps: &'a [Step]) -> Vec<&'a str> {
    let Some(record) = previous.filter(|it| it.digest.as_ref() == Some(digest)) else {
        return Vec::new();
    };
    // A step that keeps a Secret in a version that we do not know: new credentials came in.
    let brings_news = steps.iter().any(|step| match step {
        Step::Keep(secret) => version(record, secret.name()) != Some(secret.resource_version()),
        Step::Create(_) | Step::Replace(_) => false,
    });
    if brings_news {
        return Vec::new();
    }
    let written = steps.iter().filter_map(|step| match step {
        Step::Create(secret) | Step::Replace(secret) => Some(secret.name()),
        Step::Keep(_) => None,
    });
    written.filter(|name| version(record, name).is_some()).collect()
}

fn blank(result: &Connection) -> Record {
    let placement = Placement::at(result.provider);
    Record::new(result.identity.clone(), placement, result.item_id.clone())
}

fn next_attempt(previous: Option<&Record>) -> u32 {
    previous.map_or(1, |record| record.attempts.saturating_add(1).min(MOST_ATTEMPTS))
}

#[cfg(test)]
mod tests;
