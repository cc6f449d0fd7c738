use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt as _;
use proto::{ErrorClass, Kind, Service, State, WorkItem};
use worker::{Call, Failure, Outcome, Step, WorkConfig, Worker};

use crate::fixture::{item, work};
use crate::scripted::{Scripted, World, ready, wait};

#[derive(Debug)]
struct Lost(bool);

impl Outcome for Lost {
    fn is_unknown(&self) -> bool {
        self.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_intent_of_a_call_is_stored_before_it_is_made_and_gone_after() {
    let (calling, mut is_calling) = tokio::sync::mpsc::unbounded_channel();
    let (answer, answered) = tokio::sync::watch::channel(false);
    let world = World::new(move |turn, work| {
        let (calling, mut answered) = (calling.clone(), answered.clone());
        async move {
            if turn > 0 {
                return Ok(ready());
            }
            let call = async {
                calling.send(()).unwrap();
                answered.wait_for(|done| *done).await.unwrap();
                Ok::<_, Lost>(())
            };
            let Call::Done(()) = work.call("pvc.create", call).await? else { panic!("not done") };
            Ok(Step::Again)
        }
        .boxed()
    })
    .await;
    let item = world.publish().await;
    is_calling.recv().await.unwrap();
    let during = world.record("intent", |record| record.intent.is_some()).await;
    let intent = during.intent.unwrap();
    assert_eq!((intent.step.as_str(), intent.item_id), ("pvc.create", item.item_id));
    answer.send(true).unwrap();
    let after = world.record("ready", |record| record.state == State::Ready).await;
    assert_eq!(after.intent, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_unknown_outcome_keeps_its_intent_and_absence_proves_nothing() {
    let world = World::new(|turn, work| {
        async move {
            if turn == 0 {
                let call = async { Err::<(), _>(Lost(true)) };
                let Call::Unknown = work.call("create", call).await? else { panic!("known") };
                return Ok(Step::Again);
            }
            let proof = work.absence_is_proof();
            work.record.facts.insert("proof".into(), proof.to_string());
            Ok(wait())
        }
        .boxed()
    })
    .await;
    world.publish().await;
    let record = world.record("facts", |record| !record.facts.is_empty()).await;
    assert!(record.intent.is_some());
    assert_eq!(record.facts["proof"], "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_call_had_no_effect_and_leaves_no_intent() {
    let world = World::new(|_, work| {
        async move {
            let call = async { Err::<(), _>(Lost(false)) };
            let Call::Refused(_) = work.call("create", call).await? else { panic!("accepted") };
            Err(Failure::new(ErrorClass::Quota, "Quota", "too many").into())
        }
        .boxed()
    })
    .await;
    world.publish().await;
    let record =
        world.record("quota", |record| record.error_class == Some(ErrorClass::Quota)).await;
    assert_eq!((record.intent, record.attempts), (None, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_r02_a_call_for_an_item_that_was_replaced_is_not_made_and_what_was_done_before_is_known()
 {
    let calls = Arc::new(AtomicUsize::new(0));
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, may_go_on) = tokio::sync::watch::channel(false);
    let counted = calls.clone();
    let world = World::new(move |turn, work| {
        let (begun, mut may_go_on) = (begun.clone(), may_go_on.clone());
        let counted = counted.clone();
        async move {
            if turn > 0 {
                return Ok(ready());
            }
            begun.send(()).unwrap();
            may_go_on.wait_for(|go| *go).await.unwrap();
            work.record.facts.insert("done".into(), "before the call".into());
            let call = async {
                counted.fetch_add(1, Ordering::SeqCst);
                Ok::<_, Lost>(())
            };
            work.call("delete", call).await?;
            Ok(Step::Again)
        }
        .boxed()
    })
    .await;
    world.publish().await;
    has_begun.recv().await.unwrap();
    let newer = world.publish().await;
    go_on.send(true).unwrap();
    let record = world.record("the newer item", |it| it.item_id == newer.item_id).await;
    assert_eq!(record.facts["done"], "before the call");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn r01_two_replicas_never_work_on_one_claim_at_once() {
    let inside = Arc::new(AtomicUsize::new(0));
    let overlaps = Arc::new(AtomicUsize::new(0));
    let script = |inside: &Arc<AtomicUsize>, overlaps: &Arc<AtomicUsize>| {
        let (inside, overlaps) = (inside.clone(), overlaps.clone());
        Scripted::new(move |_, _| {
            let (inside, overlaps) = (inside.clone(), overlaps.clone());
            async move {
                overlaps.fetch_add(inside.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                inside.fetch_sub(1, Ordering::SeqCst);
                Ok(ready())
            }
            .boxed()
        })
    };
    let world = World::of(script(&inside, &overlaps)).await;
    let (bus, mut process) = world.server.bus(Service::OpenshiftProvisioner).await.unwrap();
    Worker::start(&bus, &WorkConfig::all(4), script(&inside, &overlaps), &mut process).unwrap();
    let mut last = item("a");
    for _ in 0..20 {
        last = world.publish().await;
        world.wake();
    }
    world.record("the last item", |record| record.item_id == last.item_id).await;
    let stored = world.watcher.read::<WorkItem>(&work(&last)).await.unwrap();
    assert_eq!(stored.value.unwrap().item_id, last.item_id);
    assert_eq!(overlaps.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn r01_r03_a_replica_that_lost_its_lease_after_it_looked_makes_no_call() {
    let calls = Arc::new(AtomicUsize::new(0));
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, may_go_on) = tokio::sync::watch::channel(false);
    let script = |stands_still: bool| {
        let (calls, begun, may_go_on) = (calls.clone(), begun.clone(), may_go_on.clone());
        Scripted::new(move |_, work| {
            let (calls, begun, mut may_go_on) = (calls.clone(), begun.clone(), may_go_on.clone());
            async move {
                let is_there = calls.load(Ordering::SeqCst) > 0;
                begun.send(()).unwrap();
                if stands_still {
                    may_go_on.wait_for(|go| *go).await.unwrap();
                }
                if !is_there {
                    let create = async { Ok::<_, Lost>(calls.fetch_add(1, Ordering::SeqCst)) };
                    work.call("create", create).await?;
                }
                Ok(ready())
            }
            .boxed()
        })
    };
    let world = World::of(script(true)).await;
    world.publish().await;
    has_begun.recv().await.unwrap();
    let (bus, mut process) = world.server.bus(Service::OpenshiftProvisioner).await.unwrap();
    world.take_lease_away(&bus).await;
    let waker = Worker::start(&bus, &WorkConfig::all(4), script(false), &mut process).unwrap();
    waker.wake(Kind::Redis, "a".parse().unwrap());
    has_begun.recv().await.unwrap();
    world.record("ready", |record| record.state == State::Ready).await;
    go_on.send(true).unwrap();
    // The first one's delivery comes again.
    has_begun.recv().await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}
