use proto::{Desired, ItemId, State, WorkItem};

use super::caches::Caches;
use crate::world::desiring;

/// So many that AWS needs three pages for them.
const FOREIGN: usize = 251;
const CLAIMS: usize = 50;

async fn crowd(caches: &Caches) {
    let elasticache = caches.world.elasticache();
    let make = |number: usize| {
        let request = elasticache.create_replication_group();
        let request = request.replication_group_id(format!("a{number:03}"));
        request.replication_group_description("theirs").send()
    };
    for chunk in (0..FOREIGN).collect::<Vec<_>>().chunks(16) {
        let answers = futures::future::join_all(chunk.iter().map(|number| make(*number))).await;
        assert!(answers.iter().all(Result::is_ok));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w01_a07_a_group_behind_250_foreign_ones_is_found() {
    let mut caches = Caches::new().await;
    crowd(&caches).await;
    caches.settled("{}").await;
    caches.world.wipe_bus().await;
    caches.world.network(|_| {}).await;
    let (item, _) = caches.settled("{}").await;
    assert_eq!(caches.world.count("CreateReplicationGroup"), 1);
    let gone = desiring(&item, Desired::Absent);
    caches.world.settle(&gone, State::Absent).await;
    assert_eq!(caches.world.count("DeleteReplicationGroup"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w41_w43_many_claims_at_once_share_their_looks() {
    let mut caches = Caches::new().await;
    let first = caches.item("{}");
    let claim = || {
        let mut item = WorkItem { item_id: ItemId::random(), ..first.clone() };
        item.identity.uid = ItemId::random().as_str().parse().unwrap();
        item
    };
    let items: Vec<_> = (0..CLAIMS).map(|_| claim()).collect();
    futures::future::join_all(items.iter().map(|item| caches.world.settle(item, State::Ready)))
        .await;
    assert_eq!(caches.world.count("CreateReplicationGroup"), CLAIMS);
    assert_eq!(caches.world.count("DescribeCacheEngineVersions"), 1);
    assert_eq!(caches.world.count("ListTagsForResource"), 0);
    assert!(caches.world.count("DescribeReplicationGroups") < CLAIMS / 2);

    // A restart with all of them settled, and everything published again.
    caches.world.kill();
    let before = caches.world.calls().len();
    caches.world.start();
    let again = |item: &WorkItem| WorkItem { item_id: ItemId::random(), ..item.clone() };
    let items: Vec<_> = items.iter().map(again).collect();
    futures::future::join_all(items.iter().map(|item| caches.world.settle(item, State::Ready)))
        .await;
    let calls = caches.world.calls().split_off(before);
    assert!(calls.len() <= 5, "{calls:?}");
}
