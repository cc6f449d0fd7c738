use super::*;

fn tier(json: &str) -> Tier {
    Tier { tier: "production".into(), json: json.into() }
}

fn refused(json: &str, defaults: Defaults) -> String {
    Strategy::read(&tier(json), defaults).unwrap_err().to_string()
}

fn strategy(json: &str, defaults: Defaults) -> Strategy {
    Strategy::read(&tier(json), defaults).unwrap().strategy
}

#[test]
fn f04_what_would_open_or_redirect_a_cache_is_refused_with_its_path() {
    let table = [
        ("AuthToken", r#""secret""#),
        ("UserGroupIds", r#"["theirs"]"#),
        ("GlobalReplicationGroupId", r#""theirs""#),
        ("PrimaryClusterId", r#""theirs""#),
        ("CacheClusterId", r#""another""#),
        ("ReplicationGroupId", r#""another""#),
        ("AtRestEncryptionEnabled", "false"),
        ("CacheSubnetGroupName", r#""theirs""#),
        ("SecurityGroupIds", r#"["sg-1"]"#),
        ("SnapshotArns", r#"["arn:aws:s3:::theirs/dump.rdb"]"#),
        ("SnapshotName", r#""theirs""#),
        ("TransitEncryptionMode", r#""preferred""#),
        ("Engine", r#""memcached""#),
        ("EngineVersion", r#""newest""#),
        ("CacheNodeType", r#""db.t3.micro""#),
        ("NumCacheClusters", "7"),
        ("NumNodeGroups", "2"),
        ("ReplicasPerNodeGroup", "1"),
        ("ClusterMode", r#""enabled""#),
        ("SnapshotRetentionLimit", "36"),
        ("SnapshotRetentionLimit", r#""31 days""#),
        ("MultiAZEnabled", "1"),
    ];
    for (field, value) in table {
        let json = format!(r#"{{"createStrategy":{{"{field}":{value}}}}}"#);
        let text = refused(&json, Defaults::Secure);
        assert!(text.starts_with(&format!("strategy field createStrategy.{field}")), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
    let retained = r#"{"deleteStrategy":{"RetainPrimaryCluster":true}}"#;
    assert!(refused(retained, Defaults::Cro).contains("deleteStrategy.RetainPrimaryCluster"));
    let name = r#"{"deleteStrategy":{"ReplicationGroupId":"another"}}"#;
    assert!(refused(name, Defaults::Cro).contains("deleteStrategy.ReplicationGroupId"));
    assert!(refused(r#"{"region":"Mars"}"#, Defaults::Cro).contains("field region"));
    assert!(refused(r#"{"serviceUpdates":"one"}"#, Defaults::Cro).contains("serviceUpdates"));
    assert!(refused("not json", Defaults::Cro).contains("not valid JSON"));
    let alone = r#"{"createStrategy":{"NumCacheClusters":1,"AutomaticFailoverEnabled":true}}"#;
    assert!(refused(alone, Defaults::Cro).contains("createStrategy.AutomaticFailoverEnabled"));
}

#[test]
fn w48_a_new_cache_has_tls_and_a_token_unless_it_is_the_go_operators_or_the_strategy_says_so() {
    let table = [
        ("{}", Defaults::Secure, (true, true)),
        ("{}", Defaults::Cro, (false, false)),
        (r#"{"createStrategy":{"TransitEncryptionEnabled":true}}"#, Defaults::Cro, (true, false)),
        (
            r#"{"createStrategy":{"TransitEncryptionEnabled":false}}"#,
            Defaults::Secure,
            (false, false),
        ),
        (r#"{"auth":false}"#, Defaults::Secure, (true, false)),
        (
            r#"{"auth":true,"createStrategy":{"TransitEncryptionEnabled":true}}"#,
            Defaults::Cro,
            (true, true),
        ),
    ];
    for (json, defaults, expected) in table {
        let strategy = strategy(json, defaults);
        assert_eq!(
            (strategy.wants_tls(defaults), strategy.wants_auth(defaults)),
            expected,
            "{json}"
        );
    }
    assert!(refused(r#"{"auth":true}"#, Defaults::Cro).contains("field auth"));
    let plain = r#"{"createStrategy":{"AtRestEncryptionEnabled":false}}"#;
    let create = strategy(plain, Defaults::Cro).create_strategy;
    assert_eq!(create.at_rest_encryption_enabled, Some(false));
}

#[test]
fn whole_structs_of_the_sdk_are_accepted_and_an_empty_final_snapshot_means_none() {
    let json = r#"{"region":"","createStrategy":{"CacheClusterId":"","AuthToken":null,"Tags":null,
        "NodeGroupConfiguration":null,"ClusterMode":"disabled","NumNodeGroups":1,"cachenodetype":"cache.m5.large",
        "ReplicationGroupId":"","NetworkType":"ipv4"},
        "deleteStrategy":{"FinalSnapshotIdentifier":"","RetainPrimaryCluster":false,"ReplicationGroupId":null},
        "serviceUpdates":["elasticache-20210615-002"]}"#;
    let Read { strategy, ignored } = Strategy::read(&tier(json), Defaults::Secure).unwrap();
    assert_eq!(strategy.create_strategy.cache_node_type.as_deref(), Some("cache.m5.large"));
    assert_eq!(strategy.delete_strategy.final_snapshot_identifier.as_deref(), Some(""));
    assert_eq!(strategy.service_updates, ["elasticache-20210615-002"]);
    assert_eq!(ignored, ["createStrategy.NetworkType"]);
    let none = r#"{"deleteStrategy":{"FinalSnapshotIdentifier":null}}"#;
    let none = Strategy::read(&tier(none), Defaults::Secure).unwrap().strategy;
    assert_eq!(none.delete_strategy.final_snapshot_identifier, None);
    let empty = Strategy::read(&tier(" "), Defaults::Secure).unwrap();
    assert_eq!(empty.strategy, Strategy::default());
}

#[test]
fn a_key_of_another_account_is_refused() {
    let create = |key: &str| Create { kms_key_id: Some(key.into()), ..Create::default() };
    for own in ["alias/cache", "mrk-1", "arn:aws-cn:kms:cn-north-1:1:key/x"] {
        assert_eq!(create(own).check_account("1"), Ok(()), "{own}");
    }
    for foreign in ["arn:aws:kms:eu-west-1:2:key/x", "arn:"] {
        let error = create(foreign).check_account("1").unwrap_err();
        assert_eq!(error.path, "createStrategy.KmsKeyId");
    }
}
