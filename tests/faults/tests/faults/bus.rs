//! The bus is down, dies, or forgets everything.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use proto::Service;
use serde_json::json;
use stack::{Claim, LifeCycle, Stack, eventually};

use crate::account::writes;
use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_is_down_at_start_is_waited_for() {
    let mut stack = Stack::prepare("bus-late").await.unwrap();
    stack.nats.kill();
    for service in Service::ALL {
        stack.service(service).start().unwrap();
    }
    let mut scene = Scene::of(stack);
    scene.create().await;
    for service in Service::ALL {
        let replica = &mut scene.stack.service(service).replicas()[0];
        // It runs and says that it is not ready.
        let answers = async || Ok(replica.metrics().await.is_ok().then_some(()));
        eventually("it answers", std::time::Duration::from_secs(60), answers).await.unwrap();
        scene.stack.service(service).check().unwrap();
    }
    scene.stack.nats.restart().await.unwrap();
    for service in Service::ALL {
        scene.stack.service(service).ready().await.unwrap();
    }
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_killed_while_claims_are_made_loses_nothing() {
    let mut scene = Scene::start("bus-killed").await.tripled();
    scene.create().await;
    scene.until_some::<PersistentVolumeClaim>().await;
    scene.stack.nats.restart().await.unwrap();
    for step in ["CreateUser", "CreateDBInstance"] {
        scene.until_called(step).await;
        scene.stack.nats.restart().await.unwrap();
    }
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_wiped_while_claims_are_made_loses_nothing() {
    let mut scene = Scene::start("bus-wiped-early").await.tripled();
    scene.create().await;
    scene.until_some::<Deployment>().await;
    for step in ["CreateUser", "CreateDBInstance"] {
        scene.until_called(step).await;
        scene.stack.nats.wipe().await.unwrap();
    }
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_bus_is_filled_again_and_nothing_is_touched() {
    let mut scene = Scene::complete("bus-wiped").await;
    let (secrets, calls) = (scene.secrets().await, writes(&scene.stack.aws));
    scene.stack.nats.wipe().await.unwrap();
    until_published(&scene).await;
    scene.check().await;
    assert_eq!(scene.secrets().await, secrets);
    assert_eq!(writes(&scene.stack.aws), calls, "AWS was only looked at");

    let larger = json!({"development": {"strategy": {"pvcSpec": {
        "resources": {"requests": {"storage": "3Gi"}},
    }}}});
    let strategies = "cloud-resources-openshift-strategies";
    scene.stack.configure(strategies, "postgres", larger.to_string()).await.unwrap();
    eventually("the volume is larger", scene.stack.patience, async || {
        let volumes: Vec<PersistentVolumeClaim> = scene.list().await?;
        let sizes: Vec<_> = volumes
            .iter()
            .map(|volume| json!(volume)["spec"]["resources"]["requests"]["storage"].clone())
            .collect();
        Ok(sizes.contains(&json!("3Gi")).then_some(()))
    })
    .await
    .unwrap();
    scene.check().await;
    assert_eq!(scene.secrets().await, secrets);

    scene.delete().await;
    scene.until_nothing_is_left().await;
}

/// Every claim has an item and a result again.
async fn until_published(scene: &Scene) {
    for stream in ["WORK", "RESULT"] {
        eventually(stream, scene.stack.patience, async || {
            let published = scene.stack.nats.last_sequence(stream).await?;
            Ok((published >= scene.claims.len() as u64).then_some(()))
        })
        .await
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_lost_alone_are_made_again() {
    let mut scene = Scene::complete("bus-records").await;
    scene.stack.nats.lose("KV_records").await.unwrap();
    let expected = u64::try_from(scene.claims.len()).unwrap();
    let recorded = eventually("records are made again", scene.stack.patience, async || {
        let count = scene.stack.nats.last_sequence("KV_records").await.unwrap_or_default();
        Ok((count >= expected).then_some(()))
    });
    recorded.await.unwrap();
    scene.check().await;
    scene.delete().await;
    scene.until_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_wiped_while_the_network_goes_leaves_no_network() {
    let mut stack = Stack::start("bus-network").await.unwrap();
    let claim = Claim::postgres("orders").with("type", "managed");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let done = |stack: &Stack, operation: &str| {
        let calls = stack.aws.calls().into_iter();
        calls.filter(|call| call.operation == operation && call.status == 200).count()
    };
    // Its removal waits for its peering.
    let peering = Duration::from_secs(5);
    stack.aws.life_cycle(LifeCycle { peering, ..LifeCycle::default() });
    stack.delete(&claim).await.unwrap();
    eventually("the peering goes", stack.patience, async || {
        Ok((done(&stack, "DeleteVpcPeeringConnection") == 1).then_some(()))
    })
    .await
    .unwrap();
    stack.until_gone(&claim).await.unwrap();
    stack.nats.wipe().await.unwrap();
    assert_eq!(done(&stack, "DeleteVpc"), 0);
    eventually("the network is gone", stack.patience, async || {
        Ok((done(&stack, "DeleteVpc") == 1).then_some(()))
    })
    .await
    .unwrap();
}
