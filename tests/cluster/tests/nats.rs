//! The bus.

use cluster::{Installation, Load, NAMESPACE, kill, metric, metrics, operator_pods};
use stack::Claim;

#[tokio::test(flavor = "multi_thread")]
async fn nats_is_killed_under_load_and_comes_back_with_what_it_held() {
    let installation = Installation::changed().await.unwrap();
    let tenant = installation.tenant("nats").await.unwrap();
    let made_anew = async || {
        let watchers = operator_pods(&tenant.client, NAMESPACE, Some("watcher")).await.unwrap();
        let text = metrics(&tenant.client, &watchers[0]).await.unwrap();
        assert!(text.contains("bus_epoch_changes_total"), "{text}");
        metric(&text, "bus_epoch_changes_total").to_string()
    };
    let before = made_anew().await;
    let load = Load::start(&tenant);
    load.until_made(10).await.unwrap();
    let pods = operator_pods(&tenant.client, NAMESPACE, Some("nats")).await.unwrap();
    kill(&tenant.client, &pods[0]).await.unwrap();
    installation.release().until_settled().await.unwrap();
    load.until_made(20).await.unwrap();
    load.finish().await.unwrap();
    assert_eq!(made_anew().await, before, "streams were made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_servers_serve_on_when_one_is_killed_and_one_follows_them_with_nothing_stored() {
    let installation = Installation::changed().await.unwrap();
    let tenant = installation.tenant("nats-three").await.unwrap();
    let release = installation.release();
    release.upgrade(&["nats.replicas=3"]).await.unwrap();
    release.until_settled().await.unwrap();
    // What one server held is made again on the three.
    let first = Claim::bucket("first");
    tenant.create(&first).await.unwrap();
    tenant.until_complete(&first).await.unwrap();
    let load = Load::start(&tenant);
    let pods = operator_pods(&tenant.client, NAMESPACE, Some("nats")).await.unwrap();
    assert_eq!(pods.len(), 3);
    load.until_made(10).await.unwrap();
    kill(&tenant.client, &pods[1]).await.unwrap();
    release.until_settled().await.unwrap();
    load.finish().await.unwrap();
    let secrets = tenant.secrets().await.unwrap();

    let refused = release.upgrade(&["nats.replicas=1"]).await.unwrap_err().to_string();
    assert!(refused.contains("nats.replicas cannot go from 3 to 1"), "{refused}");
    let servers = ["delete", "statefulset/nats", &format!("--namespace={NAMESPACE}")];
    installation.cluster.kubectl(&servers).await.unwrap();
    installation.forget_stored().await.unwrap();
    release.upgrade(&["nats.replicas=1"]).await.unwrap();
    release.until_settled().await.unwrap();
    let claim = Claim::bucket("afterwards");
    tenant.create(&claim).await.unwrap();
    tenant.until_complete(&claim).await.unwrap();
    let now = tenant.secrets().await.unwrap();
    for (name, secret) in secrets {
        assert_eq!(now.get(&name), Some(&secret), "{name} has changed");
    }
}
