//! Pure: does what is seen of a Secret fit what its claim's record says?

use std::collections::HashMap;

use crds::names;
use proto::{Kind, Provider, Record, State, Subject};

use crate::report::version;
use service::config::Scope;

/// Namespace and name of every Secret of ours that exists, with its version.
pub(super) type Listed = HashMap<(String, String), String>;

/// What was last seen of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    /// It has this version.
    Version(String),
    /// It is gone.
    Gone,
}

/// Whether nothing is to be done about a sighting.
pub(super) fn is_expected(record: &Record, secret: &str, sighting: &Sighting) -> bool {
    match (record.state, sighting) {
        (State::Absent, _) => true,
        (_, Sighting::Version(seen)) => version(record, secret) == Some(seen),
        // One that we did not write, or no longer do.
        (state, Sighting::Gone) => state == State::Ready && version(record, secret).is_none(),
    }
}

/// The results of the claims whose Secrets are not as their records say, or were never finished.
pub(super) fn unexpected(records: &[Record], scope: &Scope, listed: &Listed) -> Vec<Subject> {
    let is_fine = |record: &&Record| {
        let namespace = &record.identity.namespace;
        // A bucket's Secret is not ours, and is not listed here.
        let bucket = bucket(record);
        let is_there = |(secret, version): (&String, &String)| {
            Some(secret) == bucket.as_ref()
                || listed.get(&(namespace.clone(), secret.clone())) == Some(version)
        };
        match record.state {
            State::Absent => true,
            State::Ready => record.facts.iter().all(is_there),
            State::Pending | State::Paused | State::Refused => false,
        }
    };
    let in_scope = records.iter().filter(|record| scope.contains(&record.identity.namespace));
    in_scope.filter(|record| !is_fine(record)).map(result_subject).collect()
}

/// The results of the claims whose bucket has a Secret in another version than their records say.
pub(super) fn renewed(records: &[Record], seen: &Listed) -> Vec<Subject> {
    let is_news = |record: &&Record| {
        let Some(bucket) = bucket(record) else { return false };
        let known = version(record, &bucket).map(str::to_owned);
        let seen = seen.get(&(record.identity.namespace.clone(), bucket));
        seen.is_some_and(|seen| Some(seen) != known.as_ref()) && record.state != State::Absent
    };
    records.iter().filter(is_news).map(result_subject).collect()
}

/// The Secret of the claim's bucket, if it can have one.
fn bucket(record: &Record) -> Option<String> {
    let claim = &record.identity;
    let is_possible = record.provider == Provider::Openshift && claim.kind == Kind::BlobStorage;
    is_possible.then(|| names::bucket_claim(&claim.name, claim.uid.as_str()))
}

fn result_subject(record: &Record) -> Subject {
    Subject::Result(record.provider, record.identity.kind, record.identity.uid.clone())
}

#[cfg(test)]
mod tests {
    use proto::{Identity, ItemId, Kind, Placement, Provider};

    use super::*;

    fn record(namespace: &str, state: State, facts: &[(&str, &str)]) -> Record {
        let identity = Identity {
            kind: Kind::Redis,
            namespace: namespace.into(),
            name: "cache".into(),
            uid: "u-1".parse().unwrap(),
            generation: 1,
        };
        let placement = Placement::at(Provider::Openshift);
        let facts = facts.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Record { state, facts, ..Record::new(identity, placement, ItemId::random()) }
    }

    #[test]
    fn only_our_own_writes_and_foreign_news_are_expected() {
        let version = |text: &str| Sighting::Version(text.to_owned());
        let table = [
            (State::Ready, "s", version("7"), true),
            (State::Ready, "s", version("8"), false),
            (State::Ready, "s", Sighting::Gone, false),
            (State::Ready, "other", version("1"), false),
            (State::Ready, "other", Sighting::Gone, true),
            (State::Pending, "other", Sighting::Gone, false),
            (State::Absent, "s", Sighting::Gone, true),
            (State::Absent, "s", version("8"), true),
        ];
        for (state, secret, sighting, expected) in table {
            let record = record("team", state, &[("s", "7")]);
            assert_eq!(is_expected(&record, secret, &sighting), expected, "{secret} {sighting:?}");
        }
    }

    #[test]
    fn the_first_list_finds_what_was_deleted_or_edited_while_nobody_watched() {
        let listed: Listed = [(("team".into(), "s".into()), "7".into())].into();
        let table = [
            (State::Ready, &[("s", "7")][..], false),
            (State::Ready, &[("s", "6")], true),
            (State::Ready, &[("s", "7"), ("s-binding", "8")], true),
            (State::Pending, &[], true),
            (State::Refused, &[], true),
            (State::Absent, &[("s", "6")], false),
        ];
        for (state, facts, is_woken) in table {
            let records = [record("team", state, facts)];
            let woken = unexpected(&records, &Scope::Cluster, &listed);
            assert_eq!(woken.len(), usize::from(is_woken), "{state:?} {facts:?}");
        }
    }

    #[test]
    fn claims_of_namespaces_that_are_not_watched_are_left_alone() {
        let records = [record("elsewhere", State::Ready, &[("s", "7")])];
        let scope = Scope::Namespace("team".into());
        assert!(unexpected(&records, &scope, &Listed::new()).is_empty());
        assert_eq!(unexpected(&records, &Scope::Cluster, &Listed::new()).len(), 1);
    }

    #[test]
    fn new_keys_of_a_bucket_are_news_and_known_ones_are_not() {
        let mut claim = record("team", State::Ready, &[]);
        let name = names::bucket_claim(&claim.identity.name, claim.identity.uid.as_str());
        let seen: Listed = [(("team".into(), name.clone()), "7".into())].into();
        assert!(renewed(std::slice::from_ref(&claim), &seen).is_empty(), "a Redis has no bucket");
        claim.identity.kind = Kind::BlobStorage;
        for (state, version, count) in [
            (State::Ready, Some("7"), 0),
            (State::Ready, Some("6"), 1),
            (State::Pending, None, 1),
            (State::Absent, None, 0),
        ] {
            let facts = version.map(|version| (name.clone(), version.into())).into_iter().collect();
            let claim = Record { state, facts, ..claim.clone() };
            assert_eq!(renewed(&[claim], &seen).len(), count, "{state} {version:?}");
        }
        // It is not ours, so it is in no list of ours.
        let facts = [(name, "7".into())].into();
        let claim = Record { facts, ..claim };
        assert!(unexpected(&[claim], &Scope::Cluster, &Listed::new()).is_empty());
    }
}
