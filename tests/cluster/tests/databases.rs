//! Databases in the cluster: real ones.

use cluster::{Client, Installation, database_pod, is_ready, kill};
use kube::ResourceExt as _;
use stack::{Claim, Tenant, eventually};

/// Waits until the pod of a claim is ready, and satisfies a condition.
async fn until_pod(
    tenant: &Tenant,
    claim: &Claim,
    what: &str,
    is_it: impl Fn(&k8s_openapi::api::core::v1::Pod) -> bool,
) {
    eventually(&format!("the pod of {} {what}", claim.name), tenant.patience, async || {
        let pod = database_pod(tenant, claim).await?;
        Ok((is_ready(&pod) && is_it(&pod)).then_some(()))
    })
    .await
    .unwrap();
}

/// Kills the processes of a database, then its pod; the volume is what stays.
async fn kill_twice(installation: &Installation, tenant: &Tenant, claim: &Claim) {
    let pod = database_pod(tenant, claim).await.unwrap();
    installation.cluster.kill_container(&pod).await.unwrap();
    until_pod(tenant, claim, "has restarted", |pod| {
        let statuses = pod.status.as_ref().and_then(|it| it.container_statuses.as_ref());
        statuses.is_some_and(|all| all.iter().any(|it| it.restart_count == 1))
    })
    .await;
    kill(&tenant.client, &pod).await.unwrap();
    until_pod(tenant, claim, "was replaced", |new| new.uid() != pod.uid()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_serves_its_secret_and_keeps_what_was_written_when_it_is_killed() {
    let installation = Installation::used().await.unwrap();
    let tenant = installation.tenant("postgres").await.unwrap();
    let claim = Claim::postgres("orders");
    tenant.create(&claim).await.unwrap();
    tenant.until_complete(&claim).await.unwrap();
    let client = Client::of_postgres(&installation.cluster, &tenant, "orders-sec").await;
    let client = client.unwrap();
    client.sql("CREATE TABLE orders (id int); INSERT INTO orders VALUES (42)").await.unwrap();

    kill_twice(&installation, &tenant, &claim).await;
    assert_eq!(client.sql("SELECT id FROM orders").await.unwrap(), "42");
    // Its user owns the database, and nothing else.
    let superuser = client.sql("SELECT usesuper FROM pg_user WHERE usename = current_user").await;
    assert_eq!(superuser.unwrap(), "f");
    tenant.until_complete(&claim).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_serves_its_secret_and_keeps_what_was_written_when_it_is_killed() {
    let installation = Installation::used().await.unwrap();
    let tenant = installation.tenant("redis").await.unwrap();
    let claim = Claim::redis("cache");
    tenant.create(&claim).await.unwrap();
    tenant.until_complete(&claim).await.unwrap();
    let client = Client::of_redis(&installation.cluster, &tenant, "cache-sec").await.unwrap();
    assert_eq!(client.redis("SET answer 42").await.unwrap(), "OK");
    // As Redis does by itself from time to time.
    assert_eq!(client.redis("SAVE").await.unwrap(), "OK");

    kill_twice(&installation, &tenant, &claim).await;
    assert_eq!(client.redis("GET answer").await.unwrap(), "42");
    let stranger = client.run("redis-cli -e -h $uri -p $port GET answer 2>&1 || true").await;
    assert!(stranger.unwrap().contains("NOAUTH"), "nobody is served without the password");
}
