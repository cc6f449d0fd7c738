//! The Go operator's metrics, as a monitoring system scrapes them.

use crds::ClaimKind;
use proto::Service;
use stack::{Claim, Stack, eventually};
use tokio::net::TcpListener;

fn redis() -> Claim {
    Claim::new(ClaimKind::Redis, "cache", "managed")
}

/// Values of the series of a metric whose labels contain all of these.
async fn values(stack: &mut Stack, service: Service, metric: &str, labels: &[&str]) -> Vec<f64> {
    let text = stack.service(service).replicas()[0].metrics().await.unwrap();
    let start = format!("{metric}{{");
    let series = text.lines().filter(|line| line.starts_with(&start));
    let series = series.filter(|line| labels.iter().all(|label| line.contains(label)));
    series.filter_map(|line| line.rsplit_once(' ')?.1.parse().ok()).collect()
}

async fn until(stack: &mut Stack, service: Service, metric: &str, expected: &[f64]) {
    let patience = stack.patience;
    eventually(metric, patience, async || {
        let found = values(stack, service, metric, &[r#"resourceID="cache""#]).await;
        Ok((found == expected).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn w61_w62_w65_metrics_of_a_claim_come_and_go_with_it() {
    let mut stack = Stack::prepare("metrics").await.unwrap();
    let service = stack.service(Service::AwsProvisioner);
    // What is simulated is not connected to.
    service.set("SIMULATED", "false").set("CONNECTION_CHECK_SECONDS", "1");
    stack.start_services().await.unwrap();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    stack.aws.set_endpoints("127.0.0.1", server.local_addr().unwrap().port());
    stack.create(&redis()).await.unwrap();
    stack.until_complete(&redis()).await.unwrap();

    // The first scrape that shows a claim shows its value.
    let labels = [
        r#"clusterID="local-metrics""#,
        r#"resourceID="cache""#,
        r#"namespace="metrics""#,
        r#"instanceID="cro-"#,
        r#"strategy="aws-elasticache""#,
    ];
    let watcher = Service::Watcher;
    assert_eq!(values(&mut stack, watcher, "cro_redis_available", &labels).await, [1.0]);
    let complete = [labels.as_slice(), &[r#"statusPhase="complete""#]].concat();
    assert_eq!(values(&mut stack, watcher, "cro_redis_status_phase", &complete).await, [1.0]);
    assert_eq!(values(&mut stack, watcher, "cro_redis_status_phase", &labels).await.len(), 5);
    let connection = "cro_redis_connection";
    until(&mut stack, Service::AwsProvisioner, connection, &[1.0]).await;
    assert_eq!(values(&mut stack, Service::AwsProvisioner, connection, &labels).await, [1.0]);
    drop(server);
    until(&mut stack, Service::AwsProvisioner, connection, &[0.0]).await;

    stack.delete(&redis()).await.unwrap();
    stack.until_gone(&redis()).await.unwrap();
    until(&mut stack, Service::AwsProvisioner, connection, &[]).await;
    until(&mut stack, watcher, "cro_redis_status_phase", &[]).await;
}
