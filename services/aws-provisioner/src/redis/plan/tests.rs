use std::collections::BTreeMap;

use proto::{Defaults, ErrorClass};

use super::super::fixture::{desired, desired_of, group, item, member, observed, with};
use super::super::known::{KnownAsked, KnownOwner};
use super::*;
use crate::aws::elasticache::Version;

const NODE_TYPE: &str = r#"{"createStrategy":{"CacheNodeType":"cache.m5.large"}}"#;

fn offering(versions: &[&str]) -> Vec<Version> {
    let version = |version: &&str| Version { engine: "redis".into(), version: (*version).into() };
    versions.iter().map(version).collect()
}

fn nothing(versions: &[&str]) -> Observed {
    Observed { offered: Some(offering(versions)), ..Observed::default() }
}

fn planned(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &Known::default()).unwrap()
}

fn failed(desired: &Desired, observed: &Observed, known: &Known) -> (ErrorClass, &'static str) {
    let error = plan(desired, observed, known).unwrap_err();
    (error.class(), error.reason())
}

fn reported(plan: Plan) -> Report {
    match plan {
        Plan::Ready(report) => report,
        other => panic!("{other:?}"),
    }
}

fn with_window(json: &str, defaults: Defaults) -> Desired {
    let mut item = item(json);
    item.options.maintenance_window = true;
    item.cluster.defaults = defaults;
    desired_of(&item)
}

fn having_asked(recently: BTreeMap<String, String>) -> Known {
    Known { asked: KnownAsked { recently, is_open: true }, ..Known::default() }
}

/// The group of an earlier strategy.
fn usual() -> Group {
    group(&desired("{}"))
}

#[test]
fn a_group_is_made_only_when_it_is_proven_that_there_is_none() {
    let desired = desired("{}");
    let none = nothing(&["7.1"]);
    assert_eq!(planned(&desired, &none), Plan::Create("7.1".into()));
    let hidden = Known { may_be_hidden: true, was_observed: true, ..Known::default() };
    assert_eq!(plan(&desired, &none, &hidden).unwrap(), Plan::Wait(Wait::Hidden));
    let gone = Known { was_observed: true, ..Known::default() };
    let expected = (ErrorClass::NeedsPerson, "ReplicationGroupGone");
    assert_eq!(failed(&desired, &none, &gone), expected);
}

#[test]
fn w14_a_group_that_was_never_made_is_told_though_aws_does_not_tell_whose_it_is() {
    let failed_group = Group { status: "create-failed".into(), ..usual() };
    let found = Observed { tags: None, ..observed(failed_group) };
    let expected = (ErrorClass::NeedsPerson, "ReplicationGroupStuck");
    assert_eq!(failed(&desired("{}"), &found, &Known::default()), expected);
}

#[test]
fn w68_a_version_that_is_not_offered_makes_nothing() {
    let desired = desired(r#"{"createStrategy":{"EngineVersion":"3.2.6"}}"#);
    let expected = (ErrorClass::Invalid, "UnknownVersion");
    assert_eq!(failed(&desired, &nothing(&["7.1"]), &Known::default()), expected);
}

#[test]
fn w03_a_group_of_our_name_without_our_tags_is_left_alone() {
    let desired = desired(NODE_TYPE);
    for tags in [Tags::new(), [("integreatly.org/clusterID".to_owned(), "other".to_owned())].into()]
    {
        let foreign = Observed { tags: Some(tags), ..observed(usual()) };
        let expected = (ErrorClass::Foreign, "NotOwned");
        assert_eq!(failed(&desired, &foreign, &Known::default()), expected);
    }
}

#[test]
fn w03_nothing_is_done_to_a_group_before_aws_tells_whose_it_is() {
    let unread = Observed { tags: None, ..observed(usual()) };
    assert!(matches!(planned(&desired(NODE_TYPE), &unread), Plan::Wait(_)));
    let owner = KnownOwner { is_ours: true, ..KnownOwner::default() };
    let known = Known { owner, ..Known::default() };
    assert!(matches!(plan(&desired(NODE_TYPE), &unread, &known).unwrap(), Plan::Modify(..)));
}

#[test]
fn what_a_group_is_doing_decides_whether_it_is_waited_for() {
    let desired = desired("{}");
    let plan_of = |status: &str, is_published| {
        let known = Known { is_published, ..Known::default() };
        let group = Group { status: status.into(), ..usual() };
        plan(&desired, &observed(group), &known)
    };
    assert!(matches!(plan_of("creating", false), Ok(Plan::Wait(_))));
    assert!(matches!(plan_of("odd", false), Ok(Plan::Wait(_))));
    // W-34: what applications use already does not become unfinished.
    for status in ["available", "modifying", "snapshotting", "odd"] {
        assert!(matches!(plan_of(status, true), Ok(Plan::Ready(_))), "{status}");
    }
    let error = plan_of("create-failed", false).unwrap_err();
    assert_eq!((error.class(), error.reason()), (ErrorClass::NeedsPerson, "ReplicationGroupStuck"));
    assert_eq!(plan_of("deleting", true).unwrap_err().reason(), "ReplicationGroupBeingDeleted");
}

#[test]
fn w21_a_group_without_an_endpoint_or_settings_is_waited_for() {
    let bare = Group { endpoint: None, settings: Vec::new(), engine: None, nodes: 0, ..usual() };
    assert!(matches!(planned(&desired(NODE_TYPE), &observed(bare)), Plan::Wait(_)));
}

#[test]
fn w04_a_lost_token_is_replaced_only_where_the_strategy_says_so() {
    let mut lost = observed(usual());
    lost.has_password = false;
    let expected = (ErrorClass::NeedsPerson, "PasswordLost");
    assert_eq!(failed(&desired("{}"), &lost, &Known::default()), expected);
    let resets = desired(r#"{"lostPassword":"reset"}"#);
    assert_eq!(planned(&resets, &lost), Plan::RotateToken);
    lost.group.as_mut().unwrap().status = "snapshotting".into();
    assert!(matches!(planned(&resets, &lost), Plan::Wait(_)));
    // A group without a token needs none.
    lost.group.as_mut().unwrap().has_auth = false;
    assert!(matches!(planned(&desired("{}"), &lost), Plan::Ready(_)));
}

#[test]
fn w25_changes_are_made_when_they_may_and_shown_until_then() {
    let json =
        r#"{"createStrategy":{"CacheNodeType":"cache.m5.large","SnapshotRetentionLimit":7}}"#;
    let retention = Setting::SnapshotRetention(7);
    let node_type = Setting::NodeType("cache.m5.large".into());
    let modify = |settings: &[Setting], at_once| {
        Plan::Modify(Modification { settings: settings.to_vec(), at_once }, "")
    };
    let found = observed(usual());
    // Harmless ones at once and apart from those that restart, which wait for the group's own window.
    let secure = desired(json);
    assert_eq!(planned(&secure, &found), modify(std::slice::from_ref(&retention), true));
    let done = observed(with(usual(), retention.clone()));
    assert_eq!(planned(&secure, &done), modify(std::slice::from_ref(&node_type), false));
    let open = with_window(json, Defaults::Secure);
    assert_eq!(planned(&open, &found), modify(&[node_type, retention], true));

    let mut held = item(json);
    held.cluster.defaults = Defaults::Cro;
    let report = reported(planned(&desired_of(&held), &found));
    assert_eq!((report.held.len(), report.later.len()), (2, 0));
}

#[test]
fn what_is_pending_is_shown_and_asked_for_at_once_when_the_window_opens() {
    let pending = [Setting::NodeType("cache.m5.large".into())];
    let mut found = observed(usual());
    found.members = Some(vec![member(&desired("{}"), "7.1.0", &pending)]);
    let report = reported(planned(&desired(NODE_TYPE), &found));
    assert_eq!(report.pending[0].to, "cache.m5.large");
    let open = with_window(NODE_TYPE, Defaults::Secure);
    let at_once = Modification { settings: pending.into(), at_once: true };
    assert_eq!(planned(&open, &found), Plan::Modify(at_once, NOW));
    let asked = ("now createStrategy.CacheNodeType".to_owned(), "cache.m5.large".to_owned());
    let known = having_asked([asked].into());
    assert!(matches!(plan(&open, &found, &known).unwrap(), Plan::Ready(_)));
}

#[test]
fn a_harmless_change_does_not_apply_what_is_pending() {
    let json =
        r#"{"createStrategy":{"CacheNodeType":"cache.m5.large","SnapshotRetentionLimit":7}}"#;
    let mut found = observed(usual());
    let pending = [Setting::NodeType("cache.m5.large".into())];
    found.members = Some(vec![member(&desired("{}"), "7.1.0", &pending)]);
    let later = Modification { settings: vec![Setting::SnapshotRetention(7)], at_once: false };
    assert_eq!(planned(&desired(json), &found), Plan::Modify(later, ""));
}

#[test]
fn what_aws_has_accepted_is_not_sent_again_though_it_does_not_show() {
    let asked = ("createStrategy.CacheNodeType".to_owned(), "cache.m5.large".to_owned());
    let known = having_asked([asked].into());
    let report = reported(plan(&desired(NODE_TYPE), &observed(usual()), &known).unwrap());
    assert_eq!(report.pending[0].to, "cache.m5.large");
    let other = desired(r#"{"createStrategy":{"CacheNodeType":"cache.r5.large"}}"#);
    assert!(matches!(plan(&other, &observed(usual()), &known).unwrap(), Plan::Modify(..)));
}

#[test]
fn w68_a_major_version_waits_for_the_claims_window_and_a_minor_one_does_not() {
    let (minor, major) = (
        r#"{"createStrategy":{"EngineVersion":"7.2"}}"#,
        r#"{"createStrategy":{"EngineVersion":"8"}}"#,
    );
    let mut found = observed(usual());
    found.members = Some(vec![member(&desired("{}"), "7.1.0", &[])]);
    found.offered = Some(offering(&["7.1", "7.2", "8.0", "8.1"]));
    let modify = |version: &str, at_once| {
        let settings = vec![Setting::EngineVersion(version.into())];
        Plan::Modify(Modification { settings, at_once }, "")
    };
    assert_eq!(planned(&desired(minor), &found), modify("7.2", false));
    assert_eq!(reported(planned(&desired(major), &found)).held.len(), 1);
    let open = with_window(major, Defaults::Secure);
    assert_eq!(planned(&open, &found), modify("8.1", true));
    let unknown = desired(r#"{"createStrategy":{"EngineVersion":"7.9"}}"#);
    let error = plan(&unknown, &found, &Known::default()).unwrap_err();
    assert_eq!(error.reason(), "UnknownVersion");
}

#[test]
fn versions_and_members_are_asked_for_only_where_they_decide() {
    let known = Known::default();
    assert!(needs_versions(&desired("{}"), &Observed::default(), &known));
    let hidden = Known { may_be_hidden: true, ..Known::default() };
    assert!(!needs_versions(&desired("{}"), &Observed::default(), &hidden));
    assert!(!needs_versions(&desired(NODE_TYPE), &observed(usual()), &known));
    let upgrade = desired(r#"{"createStrategy":{"EngineVersion":"7.2"}}"#);
    let mut found = observed(usual());
    assert!(!needs_versions(&upgrade, &found, &known));
    found.members = Some(vec![member(&upgrade, "7.1.0", &[])]);
    assert!(needs_versions(&upgrade, &found, &known));

    assert!(!needs_members(&desired("{}"), &usual(), &known));
    assert!(needs_members(&upgrade, &usual(), &known));
    assert!(needs_members(&desired(NODE_TYPE), &usual(), &known));
    // What is pending on members would come with any change that is made at once.
    let retention = desired(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#);
    assert!(needs_members(&retention, &usual(), &known));
    let asked = KnownAsked { is_open: true, ..KnownAsked::default() };
    let open = Known { asked, ..Known::default() };
    assert!(needs_members(&desired("{}"), &usual(), &open));
}

#[test]
fn w71_a_service_update_is_applied_when_the_group_may_restart() {
    let json = r#"{"serviceUpdates":["security-1"]}"#;
    let update = |name: &str, is_open| Update {
        group: usual().id,
        name: name.into(),
        is_open,
        apply_by: None,
        details: Vec::new(),
    };
    let found = |update: Update, is_in_window| Observed {
        updates: vec![update],
        is_in_window,
        ..observed(usual())
    };
    let wanted = update("security-1", true);
    let secure = desired(json);
    let report = reported(planned(&secure, &found(wanted.clone(), false)));
    assert_eq!(
        report.notes,
        ["service updates wait for the group's maintenance window: security-1"]
    );
    assert_eq!(planned(&secure, &found(wanted.clone(), true)), Plan::Update(wanted.clone()));
    let open = with_window(json, Defaults::Secure);
    assert_eq!(planned(&open, &found(wanted.clone(), false)), Plan::Update(wanted.clone()));
    for other in [update("security-1", false), update("another", true)] {
        assert!(reported(planned(&open, &found(other, true))).notes.is_empty());
    }
    // It is asked for once, though AWS takes a while to show it.
    let known = having_asked([("update security-1".to_owned(), String::new())].into());
    let found_open = found(wanted.clone(), true);
    assert!(matches!(plan(&open, &found_open, &known).unwrap(), Plan::Ready(_)));
    let mut held = item(json);
    held.cluster.defaults = Defaults::Cro;
    let report = reported(planned(&desired_of(&held), &found(wanted, true)));
    assert_eq!(report.notes, ["service updates wait for spec.maintenanceWindow: security-1"]);
}

#[test]
fn changes_wait_while_aws_is_busy_and_are_told() {
    let busy = Group { status: "snapshotting".into(), ..usual() };
    let report = reported(planned(&desired(NODE_TYPE), &observed(busy)));
    assert_eq!(report.later[0].field, "createStrategy.CacheNodeType");
}

#[test]
fn tags_come_first_and_those_of_others_stay() {
    let mut found = observed(usual());
    let tags = found.tags.as_mut().unwrap();
    tags.insert("theirs".into(), "x".into());
    assert!(matches!(planned(&desired("{}"), &found), Plan::Ready(_)));
    found.tags.as_mut().unwrap().remove("red-hat-managed");
    assert_eq!(planned(&desired(NODE_TYPE), &found), Plan::Tag(desired("{}").tags));
}
