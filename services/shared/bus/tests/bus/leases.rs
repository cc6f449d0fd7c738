use std::time::{Duration, Instant};

use proto::{Provider, Service, Uid};
use stack::Nats;
use tokio::runtime::Runtime;

use crate::fixture::eventually;

/// A lease that nobody renews ends after this.
const TTL: Duration = Duration::from_secs(30);

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

/// Takes the lease as a process of its own that then dies.
fn hold_and_die(server: &Nats) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (bus, process) = server.bus(Service::AwsProvisioner).await.unwrap();
        let lease =
            eventually("the lease", async || bus.lease(Provider::Aws, &uid()).await.unwrap());
        // Neither is released.
        std::mem::forget((lease.await, process));
    });
    runtime.shutdown_background();
}

#[tokio::test(flavor = "multi_thread")]
async fn r04_c02_the_lease_of_a_dead_replica_passes_on_each_time_it_expires() {
    let server = Nats::open().await.unwrap();
    tokio::task::block_in_place(|| hold_and_die(&server));
    // The third finds the marker of an expiry, as well as a lease.
    for holder in 2..=3 {
        let start = Instant::now();
        tokio::task::block_in_place(|| hold_and_die(&server));
        let waited = start.elapsed();
        assert!(waited < TTL + Duration::from_secs(5), "holder {holder}: {waited:?}");
    }
}
