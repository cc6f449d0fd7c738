use futures::future::join_all;
use proto::{Desired, ItemId, Kind, State, WorkItem};
use stack::{PATIENCE, eventually};

use super::store::{BOTH, Store};
use crate::world::desiring;

/// So many that AWS needs three pages for them.
const FOREIGN: usize = 251;
const CLAIMS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn w01_a07_what_stands_behind_250_foreign_ones_is_found() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let ids: Vec<_> = (0..FOREIGN).map(|number| format!("a{number:03}")).collect();
        for chunk in ids.chunks(16) {
            join_all(chunk.iter().map(|id| store.make_foreign(id))).await;
        }
        store.settled("{}").await;
        store.world.wipe_bus().await;
        store.world.network(|_| {}).await;
        let (item, _) = store.settled("{}").await;
        store.world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
        let words = store.words();
        let counts = [words.create, words.delete].map(|call| store.world.count(call));
        assert_eq!((counts, store.backup_days(&item).await), ([1, 1], None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w41_w43_many_claims_at_once_share_their_looks() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (words, items) = (store.words(), items(&store));
        join_all(items.iter().map(|item| store.world.settle(item, State::Ready))).await;
        assert_eq!(store.world.count(words.create), CLAIMS);
        assert_eq!(store.world.count(words.versions), 1);
        assert_eq!(store.world.count("ListTagsForResource"), 0);
        assert!(store.world.count(words.list) < CLAIMS / 2);

        // A restart with all of them settled, and everything published again.
        store.world.kill();
        let before = store.world.calls().len();
        store.world.start();
        let again = |item: &WorkItem| WorkItem { item_id: ItemId::random(), ..item.clone() };
        let items: Vec<_> = items.iter().map(again).collect();
        join_all(items.iter().map(|item| store.world.settle(item, State::Ready))).await;
        let calls = store.world.calls().split_off(before);
        assert!(calls.len() <= 5, "{calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_storm_of_throttling_holds_up_its_own_service_alone() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        store.world.aws.storm(words.service, 80);
        let items = items(&store);
        join_all(items.iter().map(|item| store.world.publish(item))).await;
        let is_felt = async || Ok((store.world.count(words.list) > 2).then_some(()));
        eventually("the storm is felt", PATIENCE, is_felt).await.unwrap();
        let mut other = store.another();
        other.identity.kind = if kind == Kind::Redis { Kind::Postgres } else { Kind::Redis };
        store.world.settle(&other, State::Ready).await;
        let lists = store.world.count(words.list);
        assert!(lists < CLAIMS, "all of them together ask less often: {lists}");
        store.world.aws.storm(words.service, 0);
        join_all(items.iter().map(|item| store.until_ready(item))).await;
        assert_eq!(store.all().await, CLAIMS);
    }
}

fn items(store: &Store) -> Vec<WorkItem> {
    (0..CLAIMS).map(|_| store.another()).collect()
}
