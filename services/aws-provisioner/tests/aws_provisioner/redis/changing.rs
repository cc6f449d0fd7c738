use aws_sdk_elasticache::types::ReplicationGroup;
use proto::wire::CredentialOutcome;
use proto::{Defaults, ErrorClass, ItemId, Record, State};
use stack::{Fault, Update};

use super::caches::{Caches, id, later};

const NODE_TYPE: &str = r#"{"createStrategy":{"CacheNodeType":"cache.m5.large"}}"#;

fn is_large(group: &ReplicationGroup) -> bool {
    group.cache_node_type.as_deref() == Some("cache.m5.large")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_strategy_is_followed_by_the_existing_group() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    let strategy =
        r#"{"createStrategy":{"CacheNodeType":"cache.m5.large","SnapshotRetentionLimit":7}}"#;
    caches.settled(strategy).await;
    caches.until(&first, "kept longer", |it| it.snapshot_retention_limit == Some(7)).await;
    assert!(!caches.found(&first).await.is_some_and(|it| is_large(&it)));
    caches.world.aws.open_window(&id(&first));
    caches.until(&first, "large", is_large).await;
    // Harmless ones at once, those that restart apart from them.
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_desired_costs_one_call_and_changes_nothing() {
    let caches = Caches::new().await;
    caches.settled("{}").await;
    let (before, calls) = (caches.world.mutations().len(), caches.world.calls().len());
    caches.settled(r#"{"createStrategy":{}}"#).await;
    assert_eq!(caches.world.mutations().len(), before);
    assert!(caches.world.calls().len() <= calls + 1, "{:?}", caches.world.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn w25_under_the_go_operators_defaults_changes_wait_for_the_claims_window() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    let mut held = caches.item(NODE_TYPE);
    held.cluster.defaults = Defaults::Cro;
    let record = caches.world.settle(&held, State::Ready).await;
    let told = "waiting for spec.maintenanceWindow: createStrategy.CacheNodeType from cache.t3.micro to cache.m5.large";
    assert!(record.message.contains(told), "{}", record.message);
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 0);
    let mut open = caches.item(NODE_TYPE);
    open.cluster.defaults = Defaults::Cro;
    open.options.maintenance_window = true;
    caches.world.settle(&open, State::Ready).await;
    caches.world.aws.open_window(&id(&first));
    caches.until(&first, "large", is_large).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_at_aws_is_told_and_not_sent_again() {
    let caches = Caches::new().await;
    caches.settled("{}").await;
    for _ in 0..2 {
        let (_, record) = caches.settled(NODE_TYPE).await;
        let told = "accepted by AWS and not applied yet";
        assert!(record.message.contains(told), "{}", record.message);
        assert_eq!(caches.world.count("ModifyReplicationGroup"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w68_a_version_is_changed_when_somebody_names_another_and_no_other_time() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled(r#"{"createStrategy":{"EngineVersion":"6.2"}}"#).await;
    caches.settled(r#"{"createStrategy":{}}"#).await;
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 0);
    assert_eq!(caches.member(&first).await.engine_version.as_deref(), Some("6.2.6"));
    let mut open = caches.item(r#"{"createStrategy":{"EngineVersion":"7.1"}}"#);
    open.options.maintenance_window = true;
    caches.world.settle(&open, State::Ready).await;
    assert_eq!(caches.member(&first).await.engine_version.as_deref(), Some("7.1.0"));
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn l06_the_engine_is_set_for_life_and_its_revert_heals() {
    let caches = Caches::new().await;
    caches.settled("{}").await;
    let other = caches.item(r#"{"createStrategy":{"Engine":"valkey"}}"#);
    let record = caches.world.settle(&other, State::Refused).await;
    assert_eq!(
        (record.error_class, record.reason.as_str()),
        (Some(ErrorClass::Invalid), "ImmutableField")
    );
    caches.settled("{}").await;
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_a_group_stays_in_its_region() {
    let caches = Caches::new().await;
    caches.settled("{}").await;
    let (_, record) = caches.settled(r#"{"region":"eu-west-1"}"#).await;
    assert!(record.message.ends_with("stays in us-east-1"), "{}", record.message);
    assert_eq!(record.placement.region, "us-east-1");
    assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_both_secrets_lost_needs_a_person_or_by_strategy_a_new_token() {
    let caches = Caches::new().await;
    let (item, record) = caches.settled("{}").await;
    let first = caches.world.keeper.values("ensured")["password"].clone();
    caches.world.keeper.lose_all();
    let lost = caches.world.fail(&caches.item("{}"), "PasswordLost").await;
    assert_eq!(lost.error_class, Some(ErrorClass::NeedsPerson));
    assert_eq!(lost.digest, record.digest, "what was published stays");
    assert!(caches.world.keeper.ids().is_empty(), "none is generated for what exists");
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 0);

    caches.settled(r#"{"lostPassword":"reset"}"#).await;
    let held = caches.world.keeper.ids();
    let second = caches.world.keeper.values(&held[0]);
    assert_ne!(second["password"], first);
    assert_eq!((second.len(), second["password"].len()), (1, 32));
    let login = caches.world.aws.login(&id(&item)).unwrap();
    // Both are let in, so that nobody is locked out on the way.
    assert_eq!((&login.password, login.previous), (&second["password"], Some(first)));
    assert!(!caches.world.log().contains(&second["password"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_nothing_is_made_whose_token_cannot_be_kept() {
    let table = [
        (CredentialOutcome::Foreign, ErrorClass::Foreign),
        (CredentialOutcome::Unavailable, ErrorClass::Transient),
    ];
    for (outcome, class) in table {
        let caches = Caches::new().await;
        caches.world.keeper.refuse_next_ensure(outcome);
        let item = caches.item("{}");
        let record = caches.world.fail(&item, "CredentialsRefused").await;
        assert_eq!((record.error_class, record.intent), (Some(class), None));
        caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
        assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_a_new_token_that_was_not_kept_is_replaced_by_one_that_is() {
    let caches = Caches::new().await;
    caches.settled("{}").await;
    caches.world.keeper.lose_all();
    caches.world.keeper.refuse_next_store(CredentialOutcome::Unavailable);
    caches.world.aws.fail("ModifyReplicationGroup", 1, Fault::AnswerLost);
    caches.settled(r#"{"lostPassword":"reset"}"#).await;
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 3);
    assert_eq!(caches.world.keeper.ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w71_a_service_update_that_the_strategy_names_waits_for_a_window_and_is_applied_once() {
    let caches = Caches::new().await;
    let create = format!(r#""createStrategy":{{"PreferredMaintenanceWindow":"{}"}}"#, later());
    let (first, _) = caches.settled(&format!("{{{create}}}")).await;
    let json = format!(r#"{{{create},"serviceUpdates":["security-1"]}}"#);
    caches.world.aws.plan_update(Update::new(&id(&first), "security-1"));
    let (_, record) = caches.settled(&json).await;
    let told = "service updates wait for the group's maintenance window: security-1";
    assert!(record.message.contains(told), "{}", record.message);
    assert_eq!(caches.world.count("BatchApplyUpdateAction"), 0);
    let mut open = caches.item(&json);
    open.options.maintenance_window = true;
    for _ in 0..2 {
        open.item_id = ItemId::random();
        caches.world.settle(&open, State::Ready).await;
        assert_eq!(caches.world.count("BatchApplyUpdateAction"), 1);
    }
    // Nothing else is sent with it.
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w71_a_service_update_that_aws_refuses_leaves_the_group_as_it_is() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    caches.world.aws.plan_update(Update::new(&id(&first), "security-1"));
    let busy = Fault::Answered(400, "InvalidReplicationGroupState");
    caches.world.aws.fail("BatchApplyUpdateAction", 1, busy);
    let mut open = caches.item(r#"{"serviceUpdates":["security-1"]}"#);
    open.options.maintenance_window = true;
    caches.world.settle(&open, State::Ready).await;
    assert_eq!(caches.world.count("BatchApplyUpdateAction"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w34_a12_a_group_that_is_busy_is_changed_later_and_works_meanwhile() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    let busy = Fault::Answered(400, "InvalidReplicationGroupState");
    caches.world.aws.fail("ModifyReplicationGroup", 1, busy);
    let item = caches.item(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#);
    let record = caches.world.fail(&item, "Provisioning").await;
    assert_eq!(record.error_class, Some(ErrorClass::Pending));
    caches.world.until(&item, "ready", |record: &Record| record.state == State::Ready).await;
    assert_eq!(caches.found(&first).await.unwrap().snapshot_retention_limit, Some(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_the_cluster_that_change_are_written_and_those_of_others_stay() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    let arn = caches.found(&first).await.unwrap().arn.unwrap();
    let theirs = aws_sdk_elasticache::types::Tag::builder().key("theirs").value("x").build();
    let request = caches.world.elasticache().add_tags_to_resource().resource_name(arn);
    request.tags(theirs).send().await.unwrap();
    let mut changed = caches.item("{}");
    changed.cluster.tags = [("cost-centre".to_owned(), "43".to_owned())].into();
    caches.world.settle(&changed, State::Ready).await;
    let tags = caches.tags(&first).await;
    for expected in [("cost-centre", "43"), ("theirs", "x")] {
        assert!(tags.contains(&(expected.0.to_owned(), expected.1.to_owned())), "{tags:?}");
    }
    assert_eq!(caches.world.count("AddTagsToResource"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn l07_of_changes_within_one_window_the_last_holds() {
    let caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    for strategy in [NODE_TYPE, "{}", NODE_TYPE] {
        caches.settled(strategy).await;
    }
    assert!(caches.world.count("ModifyReplicationGroup") <= 3);
    caches.world.aws.open_window(&id(&first));
    caches
        .until(&first, "large", |it: &ReplicationGroup| {
            it.cache_node_type.as_deref() == Some("cache.m5.large")
        })
        .await;
}
