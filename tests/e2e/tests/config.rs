//! What an administrator decides in ConfigMaps, and what happens when it is wrong.

use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, ObjectMeta, PostParams};
use serde_json::json;
use stack::{Claim, Stack, condition, eventually};

const STRATEGIES: &str = "cloud-resources-openshift-strategies";
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

#[tokio::test(flavor = "multi_thread")]
async fn f01_config_maps_that_were_there_and_are_gone_hold_up_new_claims_only() {
    let stack = Stack::start("config-gone").await.unwrap();
    let running = Claim::redis("running");
    stack.create(&running).await.unwrap();
    stack.until_complete(&running).await.unwrap();
    let api: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let strategies = api.get(STRATEGIES).await.unwrap();
    api.delete(STRATEGIES, &DeleteParams::default()).await.unwrap();
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
    let name = Some(STRATEGIES.to_owned());
    let restored = ConfigMap {
        metadata: ObjectMeta { name, ..ObjectMeta::default() },
        data: strategies.data,
        ..ConfigMap::default()
    };
    api.create(&PostParams::default(), &restored).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_config_maps_the_built_in_types_and_tiers_serve() {
    let mut stack = Stack::prepare("config-none").await.unwrap();
    let api: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    for name in [MAPPING, STRATEGIES, "cloud-resources-aws-strategies"] {
        api.delete(name, &DeleteParams::default()).await.unwrap();
    }
    stack.start_services().await.unwrap();
    let claim = Claim::redis("cache").tier("production");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}
