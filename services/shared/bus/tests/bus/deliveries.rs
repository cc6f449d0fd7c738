use std::time::Duration;

use bus::topology::{WORK, consumer_name};
use bus::{Bus, Delivery, Disposition, consume};
use proto::{Kind, Provider, Service, WorkItem};
use service::CancellationToken;
use stack::Nats;
use tokio::sync::mpsc;

use crate::fixture::{item, work};

type Deliveries = mpsc::UnboundedReceiver<Delivery<WorkItem>>;

/// Everything that the consumer of in-cluster Redis hands over.
fn deliveries(bus: &Bus) -> (Deliveries, CancellationToken) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let durable = consumer_name(Provider::Openshift, Kind::Redis);
    tokio::spawn(consume(bus.clone(), WORK, durable, 8, shutdown.clone(), move |delivery| {
        let sender = sender.clone();
        async move { drop(sender.send(delivery)) }
    }));
    (receiver, shutdown)
}

async fn next(deliveries: &mut Deliveries) -> Delivery<WorkItem> {
    tokio::time::timeout(Duration::from_secs(40), deliveries.recv()).await.unwrap().unwrap()
}

async fn publish(watcher: &Bus, item: &WorkItem) {
    let last = watcher.read::<WorkItem>(&work(item)).await.unwrap();
    watcher.write(&work(item), item, last.sequence, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_handed_over_until_it_is_acked() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let (openshift, _other) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let (mut received, _stop) = deliveries(&openshift);
    let item = item("a");
    publish(&watcher, &item).await;

    let first = next(&mut received).await;
    assert_eq!(first.value.as_ref(), Some(&item));
    first.settle(Disposition::Nak(Duration::from_millis(10))).await.unwrap();
    // An early return drops a delivery; that must not swallow the message.
    drop(next(&mut received).await);
    next(&mut received).await.settle(Disposition::Ack).await.unwrap();

    let marker = crate::fixture::item("b");
    publish(&watcher, &marker).await;
    assert_eq!(next(&mut received).await.value, Some(marker));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_item_is_handed_over_while_the_older_is_held() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let (openshift, _other) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let (mut received, _stop) = deliveries(&openshift);
    publish(&watcher, &item("a")).await;
    let held = next(&mut received).await;
    let newer = item("a");
    publish(&watcher, &newer).await;
    assert_eq!(next(&mut received).await.value, Some(newer));
    // A late settlement of what was superseded does no harm.
    held.settle(Disposition::Nak(Duration::ZERO)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_item_is_termed_and_its_neighbours_are_served() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let (openshift, _other) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    publish(&openshift, &item("forged")).await;
    let real = item("real");
    publish(&watcher, &real).await;
    let (mut received, _stop) = deliveries(&openshift);
    assert_eq!(next(&mut received).await.value, Some(real));
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_go_on_after_the_server_was_killed_and_after_it_was_wiped() {
    let mut server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let (openshift, _other) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let (mut received, _stop) = deliveries(&openshift);

    let first = item("a");
    publish(&watcher, &first).await;
    server.kill();
    server.restart().await.unwrap();
    assert_eq!(next(&mut received).await.value, Some(first));

    server.wipe().await.unwrap();
    Nats::make_streams(&watcher).await.unwrap();
    let second = item("b");
    publish(&watcher, &second).await;
    loop {
        // What was handed over before the wipe may be left in the channel.
        if next(&mut received).await.value.as_ref() == Some(&second) {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_ack_after_a_wipe_frees_nobody_elses_message() {
    let mut server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let (slow, _slow) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let (mut received, stop) = deliveries(&slow);
    publish(&watcher, &item("a")).await;
    let late = next(&mut received).await;
    stop.cancel();
    let mut epoch = slow.epoch();
    epoch.mark_unchanged();
    server.wipe().await.unwrap();
    Nats::make_streams(&watcher).await.unwrap();
    epoch.changed().await.unwrap();

    let (quick, _quick) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let (mut received, _stop) = deliveries(&quick);
    let other = item("b");
    publish(&watcher, &other).await;
    let held = next(&mut received).await;
    assert_eq!(held.sequence, late.sequence, "the new store counts from the start");
    late.settle(Disposition::Ack).await.unwrap();
    held.settle(Disposition::Nak(Duration::from_millis(10))).await.unwrap();
    assert_eq!(next(&mut received).await.value, Some(other));
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_lets_work_in_hand_finish() {
    let server = Nats::open().await.unwrap();
    let (watcher, _process) = server.bus(Service::Watcher).await.unwrap();
    let (openshift, _other) = server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let (started, mut has_started) = mpsc::unbounded_channel();
    let (finish, finished) = tokio::sync::watch::channel(false);
    let shutdown = CancellationToken::new();
    let durable = consumer_name(Provider::Openshift, Kind::Redis);
    let consumer = tokio::spawn(consume(
        openshift,
        WORK,
        durable,
        1,
        shutdown.clone(),
        move |delivery: Delivery<WorkItem>| {
            let (started, mut finished) = (started.clone(), finished.clone());
            async move {
                started.send(()).unwrap();
                finished.wait_for(|done| *done).await.unwrap();
                delivery.settle(Disposition::Ack).await.unwrap();
            }
        },
    ));
    publish(&watcher, &item("a")).await;
    has_started.recv().await.unwrap();
    shutdown.cancel();
    assert!(!consumer.is_finished());
    finish.send(true).unwrap();
    consumer.await.unwrap();
}
