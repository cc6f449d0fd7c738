use proto::{ErrorClass, Field, Record, State};

use super::databases::{Databases, id};
use crate::ground::OFTEN;

#[tokio::test(flavor = "multi_thread")]
async fn w19_w36_w43_a_claim_gets_an_instance_at_the_first_try_with_five_calls() {
    let databases = Databases::new().await;
    let before = databases.world.calls().len();
    let (item, record) = databases.settled("{}").await;
    let calls = databases.world.calls().split_off(before);
    assert!(calls.len() <= 5, "{calls:?}");
    let id = id(&item);
    let text = format!("rds instance {id} is as expected, aws rds status is available");
    assert_eq!(record.message, text);
    assert_eq!(record.placement.identifier.as_deref(), Some(id.as_str()));
    assert_eq!(record.placement.account, databases.world.account);
    assert!(record.placement.observed && record.intent.is_none());

    let found = databases.found(&item).await.unwrap();
    assert_eq!(found.engine_version.as_deref(), Some("15.15"));
    assert_eq!((found.storage_encrypted, found.publicly_accessible), (Some(true), Some(false)));
    assert_eq!((found.multi_az, found.deletion_protection), (Some(true), Some(true)));
    let tags = found.tag_list.unwrap();
    assert!(tags.iter().any(|tag| tag.key.as_deref() == Some("integreatly.org/clusterID")));

    // W-19: the security group is the one that the network names, wherever others of its name are.
    let groups = found.vpc_security_groups.unwrap_or_default();
    let group = groups[0].vpc_security_group_id.clone().unwrap();
    assert_eq!((groups.len(), group), (1, databases.world.security_group().await));

    let fields = databases.world.connection(&item).await.unwrap().fields;
    assert_eq!(fields["username"], Field::Credential("user".into()));
    assert_eq!(fields["password"], Field::Credential("password".into()));
    assert_eq!(fields["database"], Field::Literal("postgres".into()));
    assert_eq!(fields["port"], Field::Literal("5432".into()));
    let host = found.endpoint.unwrap().address.unwrap();
    assert_eq!(fields["host"], Field::Literal(host));
    assert_eq!(fields.len(), 5);
    let password = databases.world.keeper.values("ensured")["password"].clone();
    let log = databases.world.log();
    assert!(!log.contains(&password) && !log.contains("canary"));
    assert!(record.facts.values().all(|fact| !fact.contains(&password)));
}

#[tokio::test(flavor = "multi_thread")]
async fn w20_a_strategy_that_cannot_be_followed_is_refused_with_its_path_and_changes_nothing() {
    let databases = Databases::new().await;
    let before = databases.world.mutations().len();
    let table = [
        (r#"{"createStrategy":{"PubliclyAccessible":true}}"#, "createStrategy.PubliclyAccessible"),
        (r#"{"createStrategy":{"MasterUserPassword":"x"}}"#, "createStrategy.MasterUserPassword"),
        (r#"{"createStrategy":{"KmsKeyId":"arn:aws:kms:r:9:key/x"}}"#, "createStrategy.KmsKeyId"),
        (r#"{"createStrategy":{"StorageEncrypted":false}}"#, "createStrategy.StorageEncrypted"),
        (r#"{"createStrategy":{"EngineVersion":"13.13"}}"#, "createStrategy.EngineVersion"),
        ("nonsense", "not valid JSON"),
    ];
    for (strategy, told) in table {
        let record = databases.world.settle(&databases.item(strategy), State::Refused).await;
        assert_eq!(record.error_class, Some(ErrorClass::Invalid));
        assert!(record.message.contains(told), "{}", record.message);
    }
    assert_eq!(databases.world.mutations().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn w68_a_version_that_has_ended_is_refused_with_those_that_exist() {
    let databases = Databases::new().await;
    let ended = databases.item(r#"{"createStrategy":{"EngineVersion":"13.13"}}"#);
    let record = databases.world.settle(&ended, State::Refused).await;
    let text = "PostgreSQL 13.13 is not offered in us-east-1; these are: 13.20, 13.21, ";
    assert!(record.message.contains(text), "{}", record.message);
    let (item, _) = databases.settled(r#"{"createStrategy":{"EngineVersion":"16.3"}}"#).await;
    let version = databases.found(&item).await.unwrap().engine_version;
    assert_eq!(version.as_deref(), Some("16.3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w34_an_instance_that_answers_is_not_called_unfinished() {
    let databases = Databases::with(&OFTEN).await;
    let (item, _) = databases.settled("{}").await;
    for status in ["backing-up", "modifying", "upgrading"] {
        databases.world.aws.set_status(&id(&item), Some(status));
        let is_told = |record: &Record| record.message.ends_with(status);
        let record = databases.world.until(&item, status, is_told).await;
        assert_eq!(record.state, State::Ready);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_an_instance_that_does_not_come_back_by_itself_needs_a_person() {
    for status in ["failed", "incompatible-parameters", "storage-full"] {
        let databases = Databases::with(&OFTEN).await;
        let (item, _) = databases.settled("{}").await;
        let before = databases.world.mutations().len();
        databases.world.aws.set_status(&id(&item), Some(status));
        let is_told = |record: &Record| record.reason == "InstanceStuck";
        let record = databases.world.until(&item, status, is_told).await;
        assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
        assert!(record.message.contains(status), "{}", record.message);
        assert_eq!(databases.world.mutations().len(), before);
    }
}
