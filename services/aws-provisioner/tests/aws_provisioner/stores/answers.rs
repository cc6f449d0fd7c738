//! Requests and answers that are lost.

use aws_provisioner::tags::Tags;
use proto::{Desired, State, WorkItem};
use stack::Fault;

use super::store::{BOTH, Store};
use crate::world::desiring;

const LOST: [Fault; 3] = [Fault::RequestLost, Fault::AnswerLost, Fault::AnswerCut];

#[tokio::test(flavor = "multi_thread")]
async fn a01_a03_a_creation_without_an_answer_makes_one_with_the_password_that_is_kept() {
    for kind in BOTH {
        for fault in [Fault::AnswerLost, Fault::AnswerCut] {
            let store = Store::new(kind).await;
            store.world.aws.fail(store.words().create, 1, fault);
            let (item, _) = store.settled("{}").await;
            assert_eq!(store.world.count(store.words().create), 1, "{fault:?}");
            assert!(store.has_kept_password(&item), "{fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_creation_whose_request_was_lost_is_made_again_when_its_absence_is_proven() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        store.world.aws.fail(words.create, 1, Fault::RequestLost);
        let item = store.item("{}");
        let record = store.world.fail(&item, words.hidden).await;
        assert_eq!(record.intent.map(|it| it.step).as_deref(), Some(words.steps[0]));
        store.world.crash(&item).await;
        let again = desiring(&item, Desired::Present);
        store.world.fail(&again, words.hidden).await;
        assert_eq!((store.all().await, store.world.count(words.create)), (0, 1));
        // Two minutes later.
        store.world.kill();
        store.write(&again, |record| record.intent.as_mut().unwrap().at_ms -= 121_000).await;
        store.world.crash(&again).await;
        store.until_ready(&again).await;
        assert_eq!((store.all().await, store.world.count(words.create)), (1, 2));
        assert!(store.has_kept_password(&again));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a02_a03_w71_whatever_is_lost_of_a_change_maintenance_or_deletion_it_is_done_once() {
    for kind in BOTH {
        for fault in LOST {
            let store = Store::new(kind).await;
            let (item, _) = store.settled("{}").await;
            change(&store, &item, fault).await;
            tag(&store, &item, fault).await;
            maintain(&store, &item, fault).await;
            delete(&store, &item, fault).await;
        }
    }
}

async fn change(store: &Store, item: &WorkItem, fault: Fault) {
    let words = store.words();
    store.world.aws.fail(words.modify, 1, fault);
    store.settled(words.seven_days).await;
    assert_eq!(store.backup_days(item).await, Some(7), "{fault:?}");
    assert_eq!(store.world.count(words.modify), sent(fault), "{fault:?}");
}

async fn tag(store: &Store, item: &WorkItem, fault: Fault) {
    store.world.aws.fail("AddTagsToResource", 1, fault);
    let mut changed = store.item(store.words().seven_days);
    changed.cluster.tags = Tags::from([("cost-centre".to_owned(), "43".to_owned())]);
    store.world.settle(&changed, State::Ready).await;
    assert_eq!(store.tags(item).await["cost-centre"], "43", "{fault:?}");
    // The SDK repeats them by itself.
    assert!((1..=2).contains(&store.world.count("AddTagsToResource")), "{fault:?}");
}

async fn maintain(store: &Store, item: &WorkItem, fault: Fault) {
    let words = store.words();
    store.plan_maintenance(item);
    store.world.aws.fail(words.maintain, 1, fault);
    store.world.settle(&store.open(words.maintained), State::Ready).await;
    assert!(store.is_maintained().await, "{fault:?}");
    assert_eq!(store.world.count(words.maintain), sent(fault), "{fault:?}");
}

async fn delete(store: &Store, item: &WorkItem, fault: Fault) {
    let words = store.words();
    let before = store.world.mutations().len();
    for call in words.ending {
        store.world.aws.fail(call, 1, fault);
    }
    let record = store.world.settle(&desiring(item, Desired::Absent), State::Absent).await;
    assert!(record.message.ends_with("keeps its data"), "{fault:?}: {}", record.message);
    assert_eq!((store.all().await, store.snapshots().await), (0, 1), "{fault:?}");
    let calls = store.world.mutations().split_off(before);
    assert_eq!(calls.len(), words.ending.len() * sent(fault), "{fault:?}: {calls:?}");
}

/// How often a call is sent that meets this fault once.
fn sent(fault: Fault) -> usize {
    if fault == Fault::RequestLost { 2 } else { 1 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_c10_a_change_whose_answer_never_came_is_made_once() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        store.world.hold_answers(&[words.modify]);
        let item = store.item(words.seven_days);
        store.world.publish(&item).await;
        store.world.crash_after(&item, &[words.modify]).await;
        store.until_ready(&item).await;
        assert_eq!(store.world.count(words.modify), 1);
        assert_eq!(store.backup_days(&first).await, Some(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a04_what_exists_already_because_we_made_it_is_taken_as_ours() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        store.world.hold_answers(&[words.create]);
        // Whoever comes after the first listing is told that it exists.
        store.world.aws.lag(words.create, 2);
        store.world.publish(&store.item("{}")).await;
        store.world.until_asked(words.create).await;
        store.world.kill();
        store.world.wipe_bus().await;
        store.world.network(|_| {}).await;
        store.world.start();
        let item = store.item("{}");
        let record = store.world.fail(&item, words.hidden).await;
        assert_eq!(record.error_class, None);
        store.until_ready(&item).await;
        assert!(store.world.count(words.create) > 1);
        assert_eq!(store.all().await, 1);
        assert!(store.has_kept_password(&item));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a06_what_aws_does_not_show_yet_is_waited_for_and_not_made_again() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let item = store.item("{}");
        store.world.aws.lag(words.create, 2);
        store.world.aws.fail(words.create, 1, Fault::AnswerLost);
        store.world.fail(&item, words.hidden).await;
        store.until_ready(&item).await;
        assert_eq!(store.world.count(words.create), 1);
    }
}
