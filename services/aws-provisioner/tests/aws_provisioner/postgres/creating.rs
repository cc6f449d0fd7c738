use aws_provisioner::network::reference::CLOSING;
use proto::{Desired, ErrorClass, Field, ItemId, Record, State};
use stack::Fault;

use super::databases::{Databases, id};
use crate::ground::OFTEN;
use crate::world::desiring;

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
async fn w06_w23_w58_nothing_is_made_before_the_network_is_ready() {
    let mut databases = Databases::prepare().await;
    databases.world.start();
    let item = databases.item("{}");
    let record = databases.world.fail(&item, "WaitingForNetwork").await;
    assert_eq!((record.state, record.error_class), (State::Pending, None));
    databases.world.network(|network| network.state = State::Pending).await;
    databases.world.fail(&databases.item("{}"), "WaitingForNetwork").await;
    // What was asked for while there was no network can go.
    let tombstone = desiring(&item, Desired::Absent);
    databases.world.settle(&tombstone, State::Absent).await;
    assert_eq!(databases.world.count("CreateDBInstance"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w06_nothing_is_made_in_a_network_that_closes() {
    let mut databases = Databases::prepare().await;
    databases
        .world
        .network(|network| drop(network.facts.insert(CLOSING.into(), String::new())))
        .await;
    databases.world.start();
    let record = databases.world.fail(&databases.item("{}"), "WaitingForNetwork").await;
    assert_eq!(record.message, "waiting until the old network is gone");
    assert_eq!(databases.world.count("CreateDBInstance"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_without_the_network_is_told_and_its_correction_heals() {
    let databases = Databases::new().await;
    let elsewhere = databases.item(r#"{"region":"eu-west-1"}"#);
    let record = databases.world.settle(&elsewhere, State::Refused).await;
    assert_eq!((record.reason.as_str(), record.placement.identifier), ("NetworkElsewhere", None));
    databases.settled("{}").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w03_a08_r07_a_foreign_instance_of_our_name_is_left_untouched() {
    let mut databases = Databases::prepare().await;
    databases.world.network(|_| {}).await;
    let item = databases.item("{}");
    let foreign = databases.world.rds().create_db_instance().db_instance_identifier(id(&item));
    let foreign = foreign.engine("postgres").db_instance_class("db.t3.small");
    foreign.allocated_storage(20).send().await.unwrap();
    let before = databases.world.mutations().len();
    databases.world.start();
    let record = databases.world.fail(&item, "NotOwned").await;
    assert_eq!(record.error_class, Some(ErrorClass::Foreign));
    assert!(databases.world.connection(&item).await.is_none());
    let record = databases.world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    assert!(record.message.contains("left untouched"), "{}", record.message);
    assert_eq!(databases.world.mutations().len(), before);
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
async fn w70_l08_a_paused_claim_changes_nothing() {
    let databases = Databases::new().await;
    let paused = desiring(&databases.item("{}"), Desired::Paused);
    assert!(!databases.world.settle(&paused, State::Paused).await.placement.observed);
    assert_eq!(databases.world.count("CreateDBInstance"), 0);
    let (item, _) = databases.settled("{}").await;
    let before = databases.world.mutations().len();
    let record = databases.world.settle(&desiring(&item, Desired::Paused), State::Paused).await;
    assert!(record.placement.observed);
    assert_eq!(databases.world.mutations().len(), before);
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

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_quota_is_told_as_one_and_makes_nothing_until_it_is_lifted() {
    let databases = Databases::new().await;
    databases.world.aws.fail("CreateDBInstance", 1, Fault::Answered(400, "InstanceQuotaExceeded"));
    let record = databases.world.fail(&databases.item("{}"), "QuotaExceeded").await;
    assert_eq!(record.error_class, Some(ErrorClass::Quota));
    assert!(record.intent.is_none() && !record.placement.observed);
    databases.settled("{}").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_the_region_does_not_offer_is_told_and_its_correction_heals() {
    let databases = Databases::new().await;
    databases.world.aws.withhold("db.m5.large", None);
    let item = databases.item(r#"{"createStrategy":{"DBInstanceClass":"db.m5.large"}}"#);
    databases.world.publish(&item).await;
    databases.world.until_asked("CreateDBInstance").await;
    let is_told = |record: &Record| record.error_class.is_some() && record.intent.is_none();
    databases.world.until(&item, "told", is_told).await;
    assert!(databases.found(&item).await.is_none());
    databases.settled("{}").await;
    assert_eq!(databases.world.count("CreateDBInstance"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn l08_a_claim_paused_while_its_resource_is_made_goes_on_later() {
    let databases = Databases::new().await;
    let item = databases.item("{}");
    databases.world.aws.set_status(&id(&item), Some("creating"));
    databases.world.fail(&item, "Provisioning").await;
    databases.world.settle(&desiring(&item, Desired::Paused), State::Paused).await;
    databases.world.aws.set_status(&id(&item), None);
    databases.settled("{}").await;
    assert_eq!(databases.world.mutations(), ["CreateDBInstance"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn r07_what_is_another_claims_is_not_taken() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let before = databases.world.mutations().len();
    let mut second = databases.item("{}");
    second.identity.uid = ItemId::random().as_str().parse().unwrap();
    second.identity.name = "other".into();
    second.placement.identifier = Some(id(&first));
    let record = databases.world.fail(&second, "NotOwned").await;
    assert_eq!(record.error_class, Some(ErrorClass::Foreign));
    assert!(databases.world.connection(&second).await.is_none());
    databases.world.settle(&desiring(&second, Desired::Absent), State::Absent).await;
    assert_eq!(databases.world.mutations().len(), before);
}
