use proto::{Defaults, ErrorClass, Field, Record, State};
use stack::Fault;

use super::caches::{Caches, id};
use crate::ground::OFTEN;

#[tokio::test(flavor = "multi_thread")]
async fn w36_w43_a_claim_gets_a_group_at_the_first_try_with_five_calls() {
    let caches = Caches::new().await;
    let (item, record) = caches.settled("{}").await;
    let calls = caches.world.calls();
    assert!(calls.len() <= 5, "{calls:?}");
    let id = id(&item);
    let text = "successfully created and tagged, aws elasticache status is available";
    assert_eq!(record.message, text);
    assert_eq!(record.placement.identifier.as_deref(), Some(id.as_str()));
    assert_eq!(record.placement.account, caches.world.account);
    assert!(record.placement.observed && record.intent.is_none());

    let found = caches.found(&item).await.unwrap();
    assert_eq!(
        (found.at_rest_encryption_enabled, found.transit_encryption_enabled),
        (Some(true), Some(true))
    );
    assert_eq!((found.auth_token_enabled, found.snapshot_retention_limit), (Some(true), Some(31)));
    let member = caches.member(&item).await;
    assert_eq!(
        (member.engine.as_deref(), member.engine_version.as_deref()),
        (Some("redis"), Some("7.1.0"))
    );
    assert_eq!(member.cache_subnet_group_name.as_deref(), Some("cro-subnets"));
    let group = member.security_groups.unwrap_or_default().remove(0);
    assert_eq!(group.security_group_id, Some(caches.world.security_group().await));
    assert_eq!(found.member_clusters.as_ref().map(Vec::len), Some(2));
    let tags = caches.tags(&item).await;
    assert!(tags.contains(&("integreatly.org/clusterID".into(), "cluster".into())), "{tags:?}");

    let fields = caches.world.connection(&item).await.unwrap().fields;
    let endpoint = found.node_groups.unwrap()[0].primary_endpoint.clone().unwrap();
    assert_eq!(fields["uri"], Field::Literal(endpoint.address.unwrap()));
    assert_eq!(fields["port"], Field::Literal("6379".into()));
    assert_eq!(fields["password"], Field::Credential("password".into()));
    assert_eq!(fields["tls"], Field::Literal("true".into()));
    assert_eq!(fields.len(), 4);
    let token = caches.world.keeper.values("ensured")["password"].clone();
    assert_eq!(caches.token(&item), token, "the token that is kept is that of the group");
    let log = caches.world.log();
    assert!(!log.contains(&token) && !log.contains("canary"));
    assert!(record.facts.values().all(|fact| !fact.contains(&token)));
}

#[tokio::test(flavor = "multi_thread")]
async fn w43_a_group_that_takes_its_time_costs_one_more_listing_for_each_look() {
    let caches = Caches::new().await;
    let item = caches.item("{}");
    caches.world.aws.set_status(&id(&item), Some("creating"));
    let record = caches.world.fail(&item, "Provisioning").await;
    let text = "createReplicationGroup() in progress, current aws elasticache status is creating";
    assert_eq!((record.state, record.message.as_str()), (State::Pending, text));
    assert!(caches.world.connection(&item).await.is_none());
    caches.world.aws.set_status(&id(&item), None);
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
    let calls = caches.world.calls();
    let others: Vec<_> = calls.iter().filter(|it| *it != "DescribeReplicationGroups").collect();
    // The first is asked once in the life of the process, the second once an hour.
    let expected = ["GetCallerIdentity", "DescribeCacheEngineVersions", "CreateReplicationGroup"];
    assert_eq!(others, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn w48_under_the_go_operators_defaults_a_cache_has_no_token_and_the_secret_its_two_keys() {
    let caches = Caches::new().await;
    let mut item = caches.item("{}");
    item.cluster.defaults = Defaults::Cro;
    caches.world.settle(&item, State::Ready).await;
    let found = caches.found(&item).await.unwrap();
    assert_eq!(
        (found.auth_token_enabled, found.transit_encryption_enabled),
        (Some(false), Some(false))
    );
    assert_eq!(found.at_rest_encryption_enabled, Some(true));
    let fields = caches.world.connection(&item).await.unwrap().fields;
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["port", "uri"]);
    assert!(caches.world.keeper.ids().is_empty());

    // The same group under stricter defaults keeps what it has.
    let (_, record) = caches.settled("{}").await;
    assert_eq!(record.state, State::Ready);
    let fields = caches.world.connection(&item).await.unwrap().fields;
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["port", "uri"]);
    assert_eq!(caches.world.count("ModifyReplicationGroup"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_wants_valkey_gets_it_and_keeps_it() {
    let caches = Caches::new().await;
    let mut item = caches.item("{}");
    item.options.engine = "valkey".into();
    item.options.size = "cache.m5.large".into();
    caches.world.settle(&item, State::Ready).await;
    let member = caches.member(&item).await;
    assert_eq!(member.engine.as_deref(), Some("valkey"));
    assert_eq!(member.cache_node_type.as_deref(), Some("cache.m5.large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w20_a_strategy_that_cannot_be_followed_is_refused_with_its_path_and_changes_nothing() {
    let caches = Caches::new().await;
    let table = [
        (r#"{"createStrategy":{"AuthToken":"x"}}"#, "createStrategy.AuthToken"),
        (r#"{"createStrategy":{"PrimaryClusterId":"x"}}"#, "createStrategy.PrimaryClusterId"),
        (r#"{"createStrategy":{"KmsKeyId":"arn:aws:kms:r:9:key/x"}}"#, "createStrategy.KmsKeyId"),
        (
            r#"{"createStrategy":{"AtRestEncryptionEnabled":false}}"#,
            "createStrategy.AtRestEncryptionEnabled",
        ),
        ("nonsense", "not valid JSON"),
    ];
    for (strategy, told) in table {
        let record = caches.world.settle(&caches.item(strategy), State::Refused).await;
        assert_eq!(record.error_class, Some(ErrorClass::Invalid));
        assert!(record.message.contains(told), "{}", record.message);
    }
    assert!(caches.world.mutations().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn w68_a_version_that_is_not_offered_is_refused_with_those_that_exist() {
    let caches = Caches::new().await;
    let ended = caches.item(r#"{"createStrategy":{"EngineVersion":"3.2.6"}}"#);
    let record = caches.world.settle(&ended, State::Refused).await;
    let text = "redis 3.2.6 is not offered in us-east-1; these are: 5.0.6, 6.0, 6.2, 7.0, 7.1";
    assert!(record.message.ends_with(text), "{}", record.message);
    let (item, _) = caches.settled(r#"{"createStrategy":{"EngineVersion":"6"}}"#).await;
    assert_eq!(caches.member(&item).await.engine_version.as_deref(), Some("6.2.6"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w34_a_group_that_answers_is_not_called_unfinished() {
    let caches = Caches::with(&OFTEN).await;
    let (item, _) = caches.settled("{}").await;
    for status in ["snapshotting", "modifying"] {
        caches.world.aws.set_status(&id(&item), Some(status));
        let is_told = |record: &Record| record.message.ends_with(status);
        let record = caches.world.until(&item, status, is_told).await;
        assert_eq!(record.state, State::Ready);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_a_group_that_could_not_be_made_needs_a_person() {
    let caches = Caches::with(&OFTEN).await;
    let (item, _) = caches.settled("{}").await;
    let before = caches.world.mutations().len();
    caches.world.aws.set_status(&id(&item), Some("create-failed"));
    let is_told = |record: &Record| record.reason == "ReplicationGroupStuck";
    let record = caches.world.until(&item, "stuck", is_told).await;
    assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
    assert!(record.message.contains("create-failed"), "{}", record.message);
    assert_eq!(caches.world.mutations().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn w03_a_group_whose_tags_aws_does_not_tell_yet_is_waited_for_and_not_touched() {
    let mut caches = Caches::new().await;
    let (first, _) = caches.settled("{}").await;
    caches.world.wipe_bus().await;
    caches.world.network(|_| {}).await;
    let before = caches.world.mutations().len();
    let busy = Fault::Answered(400, "InvalidReplicationGroupState");
    caches.world.aws.fail("ListTagsForResource", 1, busy);
    let item = caches.item(r#"{"createStrategy":{"SnapshotRetentionLimit":7}}"#);
    let record = caches.world.fail(&item, "Provisioning").await;
    assert_eq!((record.error_class, caches.world.mutations().len()), (None, before));
    caches.world.until(&item, "ready", |record| record.state == State::Ready).await;
    assert_eq!(caches.found(&first).await.unwrap().snapshot_retention_limit, Some(7));
}
