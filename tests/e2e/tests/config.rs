//! What an administrator decides in ConfigMaps, and what happens when it is wrong.

use std::time::Duration;

use crds::ClaimKind;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, ObjectMeta, PostParams};
use serde_json::json;
use stack::{Call, Claim, LifeCycle, Stack, condition, eventually};

const STRATEGIES: &str = "cloud-resources-openshift-strategies";
const AWS_STRATEGIES: &str = "cloud-resources-aws-strategies";
const MAPPING: &str = "cloud-resource-config";

async fn volume_size(stack: &Stack, uid: &str) -> String {
    let api: Api<PersistentVolumeClaim> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let selector = ListParams::default().labels(&format!("integreatly.org/claim-uid={uid}"));
    let volumes = api.list(&selector).await.unwrap();
    let spec = volumes.items[0].spec.clone().unwrap();
    spec.resources.unwrap().requests.unwrap()["storage"].0.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_tier_reaches_what_runs() {
    let stack = Stack::start("config-tier").await.unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    let object = stack.until_complete(&claim).await.unwrap();
    let uid = object.metadata.uid.unwrap();
    assert_eq!(volume_size(&stack, &uid).await, "1Gi");
    let larger = json!({"development": {"strategy": {"pvcSpec": {
        "resources": {"requests": {"storage": "2Gi"}},
    }}}});
    stack.configure(STRATEGIES, "postgres", larger.to_string()).await.unwrap();
    eventually("the volume is larger", stack.patience, async || {
        Ok((volume_size(&stack, &uid).await == "2Gi").then_some(()))
    })
    .await
    .unwrap();
}

/// The mapping says another provider for a claim that is served: it stays where it is and is told.
async fn check_that_a_provider_is_kept(stack: &Stack, claim: &Claim, [from, to]: [&str; 2]) {
    stack.create(claim).await.unwrap();
    stack.until_complete(claim).await.unwrap();
    let secret = format!("{}-sec", claim.name);
    let before = stack.secret(&secret).await.unwrap();
    let deployment_type = claim.object().data["spec"]["type"].as_str().unwrap().to_owned();
    let mapping = json!({claim.kind.mapping_key(): to}).to_string();
    stack.configure(MAPPING, &deployment_type, mapping).await.unwrap();
    let expected = format!("its type is served by {to} now");
    let told = stack.until(claim, &expected, |object| {
        let scheduled = condition(object, "Scheduled").unwrap()["message"].as_str();
        scheduled.is_some_and(|message| message.starts_with(&expected))
    });
    let kept = told.await.unwrap();
    assert_eq!(kept.data["status"]["strategy"], from);
    assert_eq!(kept.data["status"]["phase"], "complete");
    assert_eq!(stack.secret(&secret).await.unwrap(), before);
    // The next of that type goes where it goes now.
    let next = claim.clone().renamed("next").secret(&format!("next-{to}"));
    stack.create(&next).await.unwrap();
    let is_pinned = |object: &DynamicObject| object.data["status"]["strategy"] == to;
    stack.until(&next, to, is_pinned).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_the_provider_is_kept_for_life() {
    let stack = Stack::start("config-provider").await.unwrap();
    check_that_a_provider_is_kept(&stack, &Claim::redis("cache"), ["openshift", "aws"]).await;
    check_that_a_provider_is_kept(&stack, &Claim::bucket("images"), ["aws", "openshift"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_what_is_wrong_in_a_config_map_is_named_and_heals_when_corrected() {
    let stack = Stack::start("config-wrong").await.unwrap();
    let running = Claim::redis("running");
    stack.create(&running).await.unwrap();
    stack.until_complete(&running).await.unwrap();
    let good = json!({"development": {"strategy": {}}}).to_string();
    let foreign = json!({"development": {"strategy": {"deploymentSpec": {"template": {"spec": {
        "hostNetwork": true,
    }}}}}});
    let table = [
        ("{oops".to_owned(), "WaitingForConfig", "line 1 column 2"),
        (String::new(), "WaitingForConfig", "missing or empty"),
        (r#"{"gold": {}}"#.to_owned(), "UnsupportedTier", "has: gold"),
        (foreign.to_string(), "Invalid", "hostNetwork"),
    ];
    let waiting: Vec<Claim> =
        (0..table.len()).map(|number| Claim::redis(&format!("cache-{number}"))).collect();
    for (claim, (text, reason, part)) in waiting.iter().zip(table) {
        stack.configure(STRATEGIES, "redis", text).await.unwrap();
        // Created before or after the change is seen, it comes to the same.
        stack.create(&claim.clone().with("skipCreate", false)).await.unwrap();
        let object = stack.until(claim, reason, |object| {
            let scheduled = condition(object, "Scheduled");
            let ready = condition(object, "Ready");
            [scheduled, ready]
                .into_iter()
                .flatten()
                .any(|it| it["reason"] == reason && it["message"].as_str().unwrap().contains(part))
        });
        object.await.unwrap();
    }
    let object = stack.get(&running).await.unwrap().unwrap();
    assert_eq!(condition(&object, "Ready").unwrap()["status"], "True");
    stack.configure(STRATEGIES, "redis", good).await.unwrap();
    for claim in &waiting {
        stack.until_complete(claim).await.unwrap();
    }
}

/// Deletes a ConfigMap of the operator; what it held.
async fn take_away(stack: &Stack, name: &str) -> ConfigMap {
    let api: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let config_map = api.get(name).await.unwrap();
    api.delete(name, &DeleteParams::default()).await.unwrap();
    config_map
}

async fn put_back(stack: &Stack, config_map: ConfigMap) {
    let api: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let metadata = ObjectMeta { name: config_map.metadata.name, ..ObjectMeta::default() };
    let fresh = ConfigMap { metadata, ..config_map };
    api.create(&PostParams::default(), &fresh).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_config_maps_that_were_there_and_are_gone_hold_up_new_claims_only() {
    let stack = Stack::start("config-gone").await.unwrap();
    let running = Claim::redis("running");
    stack.create(&running).await.unwrap();
    stack.until_complete(&running).await.unwrap();
    let strategies = take_away(&stack, STRATEGIES).await;
    let object = stack.until_condition(&running, "Scheduled", "WaitingForConfig").await.unwrap();
    let scheduled = condition(&object, "Scheduled").unwrap();
    assert!(scheduled["message"].as_str().unwrap().contains("it was there and is gone"));
    assert_eq!(condition(&object, "Ready").unwrap()["status"], "True");
    // W-13: deletion needs no valid configuration.
    stack.delete(&running).await.unwrap();
    stack.until_gone(&running).await.unwrap();
    let claim = Claim::redis("cache");
    stack.create(&claim).await.unwrap();
    let object = stack.until_reason(&claim, "WaitingForConfig").await.unwrap();
    assert_eq!(object.data["status"]["phase"], "in progress");
    put_back(&stack, strategies).await;
    stack.until_complete(&claim).await.unwrap();
}

/// Calls that may have changed something in a service of AWS; in all of them when it is empty.
fn writes(stack: &Stack, service: &str) -> Vec<Call> {
    let calls = stack.aws.calls().into_iter().filter(Call::is_write);
    calls.filter(|call| service.is_empty() || call.service == service).collect()
}

fn instances(stack: &Stack) -> usize {
    writes(stack, "rds").iter().filter(|call| call.operation == "CreateDBInstance").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f02_strategies_of_aws_that_are_gone_or_broken_hold_up_new_claims_only() {
    let stack = Stack::start("config-aws").await.unwrap();
    let managed = |kind, name: &str| Claim::new(kind, name, "managed");
    let [ready, creating] = ["ready", "creating"].map(|name| managed(ClaimKind::Postgres, name));
    stack.create(&ready).await.unwrap();
    stack.until_complete(&ready).await.unwrap();
    let long = Duration::from_secs(3);
    stack.aws.life_cycle(LifeCycle { creating: long, ..LifeCycle::default() });
    stack.create(&creating).await.unwrap();
    let is_made = async || Ok((instances(&stack) == 2).then_some(()));
    eventually("it is being made", stack.patience, is_made).await.unwrap();

    // Gone: what was begun is completed with the last good strategy, and nothing else is touched.
    let before = writes(&stack, "");
    let mut strategies = take_away(&stack, AWS_STRATEGIES).await;
    let late = [
        managed(ClaimKind::Postgres, "late"),
        managed(ClaimKind::Redis, "cache"),
        Claim::bucket("images"),
    ];
    for claim in [&ready, &creating] {
        stack.until_condition(claim, "Scheduled", "WaitingForConfig").await.unwrap();
    }
    for claim in &late {
        stack.create(claim).await.unwrap();
        stack.until_reason(claim, "WaitingForConfig").await.unwrap();
    }
    let object = stack.until_complete(&creating).await.unwrap();
    assert_eq!(condition(&object, "Scheduled").unwrap()["reason"], "WaitingForConfig");
    let object = stack.get(&ready).await.unwrap().unwrap();
    assert_eq!(condition(&object, "Ready").unwrap()["status"], "True");
    assert_eq!(writes(&stack, ""), before);

    // Broken in one place: claims of the others are served.
    let tiers = strategies.data.as_mut().unwrap();
    let good = tiers.insert("postgres".to_owned(), "{oops".to_owned()).unwrap();
    put_back(&stack, strategies).await;
    for claim in &late[1..] {
        stack.until_complete(claim).await.unwrap();
    }
    let broken = stack.until_reason(&late[0], "WaitingForConfig").await.unwrap();
    let message = condition(&broken, "Ready").unwrap()["message"].as_str().unwrap();
    assert!(message.contains("line 1 column 2"), "{message}");
    let of_rds: Vec<Call> = before.into_iter().filter(|call| call.service == "rds").collect();
    assert_eq!(writes(&stack, "rds"), of_rds);
    stack.configure(AWS_STRATEGIES, "postgres", good).await.unwrap();
    stack.until_complete(&late[0]).await.unwrap();
    assert_eq!(instances(&stack), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_config_maps_the_built_in_types_and_tiers_serve() {
    let mut stack = Stack::prepare("config-none").await.unwrap();
    let api: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    for name in [MAPPING, STRATEGIES, AWS_STRATEGIES] {
        api.delete(name, &DeleteParams::default()).await.unwrap();
    }
    stack.start_services().await.unwrap();
    let claim = Claim::redis("cache").tier("production");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}
