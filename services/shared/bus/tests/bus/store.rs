use std::time::Duration;

use bus::{Error, Stored};
use proto::{Record, Service, WorkItem};
use stack::Nats;

use crate::fixture::{eventually, item, record, record_subject, work};

#[tokio::test(flavor = "multi_thread")]
async fn r05_of_writes_that_expect_the_same_sequence_one_wins() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let items: Vec<WorkItem> = (0..10).map(|_| item("a")).collect();
    let writes = items.iter().map(|it| async { watcher.write(&work(it), it, 0, None).await });
    let (won, lost): (Vec<_>, Vec<_>) =
        futures::future::join_all(writes).await.into_iter().partition(Result::is_ok);
    assert!(lost.iter().all(|it| matches!(it, Err(Error::Conflict))), "{lost:?}");
    let [Ok(sequence)] = won[..] else { panic!("{won:?}") };
    let second = item("a");
    watcher.write(&work(&second), &second, sequence, None).await.unwrap();
    let stored: Stored<WorkItem> = watcher.read(&work(&second)).await.unwrap();
    assert_eq!(stored.value, Some(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_another_writer_counts_as_missing_and_can_be_replaced() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let (aws, _other) = server.bus(Service::AwsProvisioner).await.unwrap();
    let forged = item("a");
    let sequence = aws.write(&work(&forged), &forged, 0, None).await.unwrap();
    let stored: Stored<WorkItem> = watcher.read(&work(&forged)).await.unwrap();
    assert_eq!((stored.sequence, stored.value), (sequence, None));
    let real = item("a");
    watcher.write(&work(&real), &real, sequence, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_message_moved_to_another_subject_counts_as_missing() {
    let server = Nats::open().await.unwrap();
    let (openshift, _process) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    openshift.write(&record_subject("a"), &record("b"), 0, None).await.unwrap();
    // The signature binds the subject, so even the right writer cannot be replayed elsewhere.
    let stored: Stored<Record> = openshift.read(&record_subject("b")).await.unwrap();
    assert!(stored.value.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_is_refused_before_it_is_sent() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let mut large = item("a");
    large.secret_name = "x".repeat(300 * 1024);
    let refused = watcher.write(&work(&large), &large, 0, None).await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_a_lifetime_expires_without_a_trace() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let item = item("a");
    watcher.write(&work(&item), &item, 0, Some(Duration::from_secs(1))).await.unwrap();
    eventually("expiry", async || {
        let stored: Stored<WorkItem> = watcher.read(&work(&item)).await.ok()?;
        (stored.sequence == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_store_is_noticed_and_can_be_filled_again() {
    let mut server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let item = item("a");
    watcher.write(&work(&item), &item, 0, None).await.unwrap();
    let mut epoch = watcher.epoch();
    epoch.mark_unchanged();
    server.wipe().await.unwrap();
    Nats::make_streams(&watcher).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), epoch.changed()).await.unwrap().unwrap();
    let stored: Stored<WorkItem> = watcher.read(&work(&item)).await.unwrap();
    assert_eq!((stored.sequence, stored.value), (0, None));
    watcher.write(&work(&item), &item, 0, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_at_start_is_waited_for() {
    let mut server = Nats::open().await.unwrap();
    server.kill();
    let (watcher, process) = server.connect(Service::Watcher).await.unwrap();
    assert_eq!(process.readiness.closed(), ["bus"]);
    server.restart().await.unwrap();
    Nats::make_streams(&watcher).await.unwrap();
    watcher.usable(&process.shutdown).await;
    eventually("readiness", async || process.readiness.closed().is_empty().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_alone_is_told_from_one_that_is_not_ready() {
    let server = Nats::open().await.unwrap();
    let (bus, _process) = server.bus(Service::Watcher).await.unwrap();
    assert!(matches!(bus.ensure_topology(3).await, Err(Error::Alone)));
}
