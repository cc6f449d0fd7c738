use std::time::Duration;

use proto::{Provider, Service};
use service::Process;
use stack::Nats;

use crate::fixture::{eventually, item, work};

async fn until_shown(process: &Process, line: &str) {
    eventually(line, async || {
        process.metrics.render().unwrap().lines().any(|it| it == line).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_leases_and_of_a_store_that_was_made_anew() {
    let mut server = Nats::open().await.unwrap();
    let (bus, process) = server.bus(Service::AwsProvisioner).await.unwrap();
    until_shown(&process, "bus_connected 1").await;
    let lease = bus.lease(Provider::Aws, &"a".parse().unwrap()).await.unwrap().unwrap();
    until_shown(&process, "bus_leases_held 1").await;
    server.wipe().await.unwrap();
    until_shown(&process, "bus_connected 0").await;
    Nats::make_streams(&bus).await.unwrap();
    until_shown(&process, "bus_connected 1").await;
    until_shown(&process, "bus_epoch_changes_total 1").await;
    assert!(lease.ensure(Duration::from_hours(1)).await.is_err());
    drop(lease);
    until_shown(&process, "bus_leases_lost_total 1").await;
    until_shown(&process, "bus_leases_held 0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_what_waits_and_of_how_full_streams_are() {
    let server = Nats::open().await.unwrap();
    let (bus, process) = server.bus(Service::Watcher).await.unwrap();
    let item = item("a");
    bus.write(&work(&item), &item, 0, None).await.unwrap();
    bus.ensure_topology(1).await.unwrap();
    until_shown(&process, r#"bus_consumer_undelivered{consumer="openshift-redis"} 1"#).await;
    until_shown(&process, r#"bus_consumer_unsettled{consumer="secret-writer"} 0"#).await;
    until_shown(&process, r#"bus_stream_limit_bytes{stream="WORK"} 1073741824"#).await;
    until_shown(&process, r#"bus_unverified_total{stream="WORK"} 0"#).await;
    bus.forget_backlog();
    assert!(!process.metrics.render().unwrap().contains("consumer="));
}
