use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, Service};
use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use proto::{Defaults, Desired, ErrorClass, Field, Kind, State};
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_becomes_ready_and_then_costs_nothing() {
    let world = World::new("os-ready").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let item = world.publish(&claim, |_| {}).await;
    let record = world.ready(&item).await;
    let name = World::name(&claim);
    assert_eq!(record.message, "creation successful");
    assert_eq!(record.placement.identifier, Some(name.clone()));
    assert!(record.placement.observed && record.intent.is_none());

    let connection = world.connection(&claim).await;
    let host = format!("{name}.os-ready.svc.cluster.local");
    assert_eq!(connection.fields["host"], Field::Literal(host));
    assert_eq!(connection.fields["password"], Field::Credential("password".to_owned()));
    assert!(connection.simulated);
    // A password may be generated only before anything exists.
    let asked: Vec<bool> = world.asked.lock().unwrap().iter().map(|(_, may)| *may).collect();
    assert_eq!(asked, [true]);

    // An event on an own object gives a turn, and a new item asks for the same: neither writes anything.
    let writes = replica.writes();
    assert_eq!(writes, 3);
    world.edit::<Service>(&claim, &json!({"metadata": {"annotations": {"theirs": "1"}}})).await;
    let again = world.publish(&claim, |_| {}).await;
    world.ready(&again).await;
    assert_eq!(replica.writes(), writes);
}

#[tokio::test(flavor = "multi_thread")]
async fn w30_postgres_and_redis_of_one_name_live_side_by_side() {
    let world = World::new("os-same-name").await;
    let _replica = world.replica().await;
    let postgres = world.claim(Kind::Postgres, "cache").await;
    let redis = world.claim(Kind::Redis, "cache").await;
    let items = [world.publish(&postgres, |_| {}).await, world.publish(&redis, |_| {}).await];
    world.ready(&items[0]).await;
    let record = world.ready(&items[1]).await;
    assert_eq!(record.message, "redis deployment available");
    assert_ne!(World::name(&postgres), World::name(&redis));
}

#[tokio::test(flavor = "multi_thread")]
async fn w48_a_redis_keeps_the_password_policy_that_it_was_made_with() {
    let world = World::new("os-defaults").await;
    let _replica = world.replica().await;
    let claim = world.claim(Kind::Redis, "cache").await;
    let old = world.publish(&claim, |item| item.cluster.defaults = Defaults::Cro).await;
    world.ready(&old).await;
    let new = world.publish(&claim, |item| item.cluster.defaults = Defaults::Secure).await;
    world.ready(&new).await;
    assert!(!world.connection(&claim).await.fields.contains_key("password"));
    assert!(world.asked.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_make_one_of_everything() {
    let world = World::new("os-replicas").await;
    let replicas = [world.replica().await, world.replica().await];
    let mut items = Vec::new();
    for number in 0..5 {
        let claim = world.claim(Kind::Postgres, &format!("db-{number}")).await;
        items.push(world.publish(&claim, |_| {}).await);
    }
    for item in &items {
        world.ready(item).await;
    }
    assert_eq!(replicas[0].writes() + replicas[1].writes(), 15);
    assert_eq!(world.asked.lock().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_strategy_makes_nothing_and_says_where() {
    let world = World::new("os-refused").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    let host = json!({"deploymentSpec": {"template": {"spec": {"hostNetwork": true}}}});
    world.publish_strategy(&claim, host).await;
    let record = world.record(&claim, "refused", |it| it.state == State::Refused).await;
    assert_eq!(record.error_class, Some(ErrorClass::Invalid));
    let path = "strategy.deploymentSpec.template.spec.hostNetwork: ";
    assert!(record.message.starts_with(path), "{}", record.message);
    assert_eq!(replica.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_claim_is_observed_only() {
    let world = World::new("os-paused").await;
    let replica = world.replica().await;
    let claim = world.claim(Kind::Postgres, "orders").await;
    world.publish(&claim, |item| item.desired = Desired::Paused).await;
    let record = world.record(&claim, "paused", |it| it.state == State::Paused).await;
    assert!(!record.placement.observed);
    assert_eq!(replica.writes(), 0);
    assert!(world.get::<PersistentVolumeClaim>(&claim).await.is_none());
    let item = world.publish(&claim, |_| {}).await;
    world.ready(&item).await;
    world.publish(&claim, |item| item.desired = Desired::Paused).await;
    world.record(&claim, "paused", |it| it.state == State::Paused && it.placement.observed).await;
    let before = replica.writes();
    world.delete::<Deployment>(&claim).await;
    let edit = json!({"metadata": {"annotations": {"theirs": "1"}}});
    world.edit::<Service>(&claim, &edit).await;
    let resumed = world.publish(&claim, |_| {}).await;
    world.ready(&resumed).await;
    assert_eq!(replica.writes(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn x05_the_api_server_has_no_warning_about_our_pods() {
    let world = World::new("os-restricted").await;
    let _replica = world.replica().await;
    let warn = json!({"metadata": {"labels": {"pod-security.kubernetes.io/warn": "restricted"}}});
    let namespaces: Api<Namespace> = Api::all(world.client().clone());
    let params = PatchParams::default();
    namespaces.patch("os-restricted", &params, &Patch::Merge(warn)).await.unwrap();
    for kind in [Kind::Postgres, Kind::Redis] {
        let claim = world.claim(kind, kind.as_str()).await;
        let item = world.publish(&claim, |_| {}).await;
        world.ready(&item).await;
        let deployment = world.get::<Deployment>(&claim).await.unwrap();
        let template = serde_json::to_value(&deployment).unwrap()["spec"]["template"].clone();
        assert_eq!(warnings(&world, &deployment, &json!({})).await, Vec::<String>::new());
        // The question is answered: what is not restricted is warned about.
        let mut loose = template;
        loose["spec"]["hostNetwork"] = json!(true);
        let told = warnings(&world, &deployment, &json!({"spec": {"template": loose}})).await;
        assert!(told[0].contains("hostNetwork"), "{told:?}");
    }
}

/// What the API server warns of when the Deployment is made again with these changes.
async fn warnings(world: &World, deployment: &Deployment, changes: &Value) -> Vec<String> {
    let mut manifest = serde_json::to_value(deployment).unwrap();
    let name = "made-again";
    manifest["metadata"] = json!({"name": name, "labels": deployment.labels()});
    for (field, value) in changes.as_object().unwrap() {
        for (part, value) in value.as_object().unwrap() {
            manifest[field][part] = value.clone();
        }
    }
    let namespace = deployment.namespace().unwrap();
    let request =
        http::Request::post(format!("/apis/apps/v1/namespaces/{namespace}/deployments?dryRun=All"))
            .header("content-type", "application/json")
            .body(kube::client::Body::from(serde_json::to_vec(&manifest).unwrap()))
            .unwrap();
    let answer = world.client().send(request).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let warnings = answer.headers().get_all("warning").iter();
    warnings.map(|it| it.to_str().unwrap().to_owned()).collect()
}
