use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;
use kube::ResourceExt as _;
use kube::api::PostParams;
use proto::{ErrorClass, Kind, State};
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn p03_a_deleted_child_is_made_again() {
    let world = World::new("os-deleted").await;
    let _replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    let service = world.get::<Service>(&claim).await.unwrap();
    let deployment = world.get::<Deployment>(&claim).await.unwrap();
    world.delete::<Service>(&claim).await;
    world.delete::<Deployment>(&claim).await;
    world.until::<Service>(&claim, "a new Service", |it| it.uid() != service.uid()).await;
    world.until::<Deployment>(&claim, "a new Deployment", |it| it.uid() != deployment.uid()).await;
    world.ready(&item).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_undone_and_what_is_not_ours_is_left() {
    let world = World::new("os-edited").await;
    let _replica = world.replica().await;
    let claim = world.claim(Kind::Redis, "cache").await;
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    world
        .edit::<Service>(
            &claim,
            &json!({
                "metadata": {"labels": {"team": "a"}},
                "spec": {"selector": {"integreatly.org/claim-uid": "somebody-elses"}},
            }),
        )
        .await;
    let uid = claim.uid.as_str();
    let is_ours = |service: &Service| {
        let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
        selector.is_some_and(|selector| selector["integreatly.org/claim-uid"] == uid)
    };
    let service = world.until::<Service>(&claim, "our selector", is_ours).await;
    assert_eq!(service.labels()["team"], "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn p02_replicas_of_others_are_not_forced_and_their_manager_is_named() {
    let world = World::new("os-scaled").await;
    let _replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    world.edit::<Deployment>(&claim, &json!({"spec": {"replicas": 0}})).await;
    let told = world.record(&claim, "scaled", |it| it.message.contains("by-hand scaled")).await;
    assert_eq!((told.state, told.reason.as_str()), (State::Pending, "Provisioning"));
    // Our next apply leaves it alone.
    let resources = json!({"requests": {"cpu": "75m"}});
    let container = json!({"deploymentSpec": {"template": {"spec": {"containers": [{"resources": resources}]}}}});
    let changed = world.publish_strategy(&claim, container).await;
    let has_changed =
        |it: &Deployment| serde_json::to_value(it).unwrap().to_string().contains("75m");
    let deployment = world.until::<Deployment>(&claim, "new resources", has_changed).await;
    assert_eq!(deployment.spec.unwrap().replicas, Some(0));
    world.edit::<Deployment>(&claim, &json!({"spec": {"replicas": 1}})).await;
    world.ready(&changed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p05_an_object_of_somebody_else_is_not_touched() {
    let world = World::new("os-foreign").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let theirs = json!({
        "metadata": {"name": World::name(&claim)},
        "spec": {"ports": [{"port": 80}], "selector": {"app": "theirs"}},
    });
    let services = world.api::<Service>();
    let theirs = serde_json::from_value(theirs).unwrap();
    let theirs = services.create(&PostParams::default(), &theirs).await.unwrap();
    let item = world.publish(&claim, |_| {}).await;
    let is_foreign = |it: &proto::Record| it.error_class == Some(ErrorClass::Foreign);
    world.record(&claim, "foreign", is_foreign).await;
    assert_eq!(replica.writes(), 0);
    assert!(world.asked.lock().unwrap().is_empty());
    assert_eq!(world.get::<Service>(&claim).await, Some(theirs));
    world.delete::<Service>(&claim).await;
    world.publish(&claim, |it| *it = item.clone()).await;
    world.ready(&item).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_or_edited_while_nobody_watched_is_found_at_start() {
    let world = World::new("os-away").await;
    let replica = world.replica().await;
    let mut claims = Vec::new();
    for name in ["deleted", "edited", "untouched"] {
        let claim = world.claim(Kind::Redis, name).await;
        let item = world.publish(&claim, |_| {}).await;
        world.ready(&item).await;
        claims.push(claim);
    }
    drop(replica);
    world.delete::<Service>(&claims[0]).await;
    let image = json!([{"name": "redis", "image": "theirs"}]);
    let edit = json!({"spec": {"template": {"spec": {"containers": image}}}});
    let patch = kube::api::Patch::Strategic(edit);
    let deployments = world.api::<Deployment>();
    let name = World::name(&claims[1]);
    deployments.patch(&name, &kube::api::PatchParams::default(), &patch).await.unwrap();

    let replica = world.replica().await;
    world.until::<Service>(&claims[0], "the Service", |_| true).await;
    let is_ours = |it: &Deployment| image_of(it) != "theirs";
    world.until::<Deployment>(&claims[1], "our image", is_ours).await;
    assert_eq!(replica.writes(), 2);
}

fn image_of(deployment: &Deployment) -> Value {
    serde_json::to_value(deployment).unwrap()["spec"]["template"]["spec"]["containers"][0]["image"]
        .clone()
}
