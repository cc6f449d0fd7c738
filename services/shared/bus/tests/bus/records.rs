use std::time::Duration;

use bus::{Bus, RecordFollower};
use proto::{Record, Service, State};
use service::Process;
use service::status::StatusSource as _;
use stack::Nats;
use tokio::sync::broadcast::error::RecvError;

use crate::fixture::{eventually, record, record_subject};

fn follow(bus: &Bus, process: &Process) -> RecordFollower {
    run(RecordFollower::default(), bus, process)
}

fn run(follower: RecordFollower, bus: &Bus, process: &Process) -> RecordFollower {
    let gate = process.readiness.gate("records");
    tokio::spawn(follower.clone().run(bus.clone(), gate, process.shutdown.clone()));
    follower
}

async fn store(bus: &Bus, record: &Record) {
    let subject = record_subject(record.identity.uid.as_str());
    let sequence = bus.read::<Record>(&subject).await.unwrap().sequence;
    bus.write(&subject, record, sequence, None).await.unwrap();
}

async fn snapshot(follower: &RecordFollower) -> Vec<String> {
    let records = eventually("snapshot", async || follower.snapshot().map(|(records, _)| records));
    records.await.iter().map(|record| record.identity.uid.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_starts_with_a_snapshot_and_hears_changes() {
    let server = Nats::open().await.unwrap();
    let (bus, process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    store(&bus, &record("a")).await;
    let follower = follow(&bus, &process);
    assert_eq!(snapshot(&follower).await, ["a"]);
    let (_, mut news) = follower.snapshot().unwrap();
    let mut changed = record("b");
    changed.state = State::Ready;
    store(&bus, &changed).await;
    let heard = tokio::time::timeout(Duration::from_secs(10), news.recv()).await.unwrap();
    assert_eq!(heard.unwrap(), changed);
    assert_eq!(follower.get(&"b".parse().unwrap()), Some(changed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_of_an_empty_store_is_complete_at_once() {
    let server = Nats::open().await.unwrap();
    let (bus, process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    assert!(snapshot(&follow(&bus, &process)).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_follows_a_store_that_was_wiped() {
    let mut server = Nats::open().await.unwrap();
    let (bus, process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    for uid in ["a", "b", "c"] {
        store(&bus, &record(uid)).await;
    }
    let follower = follow(&bus, &process);
    assert_eq!(snapshot(&follower).await.len(), 3);
    server.wipe().await.unwrap();
    Nats::make_streams(&bus).await.unwrap();
    // A plain watch would skip everything up to its old last revision, silently.
    store(&bus, &record("d")).await;
    eventually("the new record alone", async || (snapshot(&follower).await == ["d"]).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_has_lost_the_bus_knows_nothing_until_it_is_back() {
    let mut server = Nats::open().await.unwrap();
    let (bus, process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    store(&bus, &record("a")).await;
    let follower = follow(&bus, &process);
    assert_eq!(snapshot(&follower).await, ["a"]);
    let (_, mut news) = follower.snapshot().unwrap();
    server.kill();
    let ended = tokio::time::timeout(Duration::from_secs(20), news.recv()).await.unwrap();
    assert_eq!(ended, Err(RecvError::Closed));
    assert!(follower.snapshot().is_none());
    server.restart().await.unwrap();
    assert_eq!(snapshot(&follower).await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_has_expired_is_forgotten() {
    let server = Nats::open().await.unwrap();
    let (bus, process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let second = Duration::from_secs(1);
    bus.write(&record_subject("a"), &record("a"), 0, Some(second)).await.unwrap();
    let follower = run(RecordFollower::refreshed_every(second), &bus, &process);
    assert_eq!(snapshot(&follower).await, ["a"]);
    eventually("nothing", async || snapshot(&follower).await.is_empty().then_some(())).await;
}
