use super::super::fixture::{desired, instance, with};
use super::*;

fn compared(json: &str, found: &Instance) -> Comparison {
    compare(&desired(json), found, false).unwrap()
}

fn found(setting: Setting) -> Instance {
    with(instance(&desired("{}")), setting)
}

#[test]
fn what_is_as_desired_does_not_differ() {
    assert_eq!(compared("{}", &instance(&desired("{}"))), Comparison::default());
}

#[test]
fn every_field_that_differs_is_found_with_what_it_does() {
    use Effect::{Harmless, Replace, Restart};
    let table = [
        (r#""DBInstanceClass":"db.m5.large""#, "DBInstanceClass", Restart),
        (r#""MultiAZ":false"#, "MultiAZ", Harmless),
        (r#""BackupRetentionPeriod":7"#, "BackupRetentionPeriod", Harmless),
        (r#""BackupRetentionPeriod":0"#, "BackupRetentionPeriod", Replace),
        (r#""Port":5433"#, "Port", Replace),
        (r#""AllocatedStorage":40"#, "AllocatedStorage", Harmless),
        (r#""MaxAllocatedStorage":200"#, "MaxAllocatedStorage", Harmless),
        (r#""AutoMinorVersionUpgrade":true"#, "AutoMinorVersionUpgrade", Harmless),
        (r#""CopyTagsToSnapshot":false"#, "CopyTagsToSnapshot", Harmless),
        (r#""PreferredBackupWindow":"01:00-02:00""#, "PreferredBackupWindow", Harmless),
        (
            r#""PreferredMaintenanceWindow":"sun:03:00-sun:04:00""#,
            "PreferredMaintenanceWindow",
            Harmless,
        ),
        (r#""CACertificateIdentifier":"rds-ca-ecc384-g1""#, "CACertificateIdentifier", Restart),
        (r#""EngineVersion":"15.16""#, "EngineVersion", Restart),
        (r#""EngineVersion":"16""#, "EngineVersion", Replace),
        (r#""StorageType":"gp3""#, "StorageType", Restart),
        (r#""Iops":3000"#, "Iops", Harmless),
        (r#""EnableIAMDatabaseAuthentication":true"#, "EnableIAMDatabaseAuthentication", Harmless),
        (r#""EnablePerformanceInsights":true"#, "EnablePerformanceInsights", Harmless),
    ];
    for (json, field, effect) in table {
        let json = format!(r#"{{"createStrategy":{{{json}}}}}"#);
        let comparison = compared(&json, &instance(&desired("{}")));
        assert_eq!(comparison.differences.len(), 1, "{json}");
        let change = &comparison.differences[0].change;
        assert_eq!(
            (change.field, change.effect),
            (format!("createStrategy.{field}").as_str(), effect)
        );
    }
}

#[test]
fn a_public_instance_is_made_private_again() {
    let comparison = compared("{}", &found(Setting::PubliclyAccessible(true)));
    assert_eq!(comparison.differences[0].setting, Setting::PubliclyAccessible(false));
}

#[test]
fn storage_grows_and_never_shrinks() {
    assert_eq!(compared("{}", &found(Setting::AllocatedStorage(500))), Comparison::default());
    let json = r#"{"createStrategy":{"AllocatedStorage":40}}"#;
    let comparison = compared(json, &found(Setting::AllocatedStorage(20)));
    assert_eq!(comparison.differences[0].setting, Setting::AllocatedStorage(40));
}

#[test]
fn w68_a_version_that_nobody_names_stays() {
    for version in ["13.13", "17.1", "9.6.24"] {
        let comparison = compared("{}", &found(Setting::EngineVersion(version.into())));
        assert_eq!(comparison, Comparison::default());
    }
}

#[test]
fn w68_a_version_never_goes_back() {
    let json = r#"{"createStrategy":{"EngineVersion":"13.13"}}"#;
    let comparison = compared(json, &instance(&desired("{}")));
    assert!(comparison.differences.is_empty());
    assert_eq!(comparison.notes, ["it runs PostgreSQL 15.15, and AWS does not go back to 13.13"]);
}

#[test]
fn w25_what_is_pending_already_is_no_difference_and_hides_no_other() {
    let json = r#"{"createStrategy":{"DBInstanceClass":"db.m5.large","BackupRetentionPeriod":7}}"#;
    let mut found = instance(&desired("{}"));
    found.pending = vec![Setting::Class("db.m5.large".into())];
    let comparison = compared(json, &found);
    assert_eq!(comparison.pending[0].setting, Setting::Class("db.m5.large".into()));
    assert_eq!(comparison.differences[0].setting, Setting::BackupRetention(7));
    // Another value that is pending is no help.
    found.pending = vec![Setting::Class("db.r5.large".into())];
    assert_eq!(compared(json, &found).differences.len(), 2);
}

#[test]
fn w21_nothing_that_aws_leaves_out_stops_a_comparison() {
    let bare = Instance { id: "db".into(), ..Instance::default() };
    let comparison = compared("{}", &bare);
    let fields: Vec<_> = comparison.differences.iter().map(|it| it.change.from.as_str()).collect();
    assert!(fields.iter().all(|from| *from == "nothing"), "{fields:?}");
}

#[test]
fn the_certificate_authority_that_has_ended_is_left() {
    let comparison = compared("{}", &found(Setting::CaCertificate("rds-ca-2019".into())));
    let expected = Setting::CaCertificate("rds-ca-rsa2048-g1".into());
    assert_eq!(comparison.differences[0].setting, expected);
}

#[test]
fn w11_protection_that_an_administrator_switched_on_stays() {
    let json = r#"{"createStrategy":{"DeletionProtection":false}}"#;
    let theirs = compared(json, &instance(&desired("{}")));
    assert!(theirs.differences.is_empty() && theirs.notes.len() == 1);
    let ours = compare(&desired(json), &instance(&desired("{}")), true).unwrap();
    assert_eq!(ours.differences[0].setting, Setting::DeletionProtection(false));
}

#[test]
fn l06_what_aws_sets_for_life_is_refused_where_it_is_named_otherwise() {
    let table = [
        (r#""DBName":"other""#, "DBName"),
        (r#""MasterUsername":"other""#, "MasterUsername"),
        (r#""KmsKeyId":"arn:aws:kms:eu-west-1:1:key/b""#, "KmsKeyId"),
    ];
    let mut found = instance(&desired("{}"));
    found.kms_key = Some("arn:aws:kms:eu-west-1:1:key/a".into());
    for (json, field) in table {
        let json = format!(r#"{{"createStrategy":{{{json}}}}}"#);
        let text = compare(&desired(&json), &found, false).unwrap_err().to_string();
        assert!(text.starts_with(&format!("strategy field createStrategy.{field} ")), "{text}");
    }
    assert!(compare(&desired("{}"), &found, false).is_ok());
}

#[test]
fn windows_compare_in_any_case() {
    let json = r#"{"createStrategy":{"PreferredMaintenanceWindow":"Sun:03:00-Sun:04:00"}}"#;
    let found = found(Setting::MaintenanceWindow("sun:03:00-sun:04:00".into()));
    assert_eq!(compared(json, &found), Comparison::default());
}

#[test]
fn l07_a_change_that_is_pending_is_taken_back_by_asking_for_the_old_value() {
    let mut found = instance(&desired("{}"));
    let usual = Setting::Class("db.t3.small".into());
    found.pending = vec![
        Setting::Class("db.m5.large".into()),
        Setting::EngineVersion("16.3".into()),
        Setting::AllocatedStorage(100),
    ];
    let comparison = compared("{}", &found);
    assert_eq!(comparison.differences.len(), 1, "nobody names a version, storage only grows");
    let difference = &comparison.differences[0];
    assert_eq!((&difference.setting, difference.change.effect), (&usual, Effect::Harmless));
    assert_eq!(
        (difference.change.from.as_str(), difference.change.to.as_str()),
        ("db.m5.large", "db.t3.small")
    );
    let named = compared(r#"{"createStrategy":{"EngineVersion":"15"}}"#, &found);
    let version = Setting::EngineVersion("15.15".into());
    assert!(named.differences.iter().any(|it| it.setting == version));
}
