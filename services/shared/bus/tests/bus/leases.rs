use std::time::Duration;

use proto::{Provider, Service, Uid};
use stack::Nats;

use crate::fixture::eventually;

fn uid() -> Uid {
    "a".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_holds_a_lease_and_the_next_gets_it_at_release() {
    let server = Nats::open().await.unwrap();
    let (first, _process) = server.bus(Service::AwsProvisioner).await.unwrap();
    let (second, _other) = server.bus(Service::AwsProvisioner).await.unwrap();
    let lease = first.lease(Provider::Aws, &uid()).await.unwrap().unwrap();
    assert!(second.lease(Provider::Aws, &uid()).await.unwrap().is_none());
    lease.release().await;
    let lease = second.lease(Provider::Aws, &uid()).await.unwrap().unwrap();
    assert!(first.lease(Provider::Aws, &uid()).await.unwrap().is_none());
    lease.ensure(Duration::from_secs(20)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_lease_is_released() {
    let server = Nats::open().await.unwrap();
    let (bus, _process) = server.bus(Service::AwsProvisioner).await.unwrap();
    drop(bus.lease(Provider::Aws, &uid()).await.unwrap().unwrap());
    eventually("release", async || bus.lease(Provider::Aws, &uid()).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_renewed_when_too_little_is_left() {
    let server = Nats::open().await.unwrap();
    let (bus, _process) = server.bus(Service::AwsProvisioner).await.unwrap();
    let lease = bus.lease(Provider::Aws, &uid()).await.unwrap().unwrap();
    // More than a renewed lease can have: each call renews, and each renewal must find the one before.
    for _ in 0..3 {
        lease.ensure(Duration::from_hours(1)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_lost_with_the_store() {
    let mut server = Nats::open().await.unwrap();
    let (bus, _process) = server.bus(Service::AwsProvisioner).await.unwrap();
    let lease = bus.lease(Provider::Aws, &uid()).await.unwrap().unwrap();
    server.wipe().await.unwrap();
    Nats::make_streams(&bus).await.unwrap();
    assert!(lease.ensure(Duration::from_hours(1)).await.is_err());
    // Lost for good: renewing would take what may be another's.
    assert!(lease.ensure(Duration::from_secs(1)).await.is_err());
}
