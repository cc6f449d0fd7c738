//! Services are killed, one by one and many at once.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret};
use proto::Service;
use stack::{Replica, Stack};

use crate::scene::Scene;

const WORKERS: [Service; 3] =
    [Service::AwsProvisioner, Service::OpenshiftProvisioner, Service::SecretWriter];

async fn start_again(scene: &mut Scene, service: Service) {
    let services = scene.stack.service(service);
    services.kill();
    services.start().unwrap();
    services.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_killed_while_it_works_goes_on_where_it_was() {
    let mut scene = Scene::start("kill-watcher").await.tripled();
    scene.create().await;
    let is_pinned =
        |object: &kube::api::DynamicObject| object.data["status"]["placement"].is_object();
    scene.stack.until(&scene.claims[0], "pinned", is_pinned).await.unwrap();
    start_again(&mut scene, Service::Watcher).await;
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_openshift_provisioner_killed_while_it_works_goes_on_where_it_was() {
    let mut scene = Scene::start("kill-openshift").await.tripled();
    scene.create().await;
    scene.until_some::<PersistentVolumeClaim>().await;
    start_again(&mut scene, Service::OpenshiftProvisioner).await;
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_provisioner_killed_while_it_works_goes_on_where_it_was() {
    let mut scene = Scene::start("kill-aws").await.tripled();
    scene.create().await;
    for step in ["PUT tagging", "CreateDBInstance"] {
        scene.until_called(step).await;
        start_again(&mut scene, Service::AwsProvisioner).await;
    }
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_writer_killed_while_it_works_goes_on_where_it_was() {
    let mut scene = Scene::start("kill-secret-writer").await.tripled();
    scene.create().await;
    scene.until_some::<Secret>().await;
    start_again(&mut scene, Service::SecretWriter).await;
    scene.until_called("CreateReplicationGroup").await;
    start_again(&mut scene, Service::SecretWriter).await;
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_are_asked_to_stop_hand_over_what_they_have_in_hand() {
    let mut scene = Scene::start("stop-all").await.tripled();
    scene.create().await;
    scene.until_some::<PersistentVolumeClaim>().await;
    scene.until_called("CreateDBInstance").await;
    assert!(scene.stack.stop_services().await, "all drained in time");
    scene.stack.start_services().await.unwrap();
    scene.check().await;
}

/// Two replicas of each service from the start.
async fn doubled(name: &str) -> Scene {
    let mut stack = Stack::prepare(name).await.unwrap();
    for service in Service::ALL {
        stack.service(service).start().unwrap();
        stack.service(service).start().unwrap();
    }
    for service in Service::ALL {
        stack.service(service).ready().await.unwrap();
    }
    Scene::of(stack).tripled()
}

async fn leads(replica: &Replica) -> bool {
    let metrics = replica.metrics().await.unwrap();
    metrics.lines().any(|line| line == "watcher_leader 1")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_of_each_service_one_is_enough() {
    let mut scene = doubled("two-one").await;
    scene.create().await;
    scene.until_some::<PersistentVolumeClaim>().await;
    scene.until_called("CreateDBInstance").await;
    for service in WORKERS {
        scene.stack.service(service).replicas()[1].process().kill();
    }
    let mut leaders = 0;
    for replica in scene.stack.service(Service::Watcher).replicas() {
        if leads(replica).await {
            leaders += 1;
            replica.process().kill();
        }
    }
    assert_eq!(leaders, 1);
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_of_each_service_one_is_killed_and_comes_back() {
    let mut scene = doubled("two-back").await;
    scene.create().await;
    scene.until_some::<PersistentVolumeClaim>().await;
    for service in Service::ALL {
        scene.stack.service(service).replicas()[0].process().kill();
    }
    for service in Service::ALL {
        assert_eq!(scene.stack.service(service).revive().unwrap().len(), 1);
        scene.stack.service(service).ready().await.unwrap();
    }
    scene.check().await;
}
