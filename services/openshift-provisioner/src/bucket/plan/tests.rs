use proto::Kind;
use serde_json::{Value, json};

use super::*;
use crate::bucket::ask::render;
use crate::fixtures::{claim, with};

const NAME: &str = "orders-x";

fn wanted(class: &str, sight: &Sight<ObjectBucketClaim>) -> Wanted {
    let ask = Ask { storage_class_name: class.to_owned(), ..Ask::default() };
    render(&claim(Kind::BlobStorage), NAME, ask, sight)
}

/// What exists once it was applied with the class `a`.
fn found(changes: Value) -> Sight<ObjectBucketClaim> {
    let made = wanted("a", &Sight::Nothing).manifest;
    Sight::There(Box::new(with(&made, changes)))
}

fn decide(class: Option<&str>, sight: &Sight<ObjectBucketClaim>, was_observed: bool) -> Plan {
    let wanted = class.map(|class| wanted(class, sight));
    plan(wanted.as_ref(), NAME, sight, was_observed)
}

fn failure(plan: Plan) -> (ErrorClass, String) {
    match plan {
        Plan::Fail(class, why) => (class, why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_asked_and_nothing_there_is_a_placeholder() {
    assert_eq!(decide(None, &Sight::Nothing, false), Plan::Placeholder);
    assert_eq!(decide(None, &Sight::NotServed, false), Plan::Placeholder);
}

#[test]
fn what_is_asked_is_made_once_and_never_again() {
    assert!(matches!(decide(Some("a"), &Sight::Nothing, false), Plan::Create(_)));
    for asked in [Some("a"), None] {
        let (class, why) = failure(decide(asked, &Sight::Nothing, true));
        assert_eq!(class, ErrorClass::NeedsPerson);
        assert!(why.contains(NAME), "{why}");
    }
}

#[test]
fn a_cluster_that_serves_none_is_told_how_to_get_them() {
    let (class, why) = failure(decide(Some("a"), &Sight::NotServed, false));
    assert_eq!(class, ErrorClass::Transient);
    assert!(why.contains("strategy.objectBucketClaim"), "{why}");
    // Nothing proves that it is gone.
    let (class, why) = failure(decide(None, &Sight::NotServed, true));
    assert_eq!(class, ErrorClass::Transient);
    assert!(why.contains("install their definition"), "{why}");
}

#[test]
fn every_phase_of_the_provisioner_is_told() {
    let at = |phase: &str| decide(Some("a"), &found(json!({"status": {"phase": phase}})), true);
    let waits = |plan| match plan {
        Plan::Wait(message) => message,
        other => panic!("{other:?}"),
    };
    let untaken = waits(decide(Some("a"), &found(json!({})), true));
    assert!(untaken.contains("StorageClass a exists"), "{untaken}");
    assert!(waits(at("Pending")).contains("makes the bucket"));
    assert_eq!(at("Bound"), Plan::Publish);
    assert_eq!(failure(at("Failed")).0, ErrorClass::Transient);
    assert_eq!(failure(at("Released")).0, ErrorClass::NeedsPerson);
    let deleted = found(json!({
        "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Bound"},
    }));
    assert_eq!(failure(decide(Some("a"), &deleted, true)).0, ErrorClass::NeedsPerson);
}

#[test]
fn what_the_provisioner_adds_is_its_own_and_what_others_change_is_brought_back() {
    let theirs = json!({
        "metadata": {"labels": {"bucket-provisioner": "x"}, "finalizers": ["objectbucket.io/finalizer"]},
        "status": {"phase": "Bound"},
    });
    assert_eq!(decide(Some("a"), &found(theirs), true), Plan::Publish);
    let edited = found(json!({"metadata": {"annotations": {"integreatly.org/rendered": "x"}}}));
    assert!(matches!(decide(Some("a"), &edited, true), Plan::Apply(_)));
    assert!(matches!(decide(None, &edited, true), Plan::Wait(_)), "nobody asks for anything");
}

#[test]
fn another_class_is_refused_until_there_is_a_bucket_and_told_from_then_on() {
    let path = "strategy.objectBucketClaim.storageClassName: ";
    let (class, why) = failure(decide(Some("b"), &found(json!({})), true));
    assert_eq!(class, ErrorClass::Invalid);
    assert!(why.starts_with(path) && why.ends_with("make it again"), "{why}");
    let bound = found(json!({"status": {"phase": "Bound"}}));
    for asked in [Some("b"), None] {
        assert_eq!(decide(asked, &bound, true), Plan::Publish);
    }
    let ask = Ask { storage_class_name: "b".to_owned(), ..Ask::default() };
    assert!(ready_message(NAME, "a", Some(&ask)).contains(path));
}

#[test]
fn a_bucket_that_nobody_asks_for_any_more_stays_and_is_told() {
    assert!(ready_message(NAME, "a", None).contains("stays until the claim is deleted"));
    let ask = Ask { ignored: vec!["strategy.x".to_owned()], ..Ask::default() };
    assert!(ready_message(NAME, "", Some(&ask)).ends_with("ignored: strategy.x"));
}
