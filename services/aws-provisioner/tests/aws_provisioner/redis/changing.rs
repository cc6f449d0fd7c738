use proto::{ErrorClass, ItemId, State};
use stack::Update;

use super::caches::{Caches, id, later};

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
async fn another_parameter_group_is_taken_in_the_groups_window() {
    let caches = Caches::new().await;
    let request = caches.world.elasticache().create_cache_parameter_group();
    let request = request.cache_parameter_group_name("tuned").description("tuned");
    request.cache_parameter_group_family("redis7").send().await.unwrap();
    let (first, _) = caches.settled("{}").await;
    let named = r#"{"createStrategy":{"CacheParameterGroupName":"tuned"}}"#;
    let (_, record) = caches.settled(named).await;
    let told = "accepted by AWS and not applied yet: createStrategy.CacheParameterGroupName";
    assert!(record.message.contains(told), "{}", record.message);
    let group = async || {
        let found = caches.member(&first).await.cache_parameter_group;
        found.and_then(|it| it.cache_parameter_group_name).unwrap_or_default()
    };
    assert_ne!(group().await, "tuned");
    caches.world.aws.open_window(&id(&first));
    assert_eq!(group().await, "tuned");
    let (_, record) = caches.settled(named).await;
    assert!(!record.message.contains("tuned"), "{}", record.message);
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 1);
}
