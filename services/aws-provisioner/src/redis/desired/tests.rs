use proto::{Defaults, ErrorClass};

use super::super::fixture::{desired, desired_of, item, network, place};
use super::*;

#[test]
fn w48_a_new_group_is_encrypted_has_tls_and_a_replica_and_is_backed_up() {
    let desired = desired("{}");
    let new = desired.new_group("7.1".into(), &network());
    assert!(new.is_encrypted_at_rest && new.has_tls && desired.has_auth);
    assert_eq!((new.engine.as_str(), new.nodes, new.port), ("redis", 2, None));
    assert_eq!((new.subnet_group.as_str(), new.security_groups.len()), ("cro-subnets", 1));
    assert_eq!(new.description, "A Redis replication group");
    assert_eq!(new.tags["integreatly.org/clusterID"], "cluster");
    let expected = [
        Setting::NodeType("cache.t3.micro".into()),
        Setting::SnapshotRetention(31),
        Setting::AutomaticFailover(true),
        Setting::EngineVersion("7.1".into()),
        Setting::AutoMinorVersionUpgrade(false),
    ];
    assert_eq!(new.settings, expected);
}

#[test]
fn under_the_go_operators_defaults_an_unset_field_means_what_it_meant_there() {
    let mut item = item("{}");
    item.cluster.defaults = Defaults::Cro;
    let desired = desired_of(&item);
    let new = desired.new_group("7.1".into(), &network());
    assert!(new.is_encrypted_at_rest && !new.has_tls && !desired.has_auth);
    assert!(!new.settings.iter().any(|it| matches!(it, Setting::AutoMinorVersionUpgrade(_))));
}

#[test]
fn the_claims_wishes_win_over_the_strategy() {
    let json = r#"{"createStrategy":{"CacheNodeType":"cache.m5.large","EngineVersion":"7.0"}}"#;
    let mut item = item(json);
    item.options.size = "cache.r5.large".into();
    item.options.engine = "valkey".into();
    item.options.engine_version = "8.0".into();
    let desired = desired_of(&item);
    assert!(desired.settings.contains(&Setting::NodeType("cache.r5.large".into())));
    assert_eq!((desired.new_engine(), desired.version.as_deref()), ("valkey", Some("8.0")));
    // The strategy's version is one of Redis.
    item.options.engine_version.clear();
    assert_eq!(desired_of(&item).version, None);
    item.options.engine = "redis".into();
    assert_eq!(desired_of(&item).version.as_deref(), Some("7.0"));
}

#[test]
fn a_claim_that_asks_for_something_else_is_refused_with_its_path() {
    let refused = |change: &dyn Fn(&mut WorkItem)| {
        let mut item = item("{}");
        change(&mut item);
        let target = Target::new(&item, &item.placement, place());
        let error = Desired::new(target, &item, &Strategy::default()).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Invalid);
        error.to_string()
    };
    assert!(refused(&|item| item.options.engine = "memcached".into()).starts_with("spec.engine:"));
    assert!(refused(&|item| item.options.size = "huge".into()).starts_with("spec.size:"));
}

#[test]
fn one_node_has_no_failover() {
    let desired = desired(r#"{"createStrategy":{"NumCacheClusters":1}}"#);
    assert!(desired.settings.contains(&Setting::AutomaticFailover(false)));
    assert_eq!(desired.new_group("7.1".into(), &network()).nodes, 1);
}

#[test]
fn w54_an_arn_has_the_partition_of_its_place() {
    let place = Place { partition: "aws-us-gov".into(), ..place() };
    let item = item("{}");
    let target = Target::new(&item, &item.placement, place);
    let prefix = "arn:aws-us-gov:elasticache:eu-west-1:1:replicationgroup:cro-team-cache-";
    assert!(target.arn().starts_with(prefix), "{}", target.arn());
}

#[test]
fn w02_the_pinned_name_is_used_for_life() {
    let mut item = item("{}");
    item.placement.identifier = Some("theirs".into());
    assert_eq!(Target::new(&item, &item.placement, place()).id, "theirs");
}
