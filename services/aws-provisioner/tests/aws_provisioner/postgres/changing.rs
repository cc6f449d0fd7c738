use proto::wire::CredentialOutcome;
use proto::{Defaults, ErrorClass, ItemId, State};

use aws_sdk_rds::types::DbInstance;
use stack::{Fault, Maintenance};

use super::databases::{Databases, id};

const CLASS: &str = r#"{"createStrategy":{"DBInstanceClass":"db.m5.large"}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_strategy_is_followed_by_the_existing_instance() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let strategy = r#"{"createStrategy":{"DBInstanceClass":"db.m5.large","BackupRetentionPeriod":7,
        "AllocatedStorage":40,"MultiAZ":false}}"#;
    databases.settled(strategy).await;
    databases.until(&first, "kept longer", |it| it.backup_retention_period == Some(7)).await;
    let is_as_asked = |it: &DbInstance| {
        it.db_instance_class.as_deref() == Some("db.m5.large")
            && it.multi_az == Some(false)
            && it.allocated_storage == Some(40)
    };
    assert!(!databases.found(&first).await.is_some_and(|it| is_as_asked(&it)));
    databases.world.aws.open_window(&id(&first));
    databases.until(&first, "as asked", is_as_asked).await;
    // Harmless ones at once, those that restart apart from them.
    assert_eq!(databases.world.count("ModifyDBInstance"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_desired_costs_one_call_and_changes_nothing() {
    let databases = Databases::new().await;
    databases.settled("{}").await;
    let (before, calls) = (databases.world.mutations().len(), databases.world.calls().len());
    databases.settled(r#"{"createStrategy":{}}"#).await;
    assert_eq!(databases.world.mutations().len(), before);
    assert!(databases.world.calls().len() <= calls + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w25_under_the_go_operators_defaults_changes_wait_for_the_claims_window() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let mut held = databases.item(CLASS);
    held.cluster.defaults = Defaults::Cro;
    let record = databases.world.settle(&held, State::Ready).await;
    let told = "waiting for spec.maintenanceWindow: createStrategy.DBInstanceClass from db.t3.small to db.m5.large";
    assert!(record.message.contains(told), "{}", record.message);
    assert_eq!(databases.world.count("ModifyDBInstance"), 0);
    let mut open = databases.item(CLASS);
    open.cluster.defaults = Defaults::Cro;
    open.options.maintenance_window = true;
    databases.world.settle(&open, State::Ready).await;
    databases.world.aws.open_window(&id(&first));
    let is_large = |it: &DbInstance| it.db_instance_class.as_deref() == Some("db.m5.large");
    databases.until(&first, "large", is_large).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_at_aws_is_told_and_not_sent_again() {
    let databases = Databases::new().await;
    databases.settled("{}").await;
    for _ in 0..2 {
        let (_, record) = databases.settled(CLASS).await;
        assert!(
            record.message.contains("accepted by AWS and not applied yet"),
            "{}",
            record.message
        );
        assert_eq!(databases.world.count("ModifyDBInstance"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l06_what_is_set_for_life_is_refused_and_its_revert_heals() {
    let databases = Databases::new().await;
    databases.settled("{}").await;
    let renamed = databases.item(r#"{"createStrategy":{"DBName":"other"}}"#);
    let record = databases.world.settle(&renamed, State::Refused).await;
    assert_eq!(record.error_class, Some(ErrorClass::Invalid));
    assert!(record.message.contains("createStrategy.DBName"), "{}", record.message);
    databases.settled("{}").await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_an_instance_stays_in_its_region() {
    let databases = Databases::new().await;
    databases.settled("{}").await;
    let (_, record) = databases.settled(r#"{"region":"eu-west-1"}"#).await;
    assert!(record.message.ends_with("stays in us-east-1"), "{}", record.message);
    assert_eq!(record.placement.region, "us-east-1");
    assert_eq!(databases.world.count("CreateDBInstance"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_both_secrets_lost_needs_a_person_or_by_strategy_a_new_password() {
    let databases = Databases::new().await;
    let (_, record) = databases.settled("{}").await;
    let first = databases.world.keeper.values("ensured")["password"].clone();
    databases.world.keeper.lose_all();
    let lost = databases.world.fail(&databases.item("{}"), "PasswordLost").await;
    assert_eq!(lost.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(lost.digest, record.digest, "what was published stays");
    assert!(databases.world.keeper.ids().is_empty(), "none is generated for what exists");
    assert_eq!(databases.world.count("ModifyDBInstance"), 0);

    databases.settled(r#"{"lostPassword":"reset"}"#).await;
    let held = databases.world.keeper.ids();
    let second = databases.world.keeper.values(&held[0]);
    assert_ne!(second["password"], first);
    assert_eq!((second["user"].as_str(), second["password"].len()), ("postgres", 32));
    assert_eq!(databases.world.count("ModifyDBInstance"), 1);
    assert!(!databases.world.log().contains(&second["password"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn w71_maintenance_that_the_strategy_wants_earlier_is_applied() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let mut planned = Maintenance::new(&id(&first), "system-update");
    planned.auto_applied_after = Some("2022-01-12T00:00:00Z".to_owned());
    databases.world.aws.plan_maintenance(planned);
    let mut open = databases.item(r#"{"serviceUpdates":["1642032000"]}"#);
    open.options.maintenance_window = true;
    for _ in 0..2 {
        open.item_id = ItemId::random();
        databases.world.settle(&open, State::Ready).await;
        assert_eq!(databases.world.count("ApplyPendingMaintenanceAction"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w34_a12_an_instance_that_is_busy_is_changed_later_and_works_meanwhile() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let busy = Fault::Answered(400, "InvalidDBInstanceState");
    databases.world.aws.fail("ModifyDBInstance", 1, busy);
    let item = databases.item(r#"{"createStrategy":{"BackupRetentionPeriod":7}}"#);
    let record = databases.world.fail(&item, "Provisioning").await;
    assert_eq!(record.error_class, Some(ErrorClass::Pending));
    databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
    let found = databases.found(&first).await.unwrap();
    assert_eq!(found.backup_retention_period, Some(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_nothing_is_made_whose_password_cannot_be_kept() {
    let table = [
        (CredentialOutcome::Foreign, ErrorClass::Foreign),
        (CredentialOutcome::Unavailable, ErrorClass::Transient),
    ];
    for (outcome, class) in table {
        let databases = Databases::new().await;
        databases.world.keeper.refuse_next_ensure(outcome);
        let item = databases.item("{}");
        let record = databases.world.fail(&item, "CredentialsRefused").await;
        assert_eq!((record.error_class, record.intent), (Some(class), None));
        databases.world.until(&item, "ready", |record| record.state == State::Ready).await;
        assert_eq!(databases.world.count("CreateDBInstance"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_a_new_password_that_was_not_kept_is_replaced_by_one_that_is() {
    let databases = Databases::new().await;
    databases.settled("{}").await;
    databases.world.keeper.lose_all();
    databases.world.keeper.refuse_next_store(CredentialOutcome::Unavailable);
    databases.world.aws.fail("ModifyDBInstance", 1, Fault::AnswerLost);
    databases.settled(r#"{"lostPassword":"reset"}"#).await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 3);
    assert_eq!(databases.world.keeper.ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn l07_of_changes_within_one_window_the_last_holds() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    for strategy in [CLASS, "{}", CLASS] {
        databases.settled(strategy).await;
    }
    assert!(databases.world.count("ModifyDBInstance") <= 3);
    databases.world.aws.open_window(&id(&first));
    databases
        .until(&first, "large", |it: &DbInstance| {
            it.db_instance_class.as_deref() == Some("db.m5.large")
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_the_cluster_that_change_are_written_and_those_of_others_stay() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let arn = databases.found(&first).await.unwrap().db_instance_arn.unwrap();
    let theirs = aws_sdk_rds::types::Tag::builder().key("theirs").value("x").build();
    let request = databases.world.rds().add_tags_to_resource().resource_name(arn);
    request.tags(theirs).send().await.unwrap();
    let mut changed = databases.item("{}");
    changed.cluster.tags = [("cost-centre".to_owned(), "43".to_owned())].into();
    databases.world.settle(&changed, State::Ready).await;
    let tags = databases.found(&first).await.unwrap().tag_list.unwrap();
    for expected in [("cost-centre", "43"), ("theirs", "x")] {
        assert!(
            tags.iter().any(|it| (it.key(), it.value()) == (Some(expected.0), Some(expected.1)))
        );
    }
    assert_eq!(databases.world.count("AddTagsToResource"), 1);
}
