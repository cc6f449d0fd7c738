//! ElastiCache through the proxy.

use aws_sdk_elasticache::types::{AuthTokenUpdateStrategyType, ReplicationGroup, Tag};
use stack::{LifeCycle, Update, eventually};

use crate::account::{Account, WHILE, code};

const TOKEN: &str = "a-token-of-16-or-more";

impl Account {
    async fn make(&self, id: &str) -> ReplicationGroup {
        let subnets = self.subnets().await;
        let name = format!("{id}-subnets");
        let group = self.cache.create_cache_subnet_group().cache_subnet_group_name(&name);
        let group = group.cache_subnet_group_description("d").set_subnet_ids(Some(subnets));
        group.send().await.unwrap();
        let request = self.cache.create_replication_group().replication_group_id(id);
        let request = request.replication_group_description("d").cache_node_type("cache.t3.micro");
        let request =
            request.cache_subnet_group_name(&name).security_group_ids("sg-1").num_cache_clusters(2);
        let request =
            request.auth_token(TOKEN).transit_encryption_enabled(true).engine_version("7.0");
        let request = request.tags(Tag::builder().key("k").value("v").build());
        request.send().await.unwrap().replication_group.unwrap()
    }

    async fn group(&self, id: &str) -> Result<ReplicationGroup, String> {
        let answer = self.cache.describe_replication_groups().replication_group_id(id).send().await;
        match answer {
            Ok(answer) => Ok(answer.replication_groups.unwrap().remove(0)),
            refused => Err(code(refused)),
        }
    }

    async fn until(&self, id: &str, status: &str) -> Vec<String> {
        let mut seen = Vec::new();
        eventually(status, WHILE * 20, async || {
            let group = self.group(id).await;
            seen.push(group.map_or_else(|code| code, |group| group.status.unwrap()));
            Ok((seen.last().unwrap() == status).then_some(()))
        })
        .await
        .unwrap();
        seen.dedup();
        seen
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_takes_its_time_and_vanishes() {
    let account = Account::new("520000000001").await;
    account.aws.life_cycle(LifeCycle::each(WHILE));
    let made = account.make("Cache").await;
    assert_eq!((made.status(), made.replication_group_id()), (Some("creating"), Some("cache")));
    assert!(made.node_groups().is_empty());
    assert_eq!(account.until("cache", "available").await, ["creating", "available"]);
    let group = account.group("cache").await.unwrap();
    assert_eq!(group.member_clusters(), ["cache-001", "cache-002"]);
    let endpoint = group.node_groups()[0].primary_endpoint().unwrap();
    assert!(
        endpoint.port() == Some(6379) && endpoint.address().unwrap().starts_with("master.cache.")
    );
    let clusters =
        account.cache.describe_cache_clusters().show_cache_node_info(true).send().await.unwrap();
    let cluster = &clusters.cache_clusters()[0];
    assert_eq!(
        (cluster.replication_group_id(), cluster.engine_version()),
        (Some("cache"), Some("7.0.7"))
    );
    assert_eq!(cluster.cache_subnet_group_name(), Some("cache-subnets"));
    assert_eq!(cluster.security_groups()[0].security_group_id(), Some("sg-1"));
    assert_eq!(cluster.cache_nodes().len(), 1);
    let delete = || account.cache.delete_replication_group().replication_group_id("cache");
    let last = delete().final_snapshot_identifier("last").send().await.unwrap();
    assert_eq!(last.replication_group.unwrap().status(), Some("deleting"));
    assert_eq!(code(delete().send().await), "InvalidReplicationGroupState");
    let subnets =
        account.cache.delete_cache_subnet_group().cache_subnet_group_name("cache-subnets");
    assert_eq!(code(subnets.clone().send().await), "CacheSubnetGroupInUse");
    assert_eq!(account.until("cache", "ReplicationGroupNotFoundFault").await.len(), 2);
    let snapshots = account.cache.describe_snapshots().snapshot_name("last").send().await.unwrap();
    assert_eq!(snapshots.snapshots()[0].snapshot_status(), Some("available"));
    subnets.send().await.unwrap();
    account.make("cache").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_wait_or_are_made_and_tokens_are_rotated() {
    let account = Account::new("520000000002").await;
    account.make("cache").await;
    let modify = || account.cache.modify_replication_group().replication_group_id("cache");
    modify().engine_version("7.1").cache_node_type("cache.t3.small").send().await.unwrap();
    let cluster = async || {
        let answer =
            account.cache.describe_cache_clusters().cache_cluster_id("cache-001").send().await;
        answer.unwrap().cache_clusters.unwrap().remove(0)
    };
    let waiting = cluster().await;
    assert_eq!(
        (waiting.engine_version(), waiting.cache_node_type()),
        (Some("7.0.7"), Some("cache.t3.micro"))
    );
    let pending = waiting.pending_modified_values().unwrap();
    assert_eq!(
        (pending.engine_version(), pending.cache_node_type()),
        (Some("7.1.0"), Some("cache.t3.small"))
    );
    account.aws.open_window("cache");
    assert_eq!(cluster().await.engine_version(), Some("7.1.0"));
    account.aws.life_cycle(LifeCycle::each(WHILE));
    let rotate = modify().auth_token("another-token-of-16").apply_immediately(true);
    let rotate = rotate.auth_token_update_strategy(AuthTokenUpdateStrategyType::Rotate);
    let group = rotate.send().await.unwrap().replication_group.unwrap();
    let status = group.pending_modified_values().unwrap().auth_token_status().unwrap();
    assert_eq!((group.status(), status.as_str()), (Some("modifying"), "ROTATING"));
    assert_eq!(code(modify().engine_version("7.1").send().await), "InvalidReplicationGroupState");
    account.until("cache", "available").await;
    let login = account.aws.login("cache").unwrap();
    assert_eq!(
        (login.password.as_str(), login.previous.as_deref()),
        ("another-token-of-16", Some(TOKEN))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn service_updates_are_listed_applied_and_refused_per_group() {
    let account = Account::new("520000000003").await;
    account.make("cache").await;
    let names = ["cache".to_owned(), "none".to_owned()];
    let apply = |name: &str| {
        let request = account.cache.batch_apply_update_action().service_update_name(name);
        request.set_replication_group_ids(Some(names.to_vec())).send()
    };
    assert_eq!(code(apply("update").await), "ServiceUpdateNotFoundFault");
    account.aws.plan_update(Update::new("cache", "update"));
    let status = async || {
        let listed = account
            .cache
            .describe_update_actions()
            .replication_group_ids("cache")
            .send()
            .await
            .unwrap();
        listed.update_actions()[0].update_action_status().unwrap().as_str().to_owned()
    };
    assert_eq!(status().await, "not-applied");
    account.aws.life_cycle(LifeCycle::each(WHILE));
    let answer = apply("update").await.unwrap();
    assert_eq!(answer.processed_update_actions()[0].replication_group_id(), Some("cache"));
    assert_eq!(
        answer.unprocessed_update_actions()[0].error_type(),
        Some("ReplicationGroupNotFoundFault")
    );
    assert_eq!(status().await, "in-progress");
    account.until("cache", "available").await;
    assert_eq!(status().await, "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_and_parameter_groups_are_kept() {
    let account = Account::new("520000000004").await;
    let arn = account.make("cache").await.arn.unwrap();
    let add = account.cache.add_tags_to_resource().resource_name(&arn);
    add.tags(Tag::builder().key("l").value("w").build()).send().await.unwrap();
    account
        .cache
        .remove_tags_from_resource()
        .resource_name(&arn)
        .tag_keys("k")
        .send()
        .await
        .unwrap();
    let tags = account.cache.list_tags_for_resource().resource_name(&arn).send().await.unwrap();
    assert_eq!(tags.tag_list().iter().map(|tag| tag.key().unwrap()).collect::<Vec<_>>(), ["l"]);
    let parameters =
        || account.cache.create_cache_parameter_group().cache_parameter_group_name("p");
    parameters().cache_parameter_group_family("redis7").description("d").send().await.unwrap();
    let modify = || {
        account
            .cache
            .modify_replication_group()
            .replication_group_id("cache")
            .apply_immediately(true)
    };
    assert_eq!(
        code(modify().cache_parameter_group_name("q").send().await),
        "CacheParameterGroupNotFound"
    );
    modify().cache_parameter_group_name("p").send().await.unwrap();
    let delete =
        account.cache.delete_cache_parameter_group().cache_parameter_group_name("p").send();
    assert_eq!(code(delete.await), "InvalidCacheParameterGroupState");
    let versions =
        account.cache.describe_cache_engine_versions().engine("valkey").send().await.unwrap();
    assert_eq!(versions.cache_engine_versions().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_group_stands_on_stays_and_faults_apply() {
    let account = Account::new("520000000005").await;
    account.aws.lag("CreateReplicationGroup", 1);
    account.aws.withhold("cache.t3.large", None);
    account.make("cache").await;
    assert_eq!(account.group("cache").await.unwrap_err(), "ReplicationGroupNotFoundFault");
    account.group("cache").await.unwrap();
    let subnet = account.subnets().await.remove(0);
    assert_eq!(
        code(account.ec2.delete_subnet().subnet_id(subnet).send().await),
        "DependencyViolation"
    );
    account.aws.quota("CreateReplicationGroup", Some(1));
    let create = account.cache.create_replication_group().replication_group_id("more");
    let create = create.replication_group_description("d").cache_node_type("cache.t3.large");
    assert_eq!(code(create.clone().send().await), "NodeQuotaForCustomerExceeded");
    account.aws.quota("CreateReplicationGroup", None);
    assert_eq!(code(create.send().await), "InsufficientCacheClusterCapacity");
    account.aws.set_endpoint("cache", "127.0.0.1", 6380);
    account.aws.set_status("cache", Some("create-failed"));
    assert_eq!(account.group("cache").await.unwrap().status(), Some("create-failed"));
    account.aws.set_status("cache", None);
    let group = account.group("cache").await.unwrap();
    assert_eq!(group.node_groups()[0].primary_endpoint().unwrap().port(), Some(6380));
}
