use super::super::desired::{Desired, Target};
use super::super::fixture::{desired, group, item, member, observed, with};
use super::super::strategy::Strategy;
use super::*;
use crate::aws::elasticache::Member;

fn compared(desired: &Desired, group: &Group, members: &[Member]) -> Comparison {
    let mut observed = observed(group.clone());
    observed.members = (!members.is_empty()).then(|| members.to_vec());
    compare(desired, group, &observed).unwrap()
}

fn changes(comparison: &Comparison) -> Vec<(&'static str, String, String, Effect)> {
    let change = |it: &Difference| {
        (it.change.field, it.change.from.clone(), it.change.to.clone(), it.change.effect)
    };
    comparison.differences.iter().map(change).collect()
}

#[test]
fn each_field_that_differs_is_found_with_what_its_change_does() {
    let usual = || desired("{}");
    let table = [
        (
            r#"{"CacheNodeType":"cache.m5.large"}"#,
            "CacheNodeType",
            "cache.t3.micro",
            "cache.m5.large",
            Effect::Restart,
        ),
        (r#"{"SnapshotRetentionLimit":7}"#, "SnapshotRetentionLimit", "31", "7", Effect::Harmless),
        (r#"{"SnapshotRetentionLimit":0}"#, "SnapshotRetentionLimit", "31", "0", Effect::Replace),
        (
            r#"{"AutomaticFailoverEnabled":false}"#,
            "AutomaticFailoverEnabled",
            "true",
            "false",
            Effect::Harmless,
        ),
        (
            r#"{"PreferredMaintenanceWindow":"sun:01:00-sun:02:00"}"#,
            "PreferredMaintenanceWindow",
            "mon:07:00-mon:08:00",
            "sun:01:00-sun:02:00",
            Effect::Harmless,
        ),
        (
            r#"{"CacheParameterGroupName":"ours"}"#,
            "CacheParameterGroupName",
            "default.redis7",
            "ours",
            Effect::Restart,
        ),
        (r#"{"EngineVersion":"7.2"}"#, "EngineVersion", "7.1.0", "7.2", Effect::Restart),
        (r#"{"EngineVersion":"8.0"}"#, "EngineVersion", "7.1.0", "8.0", Effect::Replace),
    ];
    for (create, field, from, to, effect) in table {
        let desired = desired(&format!(r#"{{"createStrategy":{create}}}"#));
        let found = compared(&desired, &group(&usual()), &[member(&usual(), "7.1.0", &[])]);
        let expected = format!("createStrategy.{field}");
        let [(name, was, is, does)] = &changes(&found)[..] else { panic!("{create}: {found:?}") };
        assert_eq!(
            (*name, was.as_str(), is.as_str(), *does),
            (expected.as_str(), from, to, effect)
        );
    }
}

#[test]
fn what_is_as_desired_or_not_told_by_aws_is_no_difference() {
    let named = desired(
        r#"{"createStrategy":{"EngineVersion":"7.1","PreferredMaintenanceWindow":"Mon:07:00-Mon:08:00","MultiAZEnabled":true}}"#,
    );
    let found = group(&desired("{}"));
    assert_eq!(compared(&named, &found, &[member(&named, "7.1.0", &[])]), Comparison::default());
    assert_eq!(compared(&named, &found, &[]), Comparison::default());
    let bare = Group { settings: Vec::new(), ..found };
    assert_eq!(compared(&desired("{}"), &bare, &[]), Comparison::default());
}

#[test]
fn what_is_pending_is_no_difference_and_is_taken_back_by_asking_for_the_old_value() {
    let larger = desired(r#"{"createStrategy":{"CacheNodeType":"cache.m5.large"}}"#);
    let pending = [Setting::NodeType("cache.m5.large".into())];
    let usual = desired("{}");
    let members = [member(&usual, "7.1.0", &pending)];
    let found = compared(&larger, &group(&usual), &members);
    assert_eq!((found.differences.len(), found.pending.len()), (0, 1));
    let undone = compared(&usual, &group(&usual), &members);
    assert_eq!(
        changes(&undone),
        [(
            "createStrategy.CacheNodeType",
            "cache.m5.large".into(),
            "cache.t3.micro".into(),
            Effect::Harmless
        )]
    );
}

#[test]
fn w68_a_version_is_changed_only_when_somebody_names_one_and_never_back() {
    let usual = desired("{}");
    let old = [member(&usual, "5.0.6", &[])];
    assert_eq!(compared(&usual, &group(&usual), &old), Comparison::default());
    let older = desired(r#"{"createStrategy":{"EngineVersion":"4.0"}}"#);
    let found = compared(&older, &group(&usual), &old);
    assert!(found.differences.is_empty());
    assert_eq!(found.notes, ["it runs redis 5.0.6, and AWS does not go back to 4.0"]);
    let mut claims = item(r#"{"createStrategy":{"EngineVersion":"4.0"}}"#);
    claims.options.engine_version = "6.2".into();
    let strategy =
        Strategy::read(&claims.strategy.clone().unwrap(), claims.cluster.defaults).unwrap();
    let target = Target::new(&claims, &claims.placement, super::super::fixture::place());
    let desired = Desired::new(target, &claims, &strategy.strategy).unwrap();
    assert_eq!(changes(&compared(&desired, &group(&usual), &old))[0].2, "6.2");
}

#[test]
fn l06_the_engine_of_a_group_stays() {
    let (redis, valkey) = (desired("{}"), desired(r#"{"createStrategy":{"Engine":"valkey"}}"#));
    let found = group(&redis);
    let error = compare(&valkey, &found, &observed(found.clone())).unwrap_err();
    assert_eq!(error, Problem::Immutable { field: "the engine", found: "redis".into() });
    // Nobody names one: it keeps what it has.
    let found = group(&valkey);
    assert!(compare(&redis, &found, &observed(found.clone())).is_ok());
}

#[test]
fn w48_an_existing_group_keeps_its_encryption_and_its_nodes_and_says_so() {
    let named = desired(
        r#"{"auth":true,"createStrategy":{"TransitEncryptionEnabled":true,"NumCacheClusters":3}}"#,
    );
    let plain = Group { has_tls: false, has_auth: false, ..group(&desired("{}")) };
    let found = compared(&named, &plain, &[]);
    assert!(found.differences.is_empty());
    assert_eq!(
        found.notes,
        [
            "auth is true for new groups, and this one keeps false",
            "createStrategy.NumCacheClusters is 3 for new groups, and this one keeps 2",
            "createStrategy.TransitEncryptionEnabled is true for new groups, and this one keeps false",
        ]
    );
    assert_eq!(compared(&desired("{}"), &plain, &[]), Comparison::default());
}

#[test]
fn a_group_of_one_node_has_nothing_to_fail_over_to() {
    let alone = Group { nodes: 1, ..group(&desired("{}")) };
    let alone = with(alone, Setting::AutomaticFailover(false));
    assert!(compared(&desired("{}"), &alone, &[]).differences.is_empty());
}
