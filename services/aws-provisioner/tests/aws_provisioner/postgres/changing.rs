use std::time::Duration;

use aws_sdk_rds::types::DbInstance;
use proto::{ErrorClass, ItemId, Record, State};
use stack::{LifeCycle, Maintenance};

use super::databases::{Databases, id};
use crate::ground::OFTEN;

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
    databases.world.aws.plan_maintenance(planned.clone());
    let mut open = databases.item(r#"{"serviceUpdates":["1642032000"]}"#);
    open.options.maintenance_window = true;
    for _ in 0..2 {
        open.item_id = ItemId::random();
        databases.world.settle(&open, State::Ready).await;
        assert_eq!(databases.world.count("ApplyPendingMaintenanceAction"), 1);
        // AWS goes on showing it for a while.
        databases.world.aws.plan_maintenance(planned.clone());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w71_maintenance_without_a_window_of_the_claim_is_left_to_the_next_one_of_the_instance() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let mut planned = Maintenance::new(&id(&first), "system-update");
    planned.auto_applied_after = Some("2022-01-12T00:00:00Z".to_owned());
    databases.world.aws.plan_maintenance(planned);
    for _ in 0..2 {
        databases.settled(r#"{"serviceUpdates":["1642032000"]}"#).await;
        assert_eq!(databases.world.count("ApplyPendingMaintenanceAction"), 1);
    }
    let left = async || {
        let request = databases.world.rds().describe_pending_maintenance_actions();
        let resources = request.send().await.unwrap().pending_maintenance_actions.unwrap();
        let actions = resources.into_iter().filter_map(|it| it.pending_maintenance_action_details);
        actions.flatten().filter_map(|it| it.opt_in_status).collect::<Vec<_>>()
    };
    assert_eq!(left().await, ["next-maintenance"]);
    databases.world.aws.open_window(&id(&first));
    assert_eq!(left().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn w68_a_version_changes_when_somebody_names_a_newer_one_a_major_one_in_the_claims_window() {
    let databases = Databases::new().await;
    let named = |version| format!(r#"{{"createStrategy":{{"EngineVersion":"{version}"}}}}"#);
    let runs = |version: &'static str| {
        move |it: &DbInstance| it.engine_version.as_deref() == Some(version)
    };
    let (first, _) = databases.settled(&named("15.14")).await;
    databases.settled("{}").await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 0);
    databases.settled(&named("15.15")).await;
    assert!(databases.found(&first).await.is_some_and(|it| runs("15.14")(&it)));
    databases.world.aws.open_window(&id(&first));
    databases.until(&first, "a minor version later", runs("15.15")).await;

    let (_, record) = databases.settled(&named("16.3")).await;
    let told =
        "waiting for spec.maintenanceWindow: createStrategy.EngineVersion from 15.15 to 16.3";
    assert!(record.message.contains(told), "{}", record.message);
    let mut open = databases.item(&named("16.3"));
    open.options.maintenance_window = true;
    databases.world.settle(&open, State::Ready).await;
    databases.until(&first, "a major version later", runs("16.3")).await;

    let (_, record) = databases.settled(&named("15.15")).await;
    assert!(record.message.contains("AWS does not go back to 15.15"), "{}", record.message);
    assert_eq!(databases.world.count("ModifyDBInstance"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_authority_is_taken_in_the_instances_window() {
    let databases = Databases::new().await;
    let (first, _) = databases.settled("{}").await;
    let named = r#"{"createStrategy":{"CACertificateIdentifier":"rds-ca-ecc384-g1"}}"#;
    let (_, record) = databases.settled(named).await;
    let told = "createStrategy.CACertificateIdentifier from rds-ca-rsa2048-g1 to rds-ca-ecc384-g1";
    assert!(record.message.contains(told), "{}", record.message);
    databases.world.aws.open_window(&id(&first));
    let has_it =
        |it: &DbInstance| it.ca_certificate_identifier.as_deref() == Some("rds-ca-ecc384-g1");
    databases.until(&first, "another certificate", has_it).await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_storage_that_is_full_needs_a_person_until_the_strategy_wants_more() {
    let databases = Databases::with(&OFTEN).await;
    let (first, _) = databases.settled("{}").await;
    let life = LifeCycle { modifying: Duration::from_secs(3), ..LifeCycle::default() };
    databases.world.aws.life_cycle(life);
    databases.world.aws.set_status(&id(&first), Some("storage-full"));
    databases.world.fail(&databases.item("{}"), "InstanceStuck").await;
    let larger = r#"{"createStrategy":{"AllocatedStorage":40,"DBInstanceClass":"db.m5.large"}}"#;
    let larger = databases.item(larger);
    // It grows, and nothing else is changed meanwhile.
    databases.world.fail(&larger, "Provisioning").await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 1);
    databases.world.aws.set_status(&id(&first), None);
    databases.until(&first, "larger", |it| it.allocated_storage == Some(40)).await;
    let is_asked_for = |record: &Record| {
        let told = "not applied yet: createStrategy.DBInstanceClass";
        record.state == State::Ready && record.message.contains(told)
    };
    databases.world.until(&larger, "ready", is_asked_for).await;
    assert_eq!(databases.world.count("ModifyDBInstance"), 2);
}
