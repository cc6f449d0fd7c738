use proto::{Defaults, ErrorClass};

use super::super::fixture::{desired, desired_of, instance, item, with};
use super::*;

const CLASS: &str = r#"{"createStrategy":{"DBInstanceClass":"db.m5.large"}}"#;

fn observed(instance: Instance) -> Observed {
    Observed { instance: Some(instance), has_password: true, ..Observed::default() }
}

fn offering(versions: &[&str]) -> Observed {
    let offered = versions.iter().map(|&it| it.to_owned()).collect();
    Observed { offered: Some(offered), ..Observed::default() }
}

fn planned(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &Known::default()).unwrap()
}

fn failed(desired: &Desired, observed: &Observed, known: &Known) -> (ErrorClass, &'static str) {
    let error = plan(desired, observed, known).unwrap_err();
    (error.class(), error.reason())
}

fn with_window(json: &str, defaults: Defaults, immediately: bool) -> Desired {
    let mut item = item(json);
    item.options.maintenance_window = true;
    item.options.apply_immediately = immediately;
    item.cluster.defaults = defaults;
    desired_of(&item)
}

/// The instance of an earlier strategy.
fn usual() -> Instance {
    instance(&desired("{}"))
}

#[test]
fn a02_a06_an_instance_is_made_only_when_it_is_proven_that_there_is_none() {
    let desired = desired("{}");
    let none = offering(&["15.15"]);
    assert_eq!(planned(&desired, &none), Plan::Create("15.15".into()));
    let hidden = Known { may_be_hidden: true, was_observed: true, ..Known::default() };
    assert_eq!(plan(&desired, &none, &hidden).unwrap(), Plan::Wait(Wait::Hidden));
    let gone = Known { was_observed: true, ..Known::default() };
    assert_eq!(failed(&desired, &none, &gone), (ErrorClass::NeedsPerson, "InstanceGone"));
}

#[test]
fn w68_a_version_that_is_not_offered_makes_nothing() {
    let desired = desired(r#"{"createStrategy":{"EngineVersion":"13.13"}}"#);
    let expected = (ErrorClass::Invalid, "UnknownVersion");
    assert_eq!(failed(&desired, &offering(&["15.15"]), &Known::default()), expected);
}

#[test]
fn w03_an_instance_of_our_name_without_our_tags_is_left_alone() {
    let desired = desired(CLASS);
    for tags in [Tags::new(), [("integreatly.org/clusterID".to_owned(), "other".to_owned())].into()]
    {
        let foreign = Instance { tags, ..usual() };
        let expected = (ErrorClass::Foreign, "NotOwned");
        assert_eq!(failed(&desired, &observed(foreign), &Known::default()), expected);
    }
}

#[test]
fn what_an_instance_is_doing_decides_whether_it_is_waited_for() {
    let desired = desired("{}");
    let plan_of = |status: &str, is_published| {
        let known = Known { is_published, ..Known::default() };
        let instance = Instance { status: status.into(), ..usual() };
        plan(&desired, &observed(instance), &known)
    };
    assert!(matches!(plan_of("creating", false), Ok(Plan::Wait(_))));
    assert!(matches!(plan_of("rebooting", false), Ok(Plan::Wait(_))));
    for status in ["available", "backing-up", "modifying", "storage-optimization"] {
        assert!(matches!(plan_of(status, false), Ok(Plan::Ready(_))), "w34 {status}");
    }
    // W-34: what applications use already does not become unfinished.
    for status in ["rebooting", "upgrading", "maintenance"] {
        assert!(matches!(plan_of(status, true), Ok(Plan::Ready(_))), "{status}");
    }
    for status in ["failed", "stopped", "incompatible-parameters", "storage-full"] {
        let error = plan_of(status, true).unwrap_err();
        assert_eq!((error.class(), error.reason()), (ErrorClass::NeedsPerson, "InstanceStuck"));
    }
    assert_eq!(plan_of("deleting", true).unwrap_err().reason(), "InstanceBeingDeleted");
}

#[test]
fn a_full_instance_gets_more_storage_and_nothing_else() {
    let json = r#"{"createStrategy":{"AllocatedStorage":40,"DBInstanceClass":"db.m5.large"}}"#;
    let full = Instance { status: "storage-full".into(), ..usual() };
    let settings = vec![Setting::AllocatedStorage(40)];
    let modification = Modification { settings, at_once: true, allows_major: false };
    let asked = Plan::Modify(modification, "");
    assert_eq!(planned(&desired(json), &observed(full.clone())), asked);
    // AWS is at it.
    let growing = Instance { pending: vec![Setting::AllocatedStorage(40)], ..full };
    assert!(matches!(planned(&desired(json), &observed(growing)), Plan::Wait(_)));
}

#[test]
fn w04_a_lost_password_is_replaced_only_where_the_strategy_says_so() {
    let mut lost = observed(usual());
    lost.has_password = false;
    let expected = (ErrorClass::NeedsPerson, "PasswordLost");
    assert_eq!(failed(&desired("{}"), &lost, &Known::default()), expected);
    let resets = desired(r#"{"lostPassword":"reset"}"#);
    assert_eq!(planned(&resets, &lost), Plan::ResetPassword);
    lost.instance.as_mut().unwrap().status = "backing-up".into();
    assert!(matches!(planned(&resets, &lost), Plan::Wait(_)));
}

#[test]
fn a_change_that_restarts_goes_to_the_instances_own_window_or_to_the_claims() {
    let settings = || vec![Setting::Class("db.m5.large".into())];
    let modify = |at_once| {
        Plan::Modify(Modification { settings: settings(), at_once, allows_major: false }, "")
    };
    let found = observed(usual());
    assert_eq!(planned(&desired(CLASS), &found), modify(false));
    assert_eq!(planned(&with_window(CLASS, Defaults::Secure, false), &found), modify(true));
    assert_eq!(planned(&with_window(CLASS, Defaults::Cro, false), &found), modify(false));
    assert_eq!(planned(&with_window(CLASS, Defaults::Cro, true), &found), modify(true));
}

#[test]
fn what_waits_for_the_claims_window_is_told_and_not_sent() {
    let mut item = item(CLASS);
    item.cluster.defaults = Defaults::Cro;
    let Plan::Ready(report) = planned(&desired_of(&item), &observed(usual())) else { panic!() };
    let expected = "createStrategy.DBInstanceClass from db.t3.small to db.m5.large";
    assert!(report.message(&[]).ends_with(expected), "{report:?}");
    let port = desired(r#"{"createStrategy":{"Port":5433}}"#);
    let Plan::Ready(report) = planned(&port, &observed(usual())) else { panic!() };
    assert_eq!(report.held[0].field, "createStrategy.Port");
}

#[test]
fn w25_a_harmless_change_does_not_bring_on_a_restart_that_is_pending() {
    let json = r#"{"createStrategy":{"DBInstanceClass":"db.m5.large","BackupRetentionPeriod":7}}"#;
    let mut found = usual();
    let settings = vec![Setting::BackupRetention(7)];
    let modify = |at_once| {
        Plan::Modify(Modification { settings: settings.clone(), at_once, allows_major: false }, "")
    };
    // Harmless ones first, at once; then those that restart, in their window.
    assert_eq!(planned(&desired(json), &observed(found.clone())), modify(true));
    found.pending = vec![Setting::Class("db.m5.large".into())];
    assert_eq!(planned(&desired(json), &observed(found)), modify(false));
}

#[test]
fn a_window_that_opens_brings_on_what_is_pending_once() {
    let mut found = usual();
    found.pending = vec![Setting::Class("db.m5.large".into())];
    let open = with_window(CLASS, Defaults::Secure, false);
    let settings = found.pending.clone();
    let modification = Modification { settings, at_once: true, allows_major: false };
    assert_eq!(planned(&open, &observed(found.clone())), Plan::Modify(modification, NOW));
    let asked = ("now createStrategy.DBInstanceClass".to_owned(), "db.m5.large".to_owned());
    let known = Known { asked: [asked].into(), ..Known::default() };
    assert!(matches!(plan(&open, &observed(found), &known).unwrap(), Plan::Ready(_)));
}

#[test]
fn what_aws_has_accepted_is_not_sent_again_though_it_does_not_show() {
    let asked = ("createStrategy.DBInstanceClass".to_owned(), "db.m5.large".to_owned());
    let known = Known { asked: [asked].into(), ..Known::default() };
    let Plan::Ready(report) = plan(&desired(CLASS), &observed(usual()), &known).unwrap() else {
        panic!()
    };
    assert_eq!(report.pending[0].to, "db.m5.large");
    let other = desired(r#"{"createStrategy":{"DBInstanceClass":"db.r5.large"}}"#);
    assert!(matches!(plan(&other, &observed(usual()), &known).unwrap(), Plan::Modify(..)));
}

#[test]
fn w68_a_major_version_waits_for_the_claims_window_and_a_minor_one_does_not() {
    let minor = r#"{"createStrategy":{"EngineVersion":"15.16"}}"#;
    let major = r#"{"createStrategy":{"EngineVersion":"16"}}"#;
    let mut found = observed(usual());
    found.offered = offering(&["15.15", "15.16", "16.2", "16.3"]).offered;
    let modify = |version: &str, at_once, allows_major| {
        let settings = vec![Setting::EngineVersion(version.into())];
        Plan::Modify(Modification { settings, at_once, allows_major }, "")
    };
    assert_eq!(planned(&desired(minor), &found), modify("15.16", false, false));
    assert!(matches!(planned(&desired(major), &found), Plan::Ready(_)));
    let open = with_window(major, Defaults::Secure, false);
    assert_eq!(planned(&open, &found), modify("16.3", true, true));
    let unknown = desired(r#"{"createStrategy":{"EngineVersion":"15.99"}}"#);
    let error = plan(&unknown, &found, &Known::default()).unwrap_err();
    assert_eq!(error.reason(), "UnknownVersion");
}

#[test]
fn versions_are_asked_for_only_where_they_decide() {
    let known = Known::default();
    assert!(needs_versions(&desired("{}"), None, &known));
    let hidden = Known { may_be_hidden: true, ..Known::default() };
    assert!(!needs_versions(&desired("{}"), None, &hidden));
    assert!(!needs_versions(&desired(CLASS), Some(&usual()), &known));
    let upgrade = desired(r#"{"createStrategy":{"EngineVersion":"15.16"}}"#);
    assert!(needs_versions(&upgrade, Some(&usual()), &known));
}

#[test]
fn w71_maintenance_that_the_strategy_wants_is_done_when_a_restart_is_allowed() {
    let json = r#"{"serviceUpdates":["1000"]}"#;
    let action = |after, opt_in: Option<&str>| PendingAction {
        arn: usual().arn,
        action: "system-update".into(),
        applied_at: None,
        auto_applied_after: after,
        opt_in: opt_in.map(str::to_owned),
    };
    let planned_for = |desired: &Desired, action: PendingAction| {
        let observed = Observed { actions: vec![action], ..observed(usual()) };
        match planned(desired, &observed) {
            Plan::Maintain(_, opt_in) => Some(opt_in),
            _ => None,
        }
    };
    let secure = desired(json);
    assert_eq!(planned_for(&secure, action(Some(999), None)), Some(OptIn::NextMaintenance));
    for skipped in [
        action(Some(1000), None),
        action(None, None),
        action(Some(1), Some("next-maintenance")),
        action(Some(1), Some("immediate")),
    ] {
        assert_eq!(planned_for(&secure, skipped), None);
    }
    let open = with_window(json, Defaults::Secure, false);
    assert_eq!(
        planned_for(&open, action(Some(1), Some("next-maintenance"))),
        Some(OptIn::Immediate)
    );
    let mut held = item(json);
    held.cluster.defaults = Defaults::Cro;
    assert_eq!(planned_for(&desired_of(&held), action(Some(1), None)), None);
    // It is asked for once, though AWS takes a while to show it.
    let due = Observed { actions: vec![action(Some(1), None)], ..observed(usual()) };
    let Plan::Maintain(asked, opt_in) = planned(&secure, &due) else { panic!() };
    let asked = [(format!("maintenance {}", asked.action), opt_in.as_str().to_owned())];
    let known = Known { asked: asked.into(), ..Known::default() };
    assert!(matches!(plan(&secure, &due, &known).unwrap(), Plan::Ready(_)));
    assert!(matches!(plan(&open, &due, &known).unwrap(), Plan::Maintain(_, OptIn::Immediate)));
}

#[test]
fn changes_wait_while_aws_is_busy_and_are_told() {
    let busy = Instance { status: "backing-up".into(), ..usual() };
    let Plan::Ready(report) = planned(&desired(CLASS), &observed(busy)) else { panic!() };
    assert_eq!(report.later[0].field, "createStrategy.DBInstanceClass");
}

#[test]
fn tags_come_first_and_those_of_others_stay() {
    let mut found = usual();
    found.tags.insert("theirs".into(), "x".into());
    assert!(matches!(planned(&desired("{}"), &observed(found.clone())), Plan::Ready(_)));
    found.tags.remove("red-hat-managed");
    assert_eq!(planned(&desired(CLASS), &observed(found)), Plan::Tag(desired("{}").tags));
}

#[test]
fn settings_that_nobody_named_are_left_as_they_are() {
    let found = with(usual(), Setting::StorageType("gp3".into()));
    let found = with(found, Setting::BackupWindow("03:00-04:00".into()));
    assert!(matches!(planned(&desired("{}"), &observed(found)), Plan::Ready(_)));
}
