//! The Go operator's metrics, as a monitoring system scrapes them.

use std::time::{Duration, Instant};

use crds::{ClaimKind, names};
use jiff::{SignedDuration, Timestamp};
use proto::Service;
use stack::{Claim, Maintenance, Stack, Update, eventually};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

fn redis() -> Claim {
    Claim::new(ClaimKind::Redis, "cache", "managed")
}

/// Values of the series of a metric, at all replicas, whose labels contain all of these.
async fn values(stack: &mut Stack, service: Service, metric: &str, labels: &[&str]) -> Vec<f64> {
    let mut text = String::new();
    for replica in stack.service(service).replicas() {
        text += &replica.metrics().await.unwrap();
    }
    let start = format!("{metric}{{");
    let series = text.lines().filter(|line| line.starts_with(&start));
    let series = series.filter(|line| labels.iter().all(|label| line.contains(label)));
    series.filter_map(|line| line.rsplit_once(' ')?.1.parse().ok()).collect()
}

async fn until(stack: &mut Stack, service: Service, metric: &str, expected: &[f64]) {
    let patience = stack.patience;
    eventually(metric, patience, async || {
        let found = values(stack, service, metric, &[r#"namespace=""#]).await;
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

    let labels = [
        r#"clusterID="local-metrics""#,
        r#"resourceID="cache""#,
        r#"namespace="metrics""#,
        r#"instanceID="cro-"#,
        r#"strategy="aws-elasticache""#,
    ];
    let watcher = Service::Watcher;
    until(&mut stack, watcher, "cro_redis_available", &[1.0]).await;
    assert_eq!(values(&mut stack, watcher, "cro_redis_available", &labels).await, [1.0]);
    let complete = [labels.as_slice(), &[r#"statusPhase="complete""#]].concat();
    assert_eq!(values(&mut stack, watcher, "cro_redis_status_phase", &complete).await, [1.0]);
    assert_eq!(values(&mut stack, watcher, "cro_redis_status_phase", &labels).await.len(), 5);
    let connection = "cro_redis_connection";
    until(&mut stack, Service::AwsProvisioner, connection, &[1.0]).await;
    assert_eq!(values(&mut stack, Service::AwsProvisioner, connection, &labels).await, [1.0]);
    crate::reference::check(&mut stack).await;
    drop(server);
    until(&mut stack, Service::AwsProvisioner, connection, &[0.0]).await;

    stack.delete(&redis()).await.unwrap();
    stack.until_gone(&redis()).await.unwrap();
    until(&mut stack, Service::AwsProvisioner, connection, &[]).await;
    until(&mut stack, watcher, "cro_redis_status_phase", &[]).await;
}

/// An address where connections are neither made nor refused: nobody accepts, and the queue is full.
async fn silent() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let server = socket.listen(0).unwrap();
    let address = server.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(500), TcpStream::connect(address)).await
    {
        queue.push(connected.unwrap());
    }
    (server, queue)
}

#[tokio::test(flavor = "multi_thread")]
async fn w66_a_database_that_never_answers_delays_no_turn() {
    let mut stack = Stack::prepare("silent").await.unwrap();
    let aws = Service::AwsProvisioner;
    let service = stack.service(aws);
    service.set("SIMULATED", "false").set("CONNECTION_CHECK_SECONDS", "1");
    stack.start_services().await.unwrap();
    let (server, _queue) = silent().await;
    stack.aws.set_endpoints("127.0.0.1", server.local_addr().unwrap().port());
    stack.create(&redis()).await.unwrap();
    stack.until_complete(&redis()).await.unwrap();
    let complete = Instant::now();
    // While it is silent, another one is made.
    let other = redis().renamed("other").secret("other-sec");
    stack.create(&other).await.unwrap();
    stack.until_complete(&other).await.unwrap();
    until(&mut stack, aws, "cro_redis_connection", &[0.0, 0.0]).await;
    assert!(complete.elapsed() > Duration::from_secs(9), "it was refused, not silent");
    let buckets = "worker_turn_seconds_bucket";
    let of_redis = |le| ["kind=\"redis\"", le];
    let all = values(&mut stack, aws, buckets, &of_redis("le=\"+Inf\"")).await;
    let short = values(&mut stack, aws, buckets, &of_redis("le=\"5.0\"")).await;
    assert!(all[0] >= 4.0, "{all:?} turns");
    assert_eq!(short, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn w63_w64_w65_one_replica_tells_what_aws_measures_and_plans_for_ours() {
    let mut stack = Stack::prepare("cloudwatch").await.unwrap();
    let aws = Service::AwsProvisioner;
    stack.service(aws).set("CLOUDWATCH_PERIOD_SECONDS", "1").start().unwrap();
    stack.start_services().await.unwrap();
    let begun = Instant::now();
    let database = Claim::new(ClaimKind::Postgres, "orders", "managed");
    let mut ids = Vec::new();
    for claim in [&redis(), &database] {
        stack.create(claim).await.unwrap();
        let object = stack.until_complete(claim).await.unwrap();
        ids.push(object.metadata.annotations.unwrap()[names::RESOURCE_IDENTIFIER].clone());
    }
    let (member, instance) = (format!("{}-001", ids[0]), ids[1].as_str());

    // Newest first is how CloudWatch answers.
    for (minutes, percent) in [(1, 20.0), (11, 90.0)] {
        let at = Timestamp::now() - SignedDuration::from_mins(minutes);
        let (postgres, redis) =
            (("AWS/RDS", "CPUUtilization"), ("AWS/ElastiCache", "CPUUtilization"));
        let of = ("DBInstanceIdentifier", instance);
        stack.aws.measured(postgres, of, at, percent).await.unwrap();
        let of = ("CacheClusterId", member.as_str());
        stack.aws.measured(redis, of, at, percent).await.unwrap();
    }
    for id in [instance, "foreign"] {
        stack.aws.plan_maintenance(Maintenance::new(id, "system-update"));
    }
    for id in [ids[0].as_str(), "foreign"] {
        let apply_by = Some("2030-01-01T00:00:00Z".to_owned());
        stack.aws.plan_update(Update { apply_by, ..Update::new(id, "update-1") });
    }
    // The class is db.t3.small.
    let memory = 2_147_483_648.0;
    until(&mut stack, aws, "cro_postgres_cpu_utilization_average", &[20.0]).await;
    until(&mut stack, aws, "cro_redis_cpu_utilization_average", &[20.0]).await;
    until(&mut stack, aws, "cro_postgres_max_memory", &[memory]).await;
    let (postgres_maintenance, redis_maintenance) =
        ("cro_postgres_service_maintenance", "cro_redis_service_maintenance");
    until(&mut stack, aws, redis_maintenance, &[1_893_456_000.0]).await;
    // Each kind of plan has a listing of its own, which may be some looks old.
    let patience = stack.patience;
    eventually(postgres_maintenance, patience, async || {
        let of_ours = [r#"Description="system-update""#];
        let shown = values(&mut stack, aws, postgres_maintenance, &of_ours).await;
        Ok((shown.len() == 1).then_some(()))
    })
    .await
    .unwrap();
    crate::reference::check(&mut stack).await;
    let gone = [
        postgres_maintenance,
        redis_maintenance,
        "cro_postgres_cpu_utilization_average",
        "cro_postgres_current_allocated_storage",
        "cro_redis_cpu_utilization_average",
    ];
    let looks = stack.aws.calls().iter().filter(|call| call.operation == "GetMetricData").count();
    let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap();
    assert!(looks <= seconds + 2, "{looks} calls in {seconds} s");
    for claim in [&redis(), &database] {
        stack.delete(claim).await.unwrap();
        stack.until_gone(claim).await.unwrap();
    }
    for metric in gone {
        until(&mut stack, aws, metric, &[]).await;
    }
}
