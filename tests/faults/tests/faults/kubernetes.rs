//! The API server goes and comes back.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use proto::Service;
use stack::Stack;

use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_restarted_while_claims_are_made_and_deleted_costs_nothing_but_time() {
    let mut stack = Stack::alone("restarted").await.unwrap();
    stack.start_services().await.unwrap();
    let mut scene = Scene::of(stack).tripled();
    scene.create().await;
    scene.until_some::<PersistentVolumeClaim>().await;
    scene.stack.site().plane.restart_apiserver().await.unwrap();
    scene.check().await;
    let secrets = scene.secrets().await;
    scene.stack.site().plane.restart_apiserver().await.unwrap();
    scene.check().await;
    assert_eq!(scene.secrets().await, secrets);
    scene.delete().await;
    scene.until_called("DeleteAccessKey").await;
    scene.until_called("DeleteDBInstance").await;
    scene.stack.site().plane.restart_apiserver().await.unwrap();
    scene.until_nothing_is_left().await;
    assert!(scene.list::<Deployment>().await.unwrap().is_empty());
    for service in Service::ALL {
        scene.stack.service(service).check().unwrap();
    }
}
