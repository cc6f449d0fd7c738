use super::super::fixture::{desired, network};
use super::*;

#[test]
fn a_new_instance_is_encrypted_private_protected_and_backed_up() {
    let new = desired("{}").new_instance("15.15".into(), &network());
    assert!(new.is_encrypted && new.zone.is_none());
    assert_eq!((new.database.as_str(), new.username.as_str()), ("postgres", "postgres"));
    assert_eq!(new.security_groups, ["sg-1"]);
    assert_eq!(new.tags["integreatly.org/clusterID"], "cluster");
    let expected = [
        Setting::Class("db.t3.small".into()),
        Setting::AllocatedStorage(20),
        Setting::MultiAz(true),
        Setting::BackupRetention(31),
        Setting::DeletionProtection(true),
        Setting::PubliclyAccessible(false),
        Setting::Port(5432),
        Setting::AutoMinorVersionUpgrade(false),
        Setting::CopyTagsToSnapshot(true),
        Setting::MaxAllocatedStorage(100),
        Setting::EngineVersion("15.15".into()),
    ];
    assert_eq!(new.settings, expected);
}

#[test]
fn w02_names_are_legal_on_rds_and_differ_where_the_go_operators_collide() {
    let id = |namespace: &str, name: &str| {
        let mut item = super::super::fixture::item("{}");
        (item.identity.namespace, item.identity.name) = (namespace.into(), name.into());
        external_name(&item.cluster.id, &item.identity)
    };
    assert_ne!(id("team-a", "b"), id("team", "ab"));
    let long = id(&"n".repeat(63), &"a.b-".repeat(60));
    assert!(long.len() <= 63 && long.starts_with("cro-"), "{long}");
    assert!(!long.contains("--") && !long.ends_with('-'));
}

#[test]
fn a_zone_is_for_instances_without_a_standby() {
    let zone = r#"{"createStrategy":{"AvailabilityZone":"eu-west-1a"}}"#;
    assert_eq!(desired(zone).new_instance("15".into(), &network()).zone, None);
    let zone = r#"{"createStrategy":{"AvailabilityZone":"eu-west-1a","MultiAZ":false}}"#;
    let zone = desired(zone).new_instance("15".into(), &network()).zone;
    assert_eq!(zone.as_deref(), Some("eu-west-1a"));
}

#[test]
fn storage_has_room_to_grow_unless_it_is_larger_than_the_usual_room() {
    let room = |json: &str| {
        let settings = desired(json).settings.into_iter();
        settings.filter(|it| matches!(it, Setting::MaxAllocatedStorage(_))).collect::<Vec<_>>()
    };
    let large = r#"{"createStrategy":{"AllocatedStorage":100}}"#;
    assert_eq!(room(large), []);
    let named = r#"{"createStrategy":{"AllocatedStorage":100,"MaxAllocatedStorage":500}}"#;
    assert_eq!(room(named), [Setting::MaxAllocatedStorage(500)]);
}
