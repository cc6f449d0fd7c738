use proto::ErrorClass;

use super::super::super::fixture::{desired, group, item};
use super::super::super::known::KnownOwner;
use super::*;
use crate::facts::deletion::KnownDeletion;

fn target() -> Target {
    desired("{}").target
}

fn policy(json: &str) -> Policy {
    let item = item(json);
    let tier = item.strategy.clone().unwrap();
    let strategy = Strategy::read(&tier, item.cluster.defaults).unwrap().strategy;
    Policy { own_snapshot: "own".into(), ..Policy::new(Some(&strategy), &target(), &item.item_id) }
}

fn found(status: &str) -> Group {
    Group { status: status.into(), ..group(&desired("{}")) }
}

fn ours() -> Tags {
    desired("{}").tags
}

fn knowing(deletion: KnownDeletion) -> Known {
    Known { deletion, ..Known::default() }
}

fn snapshot_of(policy: &Policy, known: &Known) -> Option<String> {
    match fate(&target(), Some(&found("available")), Some(&ours()), policy, known) {
        Ok(Fate::Delete(snapshot)) => snapshot,
        other => panic!("{other:?}"),
    }
}

#[test]
fn absence_must_be_proven() {
    let hidden = Known { may_be_hidden: true, ..Known::default() };
    let fate = |known| fate(&target(), None, None, &policy("{}"), known).unwrap();
    assert_eq!(fate(&hidden), Fate::Hidden);
    assert_eq!(fate(&Known::default()), Fate::Gone);
}

#[test]
fn w03_only_what_is_ours_is_deleted() {
    let fate = |tags: &Tags, known: &Known| {
        fate(&target(), Some(&found("available")), Some(tags), &policy("{}"), known)
    };
    assert_eq!(fate(&Tags::new(), &Known::default()).unwrap(), Fate::Foreign);
    let observed = Known { was_observed: true, ..Known::default() };
    let error = fate(&Tags::new(), &observed).unwrap_err();
    assert_eq!((error.class(), error.reason()), (ErrorClass::Foreign, "NotOwned"));
    let mut successors = ours();
    successors.insert("integreatly.org/claim-uid".into(), "another".into());
    assert_eq!(fate(&successors, &observed).unwrap(), Fate::Foreign);
}

#[test]
fn w14_a_group_whose_tags_aws_does_not_tell_goes_if_it_is_known_as_ours() {
    let fate = |owner: KnownOwner, status: &str| {
        let known = Known { owner, ..Known::default() };
        fate(&target(), Some(&found(status)), None, &policy("{}"), &known)
    };
    let ours = KnownOwner { is_ours: true, ..KnownOwner::default() };
    let asked_for = KnownOwner { was_asked_for: true, ..KnownOwner::default() };
    for owner in [ours, asked_for] {
        assert_eq!(fate(owner.clone(), "modifying").unwrap(), Fate::Delete(Some("own".into())));
        // What was never made holds nothing.
        assert_eq!(fate(owner, "create-failed").unwrap(), Fate::Delete(None));
    }
    let unknown = KnownOwner::default;
    assert_eq!(fate(unknown(), "creating").unwrap(), Fate::Busy("creating".into()));
    // AWS never will tell.
    let error = fate(unknown(), "create-failed").unwrap_err();
    assert_eq!(error.class(), ErrorClass::NeedsPerson);
    assert_eq!(error.reason(), "ReplicationGroupUnidentified");
}

#[test]
fn w14_a_group_in_any_state_is_deleted() {
    for status in ["available", "modifying", "snapshotting", "creating", "odd"] {
        let fate =
            fate(&target(), Some(&found(status)), Some(&ours()), &policy("{}"), &Known::default());
        assert_eq!(fate.unwrap(), Fate::Delete(Some("own".into())), "{status}");
    }
    let going =
        fate(&target(), Some(&found("deleting")), None, &policy("{}"), &Known::default()).unwrap();
    assert_eq!(going, Fate::Going);
}

#[test]
fn w11_data_is_kept_by_a_final_snapshot_unless_the_strategy_says_otherwise() {
    let known = Known::default();
    assert_eq!(snapshot_of(&policy("{}"), &known).as_deref(), Some("own"));
    let named = policy(r#"{"deleteStrategy":{"FinalSnapshotIdentifier":"last"}}"#);
    assert_eq!(snapshot_of(&named, &known).as_deref(), Some("last"));
    let none = policy(r#"{"deleteStrategy":{"FinalSnapshotIdentifier":""}}"#);
    assert_eq!(snapshot_of(&none, &known), None);
    let null = policy(r#"{"deleteStrategy":{"FinalSnapshotIdentifier":null}}"#);
    assert_eq!(snapshot_of(&null, &known).as_deref(), Some("own"));
}

#[test]
fn a_snapshot_name_that_is_taken_is_replaced_and_one_that_was_taken_by_us_is_not_taken_again() {
    let named = policy(r#"{"deleteStrategy":{"FinalSnapshotIdentifier":"last"}}"#);
    let taken = knowing(KnownDeletion { taken: Some("last".into()), ..KnownDeletion::default() });
    assert_eq!(snapshot_of(&named, &taken).as_deref(), Some("own"));
    let done = knowing(KnownDeletion { has_snapshot: true, ..KnownDeletion::default() });
    assert_eq!(snapshot_of(&named, &done), None);
}

#[test]
fn w13_without_a_readable_strategy_the_data_is_kept() {
    let policy = Policy::new(None, &target(), &item("{}").item_id);
    let snapshot = snapshot_of(&policy, &Known::default()).unwrap();
    assert!(snapshot.len() <= 40 && snapshot.starts_with("cro-team-cache-"), "{snapshot}");
}
