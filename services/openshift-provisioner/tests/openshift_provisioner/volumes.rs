use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::Api;
use kube::api::PostParams;
use proto::{ErrorClass, Kind, Record, State};
use serde_json::{Value, json};

use crate::world::World;

fn sized(storage: &str) -> Value {
    json!({"pvcSpec": {"resources": {"requests": {"storage": storage}}}})
}

fn size_of(volume: &PersistentVolumeClaim) -> Value {
    serde_json::to_value(volume).unwrap()["spec"]["resources"]["requests"]["storage"].clone()
}

fn is_refused(record: &Record) -> bool {
    record.state == State::Refused && record.error_class == Some(ErrorClass::Invalid)
}

#[tokio::test(flavor = "multi_thread")]
async fn p04_w31_a_volume_grows_and_a_smaller_one_is_refused() {
    let world = World::new("os-growth").await;
    let _replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let item = world.publish_strategy(&claim, sized("1Gi")).await;
    world.ready(&item).await;
    let item = world.publish_strategy(&claim, sized("2Gi")).await;
    world.ready(&item).await;
    assert_eq!(size_of(&world.get(&claim).await.unwrap()), "2Gi");
    world.publish_strategy(&claim, sized("1Gi")).await;
    let record = world.record(&claim, "refused", is_refused).await;
    let path = "strategy.pvcSpec.resources.requests.storage: ";
    assert!(record.message.starts_with(path), "{}", record.message);
    assert_eq!(size_of(&world.get(&claim).await.unwrap()), "2Gi");
}

#[tokio::test(flavor = "multi_thread")]
async fn p04_a_class_without_expansion_is_told() {
    let world = World::new("os-rigid").await;
    let _replica = world.replica().await;
    let class: StorageClass = serde_json::from_value(json!({
        "metadata": {"name": "rigid"},
        "provisioner": stack::VOLUME_PROVISIONER,
    }))
    .unwrap();
    let classes: Api<StorageClass> = Api::all(world.client().clone());
    classes.create(&PostParams::default(), &class).await.unwrap();
    let rigid = |storage: &str| {
        let requests = json!({"requests": {"storage": storage}});
        json!({"pvcSpec": {"storageClassName": "rigid", "resources": requests}})
    };
    let claim = world.claim(Kind::Redis, "cache").await;
    let item = world.publish_strategy(&claim, rigid("1Gi")).await;
    world.ready(&item).await;
    world.publish_strategy(&claim, rigid("2Gi")).await;
    let record = world.record(&claim, "refused", is_refused).await;
    assert!(record.message.contains("does not let the volume grow"), "{}", record.message);
    let healed = world.publish_strategy(&claim, rigid("1Gi")).await;
    world.ready(&healed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p03_a_deleted_volume_needs_a_person_and_is_never_made_anew() {
    let world = World::new("os-lost").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    let writes = replica.writes();
    world.delete::<PersistentVolumeClaim>(&claim).await;
    let needs_person = |it: &Record| it.error_class == Some(ErrorClass::NeedsPerson);
    let record = world.record(&claim, "needs a person", needs_person).await;
    assert!(record.message.contains("PersistentVolumeClaim"), "{}", record.message);
    assert_eq!(replica.writes(), writes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_of_before_the_bus_was_wiped_is_found_again() {
    let world = World::new("os-wiped").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    let writes = replica.writes();
    let volume = world.get::<PersistentVolumeClaim>(&claim).await.unwrap();
    let mut world = world;
    world.wipe().await;
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    let after = world.get::<PersistentVolumeClaim>(&claim).await.unwrap();
    assert_eq!(after.metadata.uid, volume.metadata.uid);
    assert_eq!(replica.writes(), writes);
    // What exists may know a password, so none may be generated.
    assert_eq!(world.asked.lock().unwrap().last().map(|(_, may)| *may), Some(false));
}
