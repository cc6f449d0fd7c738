//! The control plane does what a cluster does.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolume, PersistentVolumeClaim};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::wait::{await_condition, conditions};
use serde_json::{Value, json};
use stack::{Claim, PATIENCE, Site, Stack};

fn web() -> Value {
    let container = json!({
        "name": "web", "image": "web",
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    });
    let volume = json!({"name": "data", "persistentVolumeClaim": {"claimName": "data"}});
    let template = json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [container], "volumes": [volume]},
    });
    let spec = json!({"selector": {"matchLabels": {"app": "web"}}, "template": template});
    json!({"metadata": {"name": "web"}, "spec": spec})
}

async fn until_size(volumes: &Api<PersistentVolumeClaim>, size: &str) {
    let has_size = |volume: Option<&PersistentVolumeClaim>| {
        let status = volume.and_then(|it| it.status.as_ref());
        let capacity = status.and_then(|it| it.capacity.as_ref());
        capacity.is_some_and(|capacity| capacity["storage"].0 == size)
    };
    let wait = await_condition(volumes.clone(), "data", has_size);
    tokio::time::timeout(PATIENCE, wait).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_rolled_out_on_a_volume_that_can_grow_and_goes_with_its_claim() {
    let site = Site::shared().await.unwrap();
    let client = site.plane.admin().client().await.unwrap();
    let volumes: Api<PersistentVolumeClaim> = Api::namespaced(client.clone(), "default");
    let resources = json!({"requests": {"storage": "1Gi"}});
    let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": resources});
    let volume = serde_json::from_value(json!({"metadata": {"name": "data"}, "spec": spec}));
    volumes.create(&PostParams::default(), &volume.unwrap()).await.unwrap();
    let deployments: Api<Deployment> = Api::namespaced(client, "default");
    let web = serde_json::from_value(web()).unwrap();
    deployments.create(&PostParams::default(), &web).await.unwrap();
    let is_available = |deployment: Option<&Deployment>| {
        let status = deployment.and_then(|it| it.status.as_ref());
        status.and_then(|it| it.available_replicas) == Some(1)
    };
    let wait = await_condition(deployments.clone(), "web", is_available);
    tokio::time::timeout(PATIENCE, wait).await.unwrap().unwrap();
    until_size(&volumes, "1Gi").await;

    let larger = json!({"spec": {"resources": {"requests": {"storage": "2Gi"}}}});
    volumes.patch("data", &PatchParams::default(), &Patch::Merge(larger)).await.unwrap();
    until_size(&volumes, "2Gi").await;

    let bound = volumes.get("data").await.unwrap();
    let name = bound.spec.unwrap().volume_name.unwrap();
    deployments.delete("web", &DeleteParams::default()).await.unwrap();
    volumes.delete("data", &DeleteParams::default()).await.unwrap();
    let all: Api<PersistentVolume> = Api::all(deployments.into_client());
    let uid = all.get(&name).await.unwrap().metadata.uid.unwrap();
    let wait = await_condition(all, &name, conditions::is_deleted(&uid));
    tokio::time::timeout(PATIENCE, wait).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_object_owns_is_collected_with_it() {
    let stack = Stack::prepare("collected").await.unwrap();
    let owner = stack.create(&Claim::redis("owner")).await.unwrap();
    let reference = json!({
        "apiVersion": "integreatly.org/v1alpha1", "kind": "Redis", "name": "owner",
        "uid": owner.metadata.uid.clone().unwrap(),
    });
    let metadata = json!({"name": "owned", "ownerReferences": [reference]});
    let dependent: ConfigMap = serde_json::from_value(json!({"metadata": metadata})).unwrap();
    let api: Api<ConfigMap> = Api::namespaced(stack.client.clone(), &stack.namespace);
    let uid = api.create(&PostParams::default(), &dependent).await.unwrap().metadata.uid.unwrap();
    stack.claims(&Claim::redis("owner")).delete("owner", &DeleteParams::default()).await.unwrap();
    let wait = await_condition(api, "owned", conditions::is_deleted(&uid));
    tokio::time::timeout(PATIENCE, wait).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_can_be_restarted_and_keeps_everything() {
    let stack = Stack::alone("restarted").await.unwrap();
    let claim = Claim::postgres("kept").tier("production").secret("elsewhere");
    stack.create(&claim).await.unwrap();
    stack.site().plane.restart_apiserver().await.unwrap();
    let kept = stack.get(&claim).await.unwrap().unwrap();
    assert_eq!(kept.data["spec"]["secretRef"]["name"], "elsewhere");
}
