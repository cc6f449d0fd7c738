//! Two replicas, of which one stands still in the midst of its work.

use aws_provisioner::tags::Tags;
use proto::{Desired, State, WorkItem};
use stack::{Fault, PATIENCE, eventually};

use super::hands::UNPROTECTED;
use super::store::{BOTH, Store};
use crate::world::desiring;

#[tokio::test(flavor = "multi_thread")]
async fn r01_w23_a_replica_that_stood_still_after_it_looked_makes_no_second_one() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (item, words) = (store.item("{}"), store.words());
        overtaken_after(&mut store, &item, words.versions).await;
        store.until_ready(&item).await;
        store.world.resume().await;
        assert_eq!(store.world.mutations(), [words.create]);
        assert!(store.has_kept_password(&item));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r02_a_replica_that_stood_still_before_it_deleted_does_not_delete_what_came_after() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (item, _) = store.settled(UNPROTECTED).await;
        let words = store.words();
        let gone = desiring(&item, Desired::Absent);
        overtaken_after(&mut store, &gone, words.list).await;
        store.world.until(&gone, "absent", |record| record.state == State::Absent).await;
        store.make_foreign(&store.id(&item), &Tags::new()).await;
        let next = store.another();
        store.world.settle(&next, State::Ready).await;
        store.world.resume().await;
        assert_eq!((store.all().await, store.world.count(words.delete)), (2, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r03_a_replica_that_stood_still_in_a_call_makes_no_other() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (first, _) = store.settled("{}").await;
        let words = store.words();
        // Two changes: one at once, and one for the window.
        let mut item = store.item(words.class.1);
        item.cluster.tags = Tags::from([("cost-centre".to_owned(), "43".to_owned())]);
        overtaken_after(&mut store, &item, "AddTagsToResource").await;
        store.until_ready(&item).await;
        store.world.resume().await;
        assert_eq!(store.world.count(words.modify), 1);
        assert_eq!(store.tags(&first).await["cost-centre"], "43");
    }
}

/// A replica works on this, stands still before it hears the answer to a call, and another one takes over.
async fn overtaken_after(store: &mut Store, item: &WorkItem, call: &str) {
    let before = store.world.count(call);
    // A record that is pending tells the other one that something is left to do.
    store.world.aws.fail(call, 1, Fault::Answered(403, "ExpiredToken"));
    store.world.hold_answers(&[call]);
    store.world.publish(item).await;
    let is_held = async || Ok((store.world.count(call) == before + 2).then_some(()));
    eventually(call, PATIENCE, is_held).await.unwrap();
    store.world.overtake(item).await;
}
