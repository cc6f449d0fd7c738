use proto::{ItemId, Kind, Provider};
use serde_json::json;

use super::*;
use crate::fixtures::{at_version, result, stored};

fn connection() -> Connection {
    result(Provider::Openshift, Kind::Redis, &[])
}

fn verdict(state: State, class: Option<ErrorClass>) -> Verdict {
    Verdict { state, class, reason: "Reason", message: "message".into() }
}

fn ready(result: &Connection, versions: &[(&str, &str)]) -> Record {
    let versions = versions.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    record(None, result, verdict(State::Ready, None), versions)
}

#[test]
fn a_ready_record_names_the_item_the_digest_and_the_versions() {
    let result = connection();
    let record = ready(&result, &[("secret", "7")]);
    assert_eq!((record.state, record.attempts), (State::Ready, 0));
    assert_eq!(record.item_id, result.item_id);
    assert_eq!(record.digest, Some(result.digest()));
    assert_eq!(version(&record, "secret"), Some("7"));
}

#[test]
fn the_same_outcome_gives_the_same_record_so_it_is_not_written_again() {
    let result = connection();
    let once = ready(&result, &[("secret", "7")]);
    let again = record(Some(&once), &result, verdict(State::Ready, None), once.facts.clone());
    assert_eq!(again, once);
    let mut stuck = once;
    let foreign = verdict(State::Pending, Some(ErrorClass::Foreign));
    for _ in 0..20 {
        stuck = record(Some(&stuck), &result, foreign.clone(), Versions::new());
    }
    let again = record(Some(&stuck), &result, foreign, Versions::new());
    assert_eq!(again, stuck);
}

#[test]
fn an_obstacle_keeps_the_digest_of_what_was_written() {
    let (first, second) = (connection(), Connection { simulated: true, ..connection() });
    let good = ready(&first, &[]);
    let foreign = verdict(State::Pending, Some(ErrorClass::Foreign));
    let stuck = record(Some(&good), &second, foreign, Versions::new());
    assert_eq!(stuck.digest, Some(first.digest()));
    assert_eq!((stuck.item_id, stuck.attempts), (second.item_id, 1));
}

#[test]
fn a_failure_shows_only_when_it_lasts_unless_a_person_must_act() {
    let result = connection();
    let good = ready(&result, &[("secret", "7")]);
    let away = Error::Unanswered { operation: "write a Secret" };
    let once = failure(Some(&good), &result, &away);
    assert_eq!((once.state, once.attempts), (State::Ready, 1));
    let twice = failure(Some(&once), &result, &away);
    let lasting = failure(Some(&twice), &result, &away);
    assert_eq!(lasting.state, State::Pending);
    assert_eq!(lasting.error_class, Some(ErrorClass::Transient));
    assert_eq!(lasting.digest, good.digest);
    assert_eq!(version(&lasting, "secret"), Some("7"), "what we wrote is not forgotten");

    let immutable = Error::Refused {
        operation: "write a Secret",
        code: 422,
        reason: "Invalid".into(),
        is_quota: false,
        is_terminating: false,
    };
    let record = failure(Some(&good), &result, &immutable);
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(record.reason, "NeedsPerson");
}

#[test]
fn a_first_failure_makes_a_pending_record() {
    let away = Error::Unanswered { operation: "write a Secret" };
    let record = failure(None, &connection(), &away);
    assert_eq!((record.state, record.attempts, record.digest), (State::Pending, 1, None));
}

#[test]
fn a_secret_counts_as_restored_only_when_nothing_new_was_asked() {
    let result = connection();
    let secret =
        |name: &str, version: &str| at_version(stored(&json!({"name": name}), &[]), version);
    let record = ready(&result, &[("credentials", "1"), ("secret", "2")]);
    let digest = result.digest();
    let kept = || Step::Keep(secret("credentials", "1"));
    let told = |record: &Record, digest: &Digest, steps: &[Step]| {
        restored(Some(record), digest, steps).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let deleted = [kept(), Step::Create(secret("secret", ""))];
    assert_eq!(told(&record, &digest, &deleted), ["secret"]);
    let edited = [kept(), Step::Replace(secret("secret", "3"))];
    assert_eq!(told(&record, &digest, &edited), ["secret"]);
    let both = [Step::Create(secret("credentials", "")), Step::Replace(secret("secret", "3"))];
    assert_eq!(told(&record, &digest, &both), ["credentials", "secret"]);

    let rotated = [Step::Keep(secret("credentials", "9")), Step::Replace(secret("secret", "2"))];
    assert!(told(&record, &digest, &rotated).is_empty());
    let other = Connection { simulated: true, ..connection() };
    assert!(told(&record, &other.digest(), &deleted).is_empty(), "another result");
    let never_written = ready(&result, &[("credentials", "1")]);
    assert!(told(&never_written, &digest, &deleted).is_empty());
    assert!(restored(None, &digest, &deleted).is_empty());
}

#[test]
fn a_claim_that_is_gone_leaves_an_absent_record() {
    let result = Connection { item_id: ItemId::random(), ..connection() };
    let record = absent(&result);
    assert_eq!((record.state, record.item_id), (State::Absent, result.item_id));
}
