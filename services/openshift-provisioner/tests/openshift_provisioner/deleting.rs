use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Service};
use kube::api::PostParams;
use proto::{Desired, Kind, State};
use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn w13_a_tombstone_without_a_strategy_removes_everything() {
    let world = World::new("os-tombstone").await;
    let _replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    let tombstone = |item: &mut proto::WorkItem| {
        item.desired = Desired::Absent;
        item.strategy = None;
    };
    let item = world.publish(&claim, tombstone).await;
    let record = world.record(&claim, "absent", |it| it.state == State::Absent).await;
    assert_eq!((record.item_id, record.message.as_str()), (item.item_id, "deletion complete"));
    assert!(world.get::<Deployment>(&claim).await.is_none());
    assert!(world.get::<Service>(&claim).await.is_none());
    assert!(world.get::<PersistentVolumeClaim>(&claim).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_of_what_never_was_is_absent_at_once() {
    let world = World::new("os-never").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Redis, "cache").await;
    world.publish(&claim, |item| item.desired = Desired::Absent).await;
    world.record(&claim, "absent", |it| it.state == State::Absent).await;
    assert_eq!(replica.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn p05_a_tombstone_leaves_what_is_somebody_elses() {
    let world = World::new("os-not-ours").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Redis, "cache").await;
    let theirs = json!({
        "metadata": {"name": World::name(&claim)},
        "spec": {"ports": [{"port": 80}], "selector": {"app": "theirs"}},
    });
    let theirs = serde_json::from_value(theirs).unwrap();
    world.api::<Service>().create(&PostParams::default(), &theirs).await.unwrap();
    world.publish(&claim, |item| item.desired = Desired::Absent).await;
    world.record(&claim, "absent", |it| it.state == State::Absent).await;
    assert!(world.get::<Service>(&claim).await.is_some());
    assert_eq!(replica.writes(), 0);
}
