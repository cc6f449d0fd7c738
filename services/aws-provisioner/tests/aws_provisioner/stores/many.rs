use aws_provisioner::tags::Tags;
use futures::future::join_all;
use proto::{Desired, ItemId, Kind, State, WorkItem};
use stack::{Call, PATIENCE, eventually};

use super::store::{BOTH, Store};
use crate::world::{World, desiring};

/// So many that AWS needs three pages for them.
const FOREIGN: usize = 251;
const CLAIMS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn w01_a07_what_stands_behind_250_foreign_ones_is_found() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let ids: Vec<_> = (0..FOREIGN).map(|number| format!("a{number:03}")).collect();
        let nobodys = Tags::new();
        for chunk in ids.chunks(16) {
            join_all(chunk.iter().map(|id| store.make_foreign(id, &nobodys))).await;
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
async fn no_claim_waits_for_the_creation_of_another() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let all = items(&store);
        let (slow, quick) = all.split_at(CLAIMS / 2);
        for item in slow {
            store.world.aws.set_status(&store.id(item), Some("creating"));
        }
        join_all(slow.iter().map(|item| store.world.fail(item, "Provisioning"))).await;
        join_all(quick.iter().map(|item| store.world.settle(item, State::Ready))).await;
        for item in slow {
            assert_eq!(store.stored(item).await.reason, "Provisioning");
            store.world.aws.set_status(&store.id(item), None);
        }
        join_all(slow.iter().map(|item| store.until_ready(item))).await;
        assert_eq!(store.world.count(store.words().create), CLAIMS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_storm_of_throttling_holds_up_its_own_service_alone() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let mut other = store.another();
        other.identity.kind = if kind == Kind::Redis { Kind::Postgres } else { Kind::Redis };
        weather(&store.world, words.service, &items(&store), &other).await;
        assert_eq!(store.all().await, CLAIMS);
        let lists = store.world.count(words.list);
        assert!(lists < 2 * CLAIMS, "all of them together ask less often: {lists}");
        assert_is_capped(&store.world, words.service, (10, 100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_storm_of_throttling_on_buckets_holds_up_no_database() {
    let store = Store::new(Kind::Postgres).await;
    let mut buckets = items(&store).split_off(CLAIMS - 10);
    for item in &mut buckets {
        item.identity.kind = Kind::BlobStorage;
    }
    weather(&store.world, "s3", &buckets, &store.item("{}")).await;
    assert_eq!(store.world.aws.buckets().await.unwrap().len(), buckets.len());
    assert_is_capped(&store.world, "s3", (50, 200));
}

/// These come in the midst of a storm; another claim does not wait for its end.
async fn weather(world: &World, service: &str, items: &[WorkItem], other: &WorkItem) {
    world.aws.storm(service, 80);
    join_all(items.iter().map(|item| world.publish(item))).await;
    let is_throttled = |call: &Call| call.service == service && [400, 503].contains(&call.status);
    let is_felt = async || Ok((world.asked().filter(is_throttled).count() > 2).then_some(()));
    eventually("the storm is felt", PATIENCE, is_felt).await.unwrap();
    world.settle(other, State::Ready).await;
    world.aws.storm(service, 0);
    let is_ready = |item| world.until(item, "ready", |record| record.state == State::Ready);
    join_all(items.iter().map(is_ready)).await;
}

/// So many calls each second, and so many at once.
fn assert_is_capped(world: &World, service: &str, (per_second, at_once): (usize, usize)) {
    let calls = world.asked().filter(|call| call.service == service);
    let mut times: Vec<_> = calls.map(|call| call.at).collect();
    times.sort();
    for (first, from) in times.iter().enumerate() {
        for (last, to) in times.iter().enumerate().skip(first) {
            let seconds = usize::try_from(to.duration_since(*from).as_secs()).unwrap() + 1;
            let (sent, most) = (last - first + 1, at_once + per_second * seconds);
            assert!(sent <= most, "{sent} calls to {service} within {seconds} s");
        }
    }
}

fn items(store: &Store) -> Vec<WorkItem> {
    (0..CLAIMS).map(|_| store.another()).collect()
}
