//! What an older or looser definition let in.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use stack::{Claim, Stack, eventually};

const SCHEMA: &str = "/spec/versions/0/schema/openAPIV3Schema";

/// Gives Redis another schema; returns what it had.
async fn define(stack: &Stack, schema: &Value) -> Value {
    let api: Api<CustomResourceDefinition> = Api::all(stack.client.clone());
    let before = serde_json::to_value(api.get("redis.integreatly.org").await.unwrap()).unwrap();
    let replace = json!([{"op": "replace", "path": SCHEMA, "value": schema}]);
    let patch = Patch::Json::<()>(serde_json::from_value(replace).unwrap());
    api.patch("redis.integreatly.org", &PatchParams::default(), &patch).await.unwrap();
    before.pointer(SCHEMA).unwrap().clone()
}

/// Stores claims that our schema refuses, and brings it back.
async fn store(stack: &Stack, claims: &[Claim]) {
    let anything = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let ours = define(stack, &anything).await;
    for claim in claims {
        let create = async || Ok(Some(stack.create(claim).await?));
        eventually("it is let in", stack.patience, create).await.unwrap();
    }
    define(stack, &ours).await;
    let probe = claims[0].clone().renamed("probe");
    let api = stack.claims(&probe);
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    eventually("it is refused again", stack.patience, async || {
        Ok(api.create(&dry, &probe.object()).await.is_err().then_some(()))
    })
    .await
    .unwrap();
}

fn mistyped(name: &str) -> Claim {
    Claim::redis(name).with("tier", 7).with("unheardOf", json!({"deep": [1, 2]}))
}

async fn until_told(stack: &Stack, claim: &Claim) -> DynamicObject {
    let object = stack.until_reason(claim, "Invalid").await.unwrap();
    let message = object.data["status"]["message"].as_str().unwrap();
    assert!(message.starts_with("spec.tier"), "{message}");
    object
}

#[tokio::test(flavor = "multi_thread")]
async fn watch10_what_breaks_the_schema_is_told_so_and_its_neighbours_are_served() {
    let mut stack = Stack::alone("stored").await.unwrap();
    let size = Claim::redis("size").with("size", "a b");
    let before = [mistyped("before"), size.clone()];
    store(&stack, &before).await;
    stack.start_services().await.unwrap();
    until_told(&stack, &before[0]).await;
    // The size counts on AWS only. Status, finalizer and annotations are written although a rule is broken.
    let object = stack.until_complete(&size).await.unwrap();
    assert_eq!(object.metadata.finalizers.unwrap().len(), 1);

    // The same while it is watched.
    let during = mistyped("during");
    store(&stack, std::slice::from_ref(&during)).await;
    until_told(&stack, &during).await;
    let neighbours: Vec<Claim> = (0..5).map(|it| Claim::redis(&format!("good-{it}"))).collect();
    for claim in &neighbours {
        stack.create(claim).await.unwrap();
    }
    for claim in &neighbours {
        stack.until_complete(claim).await.unwrap();
    }
    for claim in before.iter().chain([&during]) {
        stack.delete(claim).await.unwrap();
        stack.until_gone(claim).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_schema_accepts_status_and_finalizers_and_may_be_corrected() {
    let mut stack = Stack::alone("stored-patched").await.unwrap();
    let claim = mistyped("strange");
    store(&stack, std::slice::from_ref(&claim)).await;
    let (api, params) = (stack.claims(&claim), PatchParams::default());
    for finalizers in [json!(["example.com/theirs"]), Value::Null] {
        let patch = Patch::Merge(json!({"metadata": {"finalizers": finalizers}}));
        api.patch(&claim.name, &params, &patch).await.unwrap();
    }
    let patch = Patch::Merge(json!({"status": {"phase": "failed"}}));
    let object = api.patch_status(&claim.name, &params, &patch).await.unwrap();
    assert_eq!(object.data["status"]["phase"], "failed");
    assert_eq!(object.data["spec"]["tier"], 7);
    stack.start_services().await.unwrap();
    until_told(&stack, &claim).await;
    stack.patch(&claim, json!({"spec": {"tier": "development"}})).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
}
