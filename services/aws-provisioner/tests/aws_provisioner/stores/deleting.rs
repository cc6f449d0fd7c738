use std::time::Duration;

use proto::{Desired, Record, State, WorkItem};
use stack::{Fault, LifeCycle, PATIENCE, eventually};

use super::store::{BOTH, Store};
use crate::world::desiring;

fn tombstone(item: &WorkItem) -> WorkItem {
    desiring(item, Desired::Absent)
}

fn is_absent(record: &Record) -> bool {
    record.state == State::Absent
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_w14_a_service_killed_at_any_call_of_a_deletion_ends_it_with_one_snapshot() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (item, _) = store.settled("{}").await;
        let calls = store.words().ending;
        store.world.hold_answers(calls);
        let gone = tombstone(&item);
        store.world.publish(&gone).await;
        let (delete, before) = calls.split_last().unwrap();
        store.world.crash_after(&item, before).await;
        store.world.until_asked(delete).await;
        let intent = store.stored(&item).await.intent.unwrap();
        assert_eq!(
            (intent.step.as_str(), intent.item_id),
            (store.words().steps[1], gone.item_id.clone())
        );
        store.world.crash(&item).await;
        let record = store.world.until(&gone, "absent", is_absent).await;
        assert!(record.message.ends_with("keeps its data"), "{}", record.message);
        assert_eq!((store.all().await, store.snapshots().await), (0, 1));
        assert_eq!(store.world.count(store.words().delete), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l01_a_claim_deleted_at_any_call_of_its_creation_leaves_nothing() {
    for kind in BOTH {
        let words = Store::prepare(kind).await.words();
        for call in [words.list, words.versions, words.create] {
            let mut store = Store::new(kind).await;
            let item = store.item("{}");
            store.world.hold_answers(&[call]);
            store.world.publish(&item).await;
            store.world.until_asked(call).await;
            let gone = tombstone(&item);
            store.world.publish(&gone).await;
            store.world.crash(&item).await;
            store.world.until(&gone, "absent", is_absent).await;
            assert_eq!(store.all().await, 0, "{call}");
            assert!(store.world.count(words.create) <= 1, "{call}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l01_a_claim_deleted_while_its_resource_is_made_leaves_nothing() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (item, words) = (store.item("{}"), store.words());
        store.world.aws.set_status(&store.id(&item), Some("creating"));
        store.world.aws.fail(words.create, 1, Fault::AnswerLost);
        store.world.publish(&item).await;
        store.world.until_asked(words.create).await;
        let gone = tombstone(&item);
        store.world.publish(&gone).await;
        store.world.until(&gone, "waiting", |record| record.state == State::Pending).await;
        store.world.aws.set_status(&store.id(&item), None);
        store.world.until(&gone, "absent", is_absent).await;
        assert_eq!((store.all().await, store.world.count(words.create)), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l03_a_claim_of_the_same_name_gets_a_resource_of_its_own_while_the_old_one_goes() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (first, _) = store.settled("{}").await;
        let endless = LifeCycle { deleting: Duration::MAX, ..LifeCycle::default() };
        store.world.aws.life_cycle(endless);
        let gone = tombstone(&first);
        store.world.fail(&gone, "Deleting").await;
        let second = store.another();
        store.world.settle(&second, State::Ready).await;
        assert_ne!(store.id(&first), store.id(&second));
        assert_eq!(store.stored(&gone).await.reason, "Deleting");
        let counts = [store.words().create, store.words().delete].map(|it| store.world.count(it));
        assert_eq!((store.all().await, counts), (2, [2, 1]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l05_a_claim_that_was_renamed_has_a_resource_of_its_own_and_the_data_of_the_old_one_stay() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (first, _) = store.settled("{}").await;
        let mut renamed = store.another();
        renamed.identity.name = "renamed".into();
        renamed.secret_name = "renamed".into();
        store.world.settle(&renamed, State::Ready).await;
        let record = store.world.settle(&tombstone(&first), State::Absent).await;
        assert!(record.message.ends_with("keeps its data"), "{}", record.message);
        assert!(store.seen(&renamed).await.is_some());
        assert_eq!((store.all().await, store.snapshots().await), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w13_without_a_readable_strategy_a_claim_goes_and_its_data_stays() {
    for kind in BOTH {
        for strategy in [Some("nonsense"), None] {
            let store = Store::new(kind).await;
            let (item, _) = store.settled("{}").await;
            let mut gone = tombstone(&item);
            match strategy {
                Some(text) => gone.strategy.as_mut().unwrap().json = text.into(),
                None => gone.strategy = None,
            }
            gone.cluster.tags = [("aws:refused".to_owned(), String::new())].into();
            store.world.settle(&gone, State::Absent).await;
            assert_eq!((store.all().await, store.snapshots().await), (0, 1));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w14_a_refusal_because_of_its_state_is_waited_out() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let (item, _) = store.settled("{}").await;
        store.world.aws.fail(words.delete, 2, Fault::Answered(400, words.busy));
        store.world.publish(&tombstone(&item)).await;
        let gone = async || Ok((store.all().await == 0).then_some(()));
        eventually("gone", PATIENCE, gone).await.unwrap();
        assert_eq!(store.world.count(words.delete), 3);
    }
}
