use super::*;

fn tier(json: &str) -> Tier {
    Tier { tier: "production".into(), json: json.into() }
}

fn refused(json: &str, defaults: Defaults) -> String {
    Strategy::read(&tier(json), defaults).unwrap_err().to_string()
}

#[test]
fn f04_what_would_open_or_redirect_a_database_is_refused_with_its_path() {
    let table = [
        ("PubliclyAccessible", "true"),
        ("MasterUserPassword", r#""secret""#),
        ("ManageMasterUserPassword", "true"),
        ("DBClusterIdentifier", r#""aurora""#),
        ("DBInstanceIdentifier", r#""another""#),
        ("Engine", r#""mysql""#),
        ("StorageEncrypted", "false"),
        ("DBSubnetGroupName", r#""theirs""#),
        ("VpcSecurityGroupIds", r#"["sg-1"]"#),
        ("CustomIamInstanceProfile", r#""theirs""#),
        ("EngineVersion", r#""newest""#),
        ("AllocatedStorage", r#""20 GB""#),
        ("MultiAZ", "1"),
    ];
    for (field, value) in table {
        let json = format!(r#"{{"createStrategy":{{"{field}":{value}}}}}"#);
        let text = refused(&json, Defaults::Secure);
        assert!(text.starts_with(&format!("strategy field createStrategy.{field}:")), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
    let name = r#"{"deleteStrategy":{"DBInstanceIdentifier":"another"}}"#;
    assert!(refused(name, Defaults::Cro).contains("deleteStrategy.DBInstanceIdentifier"));
    assert!(refused(r#"{"region":"Mars"}"#, Defaults::Cro).contains("field region"));
    assert!(refused(r#"{"serviceUpdates":["soon"]}"#, Defaults::Cro).contains("serviceUpdates"));
    assert!(refused("not json", Defaults::Cro).contains("not valid JSON"));
}

#[test]
fn w48_plain_storage_is_for_the_go_operators_defaults_only() {
    let json = r#"{"createStrategy":{"StorageEncrypted":false}}"#;
    let read = Strategy::read(&tier(json), Defaults::Cro).unwrap();
    assert_eq!(read.strategy.create_strategy.storage_encrypted, Some(false));
}

#[test]
fn w05_a_password_in_a_strategy_is_refused_and_not_repeated() {
    let text = refused(r#"{"createStrategy":{"masteruserpassword":"canary"}}"#, Defaults::Cro);
    assert!(text.contains("createStrategy.MasterUserPassword") && !text.contains("canary"));
}

#[test]
fn whole_structs_of_the_sdk_are_accepted() {
    let json = r#"{"region":"","createStrategy":{"DBClusterIdentifier":null,"MasterUserPassword":"",
        "VpcSecurityGroupIds":null,"Tags":null,"dbinstanceclass":"db.m5.large","MultiAZ":false,
        "PubliclyAccessible":false,"ManageMasterUserPassword":false,"Timezone":"UTC"},
        "deleteStrategy":{"SkipFinalSnapshot":true,"FinalDBSnapshotIdentifier":""},
        "serviceUpdates":["1642032000","1642032001"]}"#;
    let Read { strategy, ignored } = Strategy::read(&tier(json), Defaults::Secure).unwrap();
    assert_eq!(strategy.create_strategy.class.as_deref(), Some("db.m5.large"));
    assert_eq!(strategy.delete_strategy.final_snapshot, None);
    assert_eq!(strategy.delete_strategy.skip_final_snapshot, Some(true));
    assert_eq!(strategy.updates_before(), Some(1_642_032_001));
    assert_eq!(ignored, ["createStrategy.Timezone"]);
    let empty = Strategy::read(&tier(" "), Defaults::Secure).unwrap();
    assert_eq!(empty.strategy, Strategy::default());
}

#[test]
fn a_key_or_role_of_another_account_is_refused() {
    let create = |key: &str| Create { kms_key_id: Some(key.into()), ..Create::default() };
    for own in ["alias/db", "mrk-1", "arn:aws:kms:eu-west-1:1:key/x", "arn:aws-cn:kms:r:1:key/x"] {
        assert_eq!(create(own).check_account("1"), Ok(()), "{own}");
    }
    for foreign in ["arn:aws:kms:eu-west-1:2:key/x", "arn:aws:kms", "arn:"] {
        let error = create(foreign).check_account("1").unwrap_err();
        assert_eq!(error.path, "createStrategy.KmsKeyId");
    }
    let role = Some("arn:aws:iam::2:role/monitoring".to_owned());
    let create = Create { monitoring_role_arn: role, ..Create::default() };
    assert_eq!(create.check_account("1").unwrap_err().path, "createStrategy.MonitoringRoleArn");
}
