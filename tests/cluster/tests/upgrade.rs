//! `helm upgrade`, and rolling restarts.

use cluster::{Installation, Load, NAMESPACE, database_pod};
use kube::ResourceExt as _;
use stack::Claim;

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_while_claims_are_made_loses_nothing_and_changes_no_secret() {
    let installation = Installation::changed().await.unwrap();
    let tenant = installation.tenant("upgrade").await.unwrap();
    let postgres = Claim::postgres("before");
    tenant.create(&postgres).await.unwrap();
    tenant.until_complete(&postgres).await.unwrap();
    let secrets = tenant.secrets().await.unwrap();
    let pod = database_pod(&tenant, &postgres).await.unwrap();

    let load = Load::start(&tenant);
    let release = installation.release();
    release.upgrade(&["log.level=debug", "common.drainSeconds=20"]).await.unwrap();
    release.until_settled().await.unwrap();
    load.until_made(20).await.unwrap();
    load.finish().await.unwrap();

    let now = tenant.secrets().await.unwrap();
    for (name, secret) in secrets {
        assert_eq!(now.get(&name), Some(&secret), "{name} has changed");
    }
    assert_eq!(database_pod(&tenant, &postgres).await.unwrap().uid(), pod.uid());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_of_all_services_under_load_loses_nothing() {
    let installation = Installation::changed().await.unwrap();
    let tenant = installation.tenant("restart").await.unwrap();
    let load = Load::start(&tenant);
    let kubectl = async |args: &[&str]| {
        let namespace = format!("--namespace={NAMESPACE}");
        installation.cluster.kubectl(&[&[&*namespace], args].concat()).await.unwrap()
    };
    kubectl(&["rollout", "restart", "deployment"]).await;
    kubectl(&["rollout", "status", "deployment", "--timeout=3m"]).await;
    installation.release().until_settled().await.unwrap();
    load.until_made(20).await.unwrap();
    load.finish().await.unwrap();
}
