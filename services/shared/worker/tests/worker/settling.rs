use bus::RecordFollower;
use futures::FutureExt as _;
use proto::{Desired, ErrorClass, Field, Kind, Service, State, WorkItem};
use worker::{Failure, Step, WorkConfig, Worker};

use crate::fixture::{eventually, item};
use crate::scripted::{Scripted, World, ready, ready_at, wait};

#[tokio::test(flavor = "multi_thread")]
async fn a_settled_item_has_its_record_and_its_connection() {
    let world = World::new(|turn, _| {
        async move { if turn == 0 { Ok(Step::Again) } else { Ok(ready()) } }.boxed()
    })
    .await;
    let item = world.publish().await;
    let record = world.record("ready", |record| record.state == State::Ready).await;
    assert_eq!(record.item_id, item.item_id);
    let connection = world.connection().await.unwrap();
    assert_eq!(record.digest, Some(connection.digest()));
    assert_eq!(world.turns(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_gives_a_turn_at_once_while_the_delivery_waits() {
    let world = World::new(|turn, _| {
        async move { if turn == 0 { Ok(wait()) } else { Ok(ready()) } }.boxed()
    })
    .await;
    world.publish().await;
    let waiting = world.record("waiting", |record| record.reason == "Provisioning").await;
    assert_eq!((waiting.state, waiting.error_class), (State::Pending, None));
    world.wake();
    world.record("ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_during_a_turn_is_not_lost() {
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, may_go_on) = tokio::sync::watch::channel(false);
    let world = World::new(move |turn, _| {
        let (begun, mut may_go_on) = (begun.clone(), may_go_on.clone());
        async move {
            begun.send(()).unwrap();
            may_go_on.wait_for(|go| *go).await.unwrap();
            if turn == 0 { Ok(wait()) } else { Ok(ready()) }
        }
        .boxed()
    })
    .await;
    world.publish().await;
    has_begun.recv().await.unwrap();
    world.wake();
    go_on.send(true).unwrap();
    world.record("ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_item_is_refused_until_another_comes() {
    let world = World::new(|_, work| {
        let refused = work.item.secret_name == "bad";
        async move {
            if refused {
                Err(Failure::new(ErrorClass::Invalid, "Invalid", "no such size").into())
            } else {
                Ok(ready())
            }
        }
        .boxed()
    })
    .await;
    world.publish_item(WorkItem { secret_name: "bad".into(), ..item("a") }).await;
    let refused = world.record("refused", |record| record.state == State::Refused).await;
    assert_eq!(refused.error_class, Some(ErrorClass::Invalid));
    assert_eq!(refused.message, "no such size");
    world.publish().await;
    let healed = world.record("ready", |record| record.state == State::Ready).await;
    assert_eq!((healed.error_class, healed.attempts), (None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transient_failure_is_tried_again_and_heals() {
    let world = World::new(|turn, _| {
        async move {
            if turn < 2 {
                Err(Failure::new(ErrorClass::Transient, "Transient", "no answer").into())
            } else {
                Ok(ready())
            }
        }
        .boxed()
    })
    .await;
    world.publish().await;
    world.record("ready", |record| record.state == State::Ready).await;
    assert_eq!(world.turns(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_bus_is_filled_again_from_the_next_item() {
    let mut world = World::new(|_, _| async { Ok(ready()) }.boxed()).await;
    world.publish().await;
    world.record("ready", |record| record.state == State::Ready).await;
    let before = world.connection().await.unwrap();
    world.server.wipe().await.unwrap();
    eventually("streams again", async || world.watcher.ensure_topology(1).await.ok()).await;
    let item = world.publish().await;
    let record = world.record("ready again", |record| record.state == State::Ready).await;
    assert_eq!(record.item_id, item.item_id);
    assert_eq!(world.connection().await.unwrap().digest(), before.digest());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_claim_gets_no_turn() {
    let world = World::new(|_, _| async { Ok(ready()) }.boxed()).await;
    world.publish_item(WorkItem { desired: Desired::Released, ..item("a") }).await;
    world.record("released", |record| record.reason == "Released").await;
    assert_eq!(world.turns(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_published_once_for_each_item() {
    let world = World::new(|turn, work| {
        work.record.facts.insert("turn".into(), turn.to_string());
        async { Ok(ready()) }.boxed()
    })
    .await;
    world.publish().await;
    world.record("ready", |record| record.state == State::Ready).await;
    let second = world.publish().await;
    world
        .record("ready again", |it| it.item_id == second.item_id && it.state == State::Ready)
        .await;
    // A reader may have thrown the first away.
    let last = world.stored_connection().await;
    assert_eq!(last.value.unwrap().item_id, second.item_id);
    world.wake();
    world.record("a third turn", |record| record.facts["turn"] == "2").await;
    assert_eq!(world.stored_connection().await.sequence, last.sequence);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_saw_before_it_lost_its_lease_does_not_replace_what_the_next_published() {
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, may_go_on) = tokio::sync::watch::channel(false);
    let script = |host: &'static str| {
        let (begun, may_go_on) = (begun.clone(), may_go_on.clone());
        Scripted::new(move |turn, _| {
            let (begun, mut may_go_on) = (begun.clone(), may_go_on.clone());
            async move {
                begun.send(()).unwrap();
                if (turn, host) != (0, "old") {
                    return Ok(ready_at("new"));
                }
                may_go_on.wait_for(|go| *go).await.unwrap();
                Ok(ready_at("old"))
            }
            .boxed()
        })
    };
    let world = World::of(script("old")).await;
    world.publish().await;
    has_begun.recv().await.unwrap();
    let (bus, mut process) = world.server.bus(Service::OpenshiftProvisioner).await.unwrap();
    world.take_lease_away(&bus).await;
    let waker = Worker::start(&bus, &WorkConfig::all(4), script("new"), &mut process).unwrap();
    waker.wake(Kind::Redis, "a".parse().unwrap());
    has_begun.recv().await.unwrap();
    world.record("ready", |record| record.state == State::Ready).await;
    go_on.send(true).unwrap();
    // The first one's delivery comes again.
    has_begun.recv().await.unwrap();
    let expected = Field::Literal("new".into());
    assert_eq!(world.connection().await.unwrap().fields["uri"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_wake_left_unfinished_goes_on_in_whoever_starts() {
    let world = World::new(|turn, _| {
        async move { if turn == 0 { Ok(ready()) } else { Ok(wait()) } }.boxed()
    })
    .await;
    world.publish().await;
    world.record("ready", |record| record.state == State::Ready).await;
    world.wake();
    world.record("drifted", |record| record.state == State::Pending).await;

    let (bus, mut process) = world.server.bus(Service::OpenshiftProvisioner).await.unwrap();
    let healing = Scripted::new(|_, _| async { Ok(ready()) }.boxed());
    let waker = Worker::start(&bus, &WorkConfig::all(4), healing, &mut process).unwrap();
    let records = RecordFollower::default();
    let gate = process.readiness.gate("records");
    tokio::spawn(records.clone().run(bus, gate, process.shutdown.clone()));
    worker::resume(&records, &waker, &mut process);
    world.record("ready again", |record| record.state == State::Ready).await;
}
