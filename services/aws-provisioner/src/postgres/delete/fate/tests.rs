use proto::ErrorClass;

use super::super::super::fixture::{desired, instance, item, place, with};
use super::*;
use crate::facts::deletion::KnownDeletion;
use crate::tags::Tags;

fn target() -> Target {
    desired("{}").target
}

fn policy(json: &str) -> Policy {
    let item = item(json);
    let tier = item.strategy.clone().unwrap();
    let strategy = Strategy::read(&tier, item.cluster.defaults).unwrap().strategy;
    Policy { own_snapshot: "own".into(), ..Policy::new(Some(&strategy), &target(), &item.item_id) }
}

/// Not protected any more.
fn found() -> Instance {
    with(instance(&desired("{}")), Setting::DeletionProtection(false))
}

fn knowing(deletion: KnownDeletion) -> Known {
    Known { deletion, ..Known::default() }
}

fn fate_of(instance: &Instance, policy: &Policy, known: &Known) -> Result<Fate, Error> {
    fate(&target(), Some(instance), policy, known)
}

fn deleted(policy: &Policy, known: &Known) -> (Option<String>, bool) {
    match fate_of(&found(), policy, known) {
        Ok(Fate::Delete(it)) => (it.final_snapshot, it.deletes_backups),
        other => panic!("{other:?}"),
    }
}

#[test]
fn absence_must_be_proven() {
    let hidden = Known { may_be_hidden: true, ..Known::default() };
    let policy = policy("{}");
    assert_eq!(fate(&target(), None, &policy, &hidden).unwrap(), Fate::Hidden);
    assert_eq!(fate(&target(), None, &policy, &Known::default()).unwrap(), Fate::Gone);
}

#[test]
fn w03_only_what_is_ours_is_deleted() {
    let policy = policy("{}");
    let foreign = Instance { tags: Tags::new(), ..found() };
    assert_eq!(fate_of(&foreign, &policy, &Known::default()).unwrap(), Fate::Foreign);
    let observed = Known { was_observed: true, ..Known::default() };
    let error = fate_of(&foreign, &policy, &observed).unwrap_err();
    assert_eq!((error.class(), error.reason()), (ErrorClass::Foreign, "NotOwned"));
    let mut successors = found();
    successors.tags.insert("integreatly.org/claim-uid".into(), "another".into());
    assert_eq!(fate_of(&successors, &policy, &observed).unwrap(), Fate::Foreign);
}

#[test]
fn data_is_kept_by_a_final_snapshot_unless_the_strategy_says_otherwise() {
    let known = Known::default();
    assert_eq!(deleted(&policy("{}"), &known), (Some("own".into()), true));
    let named = policy(r#"{"deleteStrategy":{"FinalDBSnapshotIdentifier":"last"}}"#);
    assert_eq!(deleted(&named, &known), (Some("last".into()), true));
    let skips =
        policy(r#"{"deleteStrategy":{"SkipFinalSnapshot":true,"DeleteAutomatedBackups":false}}"#);
    assert_eq!(deleted(&skips, &known), (None, false));
}

#[test]
fn a_snapshot_name_that_is_taken_is_replaced_and_one_that_was_taken_by_us_is_not_taken_again() {
    let named = policy(r#"{"deleteStrategy":{"FinalDBSnapshotIdentifier":"last"}}"#);
    let taken = knowing(KnownDeletion { taken: Some("last".into()), ..KnownDeletion::default() });
    assert_eq!(deleted(&named, &taken).0.as_deref(), Some("own"));
    let done = knowing(KnownDeletion { has_snapshot: true, ..KnownDeletion::default() });
    assert_eq!(deleted(&named, &done).0, None);
}

#[test]
fn w13_without_a_readable_strategy_every_copy_of_the_data_is_kept() {
    let policy = Policy::new(None, &target(), &item("{}").item_id);
    let (snapshot, deletes_backups) = deleted(&policy, &Known::default());
    assert!(snapshot.unwrap().starts_with(&target().id) && !deletes_backups);
}

#[test]
fn w14_an_instance_in_any_state_is_deleted() {
    let policy = policy("{}");
    for status in ["available", "stopped", "storage-full", "creating", "modifying", "odd"] {
        let found = Instance { status: status.into(), ..found() };
        let fate = fate_of(&found, &policy, &Known::default()).unwrap();
        assert!(matches!(fate, Fate::Delete(it) if it.final_snapshot.is_some()), "{status}");
    }
    let going = Instance { status: "deleting".into(), ..found() };
    assert_eq!(fate_of(&going, &policy, &Known::default()).unwrap(), Fate::Going);
}

#[test]
fn w14_where_aws_takes_no_snapshot_automated_backups_keep_the_data() {
    for status in ["failed", "incompatible-restore", "incompatible-network"] {
        let broken = Instance { status: status.into(), ..found() };
        let kept = Deletion { final_snapshot: None, deletes_backups: false };
        let fate = fate_of(&broken, &policy("{}"), &Known::default()).unwrap();
        assert_eq!(fate, Fate::Delete(kept));
        let bare = with(broken.clone(), Setting::BackupRetention(0));
        let error = fate_of(&bare, &policy("{}"), &Known::default()).unwrap_err();
        assert_eq!(error.reason(), "NothingKeepsData");
        let skips = policy(r#"{"deleteStrategy":{"SkipFinalSnapshot":true}}"#);
        assert!(matches!(fate_of(&bare, &skips, &Known::default()).unwrap(), Fate::Delete(_)));
    }
}

#[test]
fn w11_protection_is_switched_off_only_where_it_is_ours() {
    let found = instance(&desired("{}"));
    let fate_with = |json: &str, has_our_protection| {
        let known = knowing(KnownDeletion { has_our_protection, ..KnownDeletion::default() });
        fate_of(&found, &policy(json), &known).map_err(|error| error.reason())
    };
    let (on, off) = (
        r#"{"createStrategy":{"DeletionProtection":true}}"#,
        r#"{"createStrategy":{"DeletionProtection":false}}"#,
    );
    assert_eq!(fate_with("{}", false), Ok(Fate::Unprotect));
    assert_eq!(fate_with(off, true), Ok(Fate::Unprotect));
    assert_eq!(fate_with(off, false), Err("DeletionProtected"));
    assert_eq!(fate_with(on, true), Err("DeletionProtected"));
}

#[test]
fn the_name_of_the_final_snapshot_is_the_same_for_every_repeat_of_one_deletion() {
    let (one, other) = (item("{}").item_id, item("{}").item_id);
    let id = format!("cro-{}", "n".repeat(59));
    let name = own_snapshot(&id, &one);
    assert_eq!(name, own_snapshot(&id, &one));
    assert_ne!(name, own_snapshot(&id, &other));
    assert!(name.len() <= 255 && !name.contains("--"));
    assert_eq!(place().region, "eu-west-1");
}
