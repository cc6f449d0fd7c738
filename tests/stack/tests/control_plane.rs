//! The stack itself: what the other tests stand on.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::api::{Api, PostParams};
use kube::runtime::wait::await_condition;
use serde_json::json;
use stack::ControlPlane;

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_rolled_out_a_volume_is_bound_and_the_api_server_can_be_restarted() {
    let folder = tempfile::tempdir().unwrap();
    let plane = ControlPlane::start(folder.path(), |_| {}).await.unwrap();
    let client = plane.client().await.unwrap();

    let claims: Api<PersistentVolumeClaim> = Api::namespaced(client.clone(), "default");
    let claim = serde_json::from_value(json!({
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }));
    claims.create(&PostParams::default(), &claim.unwrap()).await.unwrap();

    let deployments: Api<Deployment> = Api::namespaced(client, "default");
    let deployment = serde_json::from_value(json!({
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "containers": [{
                        "name": "web", "image": "web",
                        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                    }],
                    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
                },
            },
        },
    }));
    deployments.create(&PostParams::default(), &deployment.unwrap()).await.unwrap();
    let rolled_out = |deployment: Option<&Deployment>| {
        let status = deployment.and_then(|deployment| deployment.status.as_ref());
        status.and_then(|status| status.available_replicas) == Some(1)
    };
    let patience = Duration::from_secs(60);
    let wait = await_condition(deployments.clone(), "web", rolled_out);
    tokio::time::timeout(patience, wait).await.unwrap().unwrap();

    plane.restart_apiserver().await.unwrap();
    assert!(deployments.get_opt("web").await.unwrap().is_some());
}
