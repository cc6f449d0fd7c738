use super::*;

fn parse(json: &str) -> Result<Read<Strategy>, StrategyError> {
    Strategy::read(&Tier { tier: "production".into(), json: json.into() })
}

#[test]
fn nothing_and_an_empty_object_are_the_defaults() {
    for json in ["", "{}", r#"{"createStrategy":{},"deleteStrategy":{}}"#] {
        assert_eq!(parse(json).unwrap().strategy, Strategy::default());
    }
}

#[test]
fn a_serialized_sdk_struct_full_of_nulls_is_read() {
    let read = parse(
        r#"{"region":"","createStrategy":{"ACL":null,"Bucket":"","CreateBucketConfiguration":null,
            "GrantRead":null,"ObjectLockEnabledForBucket":null,"ObjectOwnership":null},
            "deleteStrategy":{"forceBucketDeletion":null},"serviceUpdates":null}"#,
    );
    assert_eq!(read, Ok(Read { strategy: Strategy::default(), ignored: vec![] }));
}

#[test]
fn names_match_in_any_case() {
    let strategy = parse(
        r#"{"REGION":"eu-west-1","createstrategy":{"objectownership":"BucketOwnerEnforced","acl":"private",
            "createBucketConfiguration":{"locationconstraint":"eu-west-1"}},
            "DeleteStrategy":{"ForceBucketDeletion":true},"Credentials":"keyless"}"#,
    )
    .unwrap()
    .strategy;
    assert_eq!(strategy.wanted_region(), Some("eu-west-1"));
    assert_eq!(strategy.credentials, Some(Credentials::Keyless));
    assert_eq!(
        strategy.create_strategy.object_ownership,
        Some(ObjectOwnership::BucketOwnerEnforced)
    );
    assert!(strategy.delete_strategy.force_bucket_deletion);
}

#[test]
fn unknown_fields_are_ignored_and_named() {
    let read = parse(r#"{"colour":"red","createStrategy":{"Tagging":"x"}}"#).unwrap();
    assert_eq!(read.ignored, ["colour", "createStrategy.Tagging"]);
}

#[test]
fn the_path_of_a_field_that_cannot_be_followed_is_named() {
    let table = [
        ("{", "."),
        ("[]", "."),
        (r#""text""#, "."),
        (r#"{"region":7}"#, "region"),
        (r#"{"region":"moon"}"#, "region"),
        (r#"{"region":"eu-west-1/../x"}"#, "region"),
        (r#"{"createStrategy":"x"}"#, "createStrategy"),
        (r#"{"createStrategy":{"Bucket":{}}}"#, "createStrategy.Bucket"),
        (r#"{"createStrategy":{"ObjectOwnership":"Everybody"}}"#, "createStrategy.ObjectOwnership"),
        (
            r#"{"createStrategy":{"objectLockEnabledForBucket":"yes"}}"#,
            "createStrategy.ObjectLockEnabledForBucket",
        ),
        (r#"{"createStrategy":{"acl":"public-read"}}"#, "createStrategy.ACL"),
        (r#"{"createStrategy":{"grantread":"uri=everybody"}}"#, "createStrategy.GrantRead"),
        (r#"{"createStrategy":{"GrantWriteACP":"x"}}"#, "createStrategy.GrantWriteACP"),
        (
            r#"{"createStrategy":{"CreateBucketConfiguration":{"Location":{"Type":"AvailabilityZone"}}}}"#,
            "createStrategy.CreateBucketConfiguration.Location",
        ),
        (
            r#"{"region":"eu-west-1","createStrategy":{"CreateBucketConfiguration":{"LocationConstraint":"eu-west-2"}}}"#,
            "createStrategy.CreateBucketConfiguration.LocationConstraint",
        ),
        (
            r#"{"deleteStrategy":{"forceBucketDeletion":"true"}}"#,
            "deleteStrategy.forceBucketDeletion",
        ),
        (r#"{"credentials":"root"}"#, "credentials"),
    ];
    for (json, path) in table {
        assert_eq!(parse(json).map_err(|error| error.path), Err(path.to_owned()), "{json}");
    }
}

#[test]
fn a_location_must_be_where_the_bucket_lives() {
    let configuration = Configuration { location_constraint: Some("eu-west-1".into()) };
    assert!(configuration.check("eu-west-1").is_ok());
    assert!(configuration.check("eu-west-2").is_err());
    assert!(Configuration::default().check("eu-west-2").is_ok());
}
