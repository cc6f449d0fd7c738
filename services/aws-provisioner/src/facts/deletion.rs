//! What a record knows of the end of a database or cache: what was asked for, and what keeps its data.

use proto::Record;
use worker::Work;

use super::wait_anew;

const DELETED: &str = "deleted";
const FINAL_SNAPSHOT: &str = "final-snapshot";
const HAS_SNAPSHOT: &str = "final-snapshot-exists";
const PROTECTED: &str = "deletion-protection-set";
const TAKEN: &str = "snapshot-name-taken";

/// What the record knows of the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownDeletion {
    /// We have switched its deletion protection on, which caches do not have.
    pub has_our_protection: bool,
    /// AWS was asked to delete it.
    pub is_asked: bool,
    /// The final snapshot that was asked for.
    pub final_snapshot: Option<String>,
    /// It is there, so another one is not needed.
    pub has_snapshot: bool,
    /// A name that a final snapshot cannot have.
    pub taken: Option<String>,
}

impl KnownDeletion {
    /// What the record knows now.
    pub fn of(record: &Record) -> Self {
        Self {
            has_our_protection: record.facts.contains_key(PROTECTED),
            is_asked: record.facts.contains_key(DELETED),
            final_snapshot: record.facts.get(FINAL_SNAPSHOT).cloned(),
            has_snapshot: record.facts.contains_key(HAS_SNAPSHOT),
            taken: record.facts.get(TAKEN).cloned(),
        }
    }

    /// The final snapshot that is still to be taken: under the strategy's name, or under our own where that is taken.
    pub fn snapshot<'a>(&self, named: Option<&'a str>, own: &'a str) -> Option<&'a str> {
        let named = named.filter(|name| self.taken.as_deref() != Some(name));
        (!self.has_snapshot).then(|| named.unwrap_or(own))
    }
}

/// We have switched its deletion protection on or off.
pub fn protected(work: &mut Work<'_>, is_on: bool) {
    if is_on {
        work.record.facts.insert(PROTECTED.to_owned(), "true".to_owned());
    } else {
        work.record.facts.remove(PROTECTED);
    }
}

/// AWS was asked to delete it, and deletes it if the call had its effect.
pub fn asked(work: &mut Work<'_>, final_snapshot: Option<&str>) {
    let was_asked = work.record.facts.insert(DELETED.to_owned(), "true".to_owned()).is_some();
    if let Some(name) = final_snapshot {
        work.record.facts.insert(FINAL_SNAPSHOT.to_owned(), name.to_owned());
    }
    // The longer it takes, the less often it is asked for again.
    if !was_asked {
        wait_anew(work);
    }
}

/// Its final snapshot of this name is there.
pub fn snapshot_exists(work: &mut Work<'_>, name: &str) {
    work.record.facts.insert(FINAL_SNAPSHOT.to_owned(), name.to_owned());
    work.record.facts.insert(HAS_SNAPSHOT.to_owned(), "true".to_owned());
}

/// Another snapshot has this name, or AWS does not accept it.
pub fn name_taken(work: &mut Work<'_>, name: &str) {
    work.record.facts.insert(TAKEN.to_owned(), name.to_owned());
}
