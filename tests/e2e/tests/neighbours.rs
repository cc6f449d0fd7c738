//! What claims of one namespace do not share, nor with people.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::ResourceExt;
use kube::api::{Api, ListParams, PostParams};
use serde_json::json;
use stack::{Claim, Stack, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn w28_the_password_of_a_postgres_goes_with_it_and_nobody_elses_secret_does() {
    let stack = Stack::start("neighbours-w28").await.unwrap();
    let api: Api<Secret> = Api::namespaced(stack.client.clone(), &stack.namespace);
    // What the Go operator deleted instead.
    let theirs = json!({"metadata": {"name": "postgres-credentials"}, "stringData": {"a": "b"}});
    api.create(&PostParams::default(), &serde_json::from_value(theirs).unwrap()).await.unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    assert!(stack.secret("orders-postgres-credentials").await.unwrap().is_some());
    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    eventually("only theirs is left", stack.patience, async || {
        let names: Vec<String> =
            api.list(&ListParams::default()).await?.iter().map(ResourceExt::name_any).collect();
        Ok((names == ["postgres-credentials"]).then_some(()))
    })
    .await
    .unwrap();
}

/// Whatever is made of these kinds, by name, with the version that tells whether it was written.
async fn versions(stack: &Stack) -> BTreeMap<String, Option<String>> {
    let deployments: Api<Deployment> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let config_maps: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let params = ListParams::default();
    let deployments = deployments.list(&params).await.unwrap();
    let generation = |it: &Deployment| it.metadata.generation.map(|it| it.to_string());
    let deployments = deployments.iter().map(|it| (it.name_any(), generation(it)));
    let config_maps = config_maps.list(&params).await.unwrap();
    let config_maps = config_maps.iter().map(|it| (it.name_any(), it.resource_version()));
    deployments.chain(config_maps).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn w29_a_redis_takes_no_configuration_of_another_with_it_nor_overwrites_it() {
    let stack = Stack::start("neighbours-w29").await.unwrap();
    let before = versions(&stack).await;
    let (kept, gone) = (Claim::redis("kept"), Claim::redis("gone").tier("production"));
    stack.create(&kept).await.unwrap();
    stack.until_complete(&kept).await.unwrap();
    let with_kept = versions(&stack).await;
    assert_eq!(with_kept.len(), before.len() + 1, "a Deployment and no ConfigMap: {with_kept:?}");
    stack.create(&gone).await.unwrap();
    stack.until_complete(&gone).await.unwrap();
    let with_both = versions(&stack).await;
    assert_eq!(with_both.len(), with_kept.len() + 1);
    assert!(with_kept.iter().all(|(name, version)| with_both.get(name) == Some(version)));
    stack.delete(&gone).await.unwrap();
    stack.until_gone(&gone).await.unwrap();
    assert_eq!(versions(&stack).await, with_kept);
}
