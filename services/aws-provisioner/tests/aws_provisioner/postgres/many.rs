use proto::{ItemId, Kind, Record, State, WorkItem};

use super::databases::Databases;

/// So many that AWS needs three pages for them.
const FOREIGN: usize = 251;
const CLAIMS: usize = 50;

async fn crowd(databases: &Databases) {
    let rds = databases.world.rds();
    let make = |number: usize| {
        let request = rds.create_db_instance().db_instance_identifier(format!("a{number:03}"));
        let request = request.engine("postgres").db_instance_class("db.t3.micro");
        request.allocated_storage(20).send()
    };
    for chunk in (0..FOREIGN).collect::<Vec<_>>().chunks(16) {
        let answers = futures::future::join_all(chunk.iter().map(|number| make(*number))).await;
        assert!(answers.iter().all(Result::is_ok));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w01_a07_an_instance_behind_250_foreign_ones_is_found() {
    let mut databases = Databases::new().await;
    crowd(&databases).await;
    databases.settled("{}").await;
    databases.world.wipe_bus().await;
    databases.world.network(|_| {}).await;
    let (item, _) = databases.settled("{}").await;
    assert_eq!(databases.world.count("CreateDBInstance"), 1);
    let gone = crate::world::desiring(&item, proto::Desired::Absent);
    databases.world.settle(&gone, State::Absent).await;
    assert!(databases.found(&item).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn w41_w43_many_claims_at_once_share_their_looks() {
    let mut databases = Databases::new().await;
    let first = databases.item("{}");
    let claim = || {
        let mut item = WorkItem { item_id: ItemId::random(), ..first.clone() };
        item.identity.uid = ItemId::random().as_str().parse().unwrap();
        item
    };
    let items: Vec<_> = (0..CLAIMS).map(|_| claim()).collect();
    futures::future::join_all(items.iter().map(|item| databases.world.settle(item, State::Ready)))
        .await;
    assert_eq!(databases.world.count("CreateDBInstance"), CLAIMS);
    assert_eq!(databases.world.count("DescribeDBEngineVersions"), 1);
    assert!(databases.world.count("DescribeDBInstances") < CLAIMS / 2);

    // A restart with all of them settled, and everything published again.
    databases.world.kill();
    databases.world.wipe_bus().await;
    databases.world.network(|_| {}).await;
    let before = databases.world.calls().len();
    databases.world.start();
    futures::future::join_all(items.iter().map(|item| databases.world.settle(item, State::Ready)))
        .await;
    let calls = databases.world.calls().split_off(before);
    assert!(calls.len() <= 5, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_storm_of_throttling_holds_up_its_own_service_alone() {
    let databases = Databases::new().await;
    databases.world.aws.storm("rds", 80);
    let claim = |_| {
        let mut item = databases.item("{}");
        item.identity.uid = ItemId::random().as_str().parse().unwrap();
        item
    };
    let items: Vec<_> = (0..CLAIMS).map(claim).collect();
    futures::future::join_all(items.iter().map(|item| databases.world.publish(item))).await;
    databases.world.until_asked("CreateDBInstance").await;
    let mut cache = databases.world.item("{}");
    cache.identity.kind = Kind::Redis;
    databases.world.settle(&cache, State::Ready).await;
    databases.world.aws.storm("rds", 0);
    let is_ready = |record: &Record| record.state == State::Ready;
    let ready = items.iter().map(|item| databases.world.until(item, "ready", is_ready));
    futures::future::join_all(ready).await;
    let instances = databases.world.rds().describe_db_instances().send().await.unwrap();
    assert_eq!(instances.db_instances.unwrap().len(), CLAIMS);
}
