//! A network with the databases that live in it, as they are made and go.

use proto::{Desired, ItemId, Kind, State, Uid, WorkItem};

use super::nets::{Nets, empty, whole};
use crate::world::desiring;

fn database(nets: &Nets, kind: Kind) -> WorkItem {
    let strategy = match kind {
        Kind::Postgres => r#"{"deleteStrategy":{"SkipFinalSnapshot":true}}"#,
        _ => r#"{"deleteStrategy":{"FinalSnapshotIdentifier":""}}"#,
    };
    let mut item = nets.world.item(strategy);
    item.identity.kind = kind;
    item.identity.uid = ItemId::random().as_str().parse::<Uid>().unwrap();
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn r06_w06_w23_databases_wait_for_the_network_and_the_network_for_them() {
    let nets = Nets::new().await;
    let databases = [database(&nets, Kind::Postgres), database(&nets, Kind::Redis)];
    for item in &databases {
        nets.world.fail(item, "WaitingForNetwork").await;
    }
    let (item, _) = nets.ready().await;
    for item in &databases {
        nets.world.until(item, "ready", |record| record.state == State::Ready).await;
    }
    assert_eq!(nets.inventory().await, whole());
    let tombstone = desiring(&item, Desired::Absent);
    let record = nets.world.fail(&tombstone, "NetworkInUse").await;
    assert!(record.message.contains("postgres team/pictures"), "{}", record.message);
    for item in &databases {
        nets.world.settle(&desiring(item, Desired::Absent), State::Absent).await;
    }
    nets.world.until(&tombstone, "absent", |record| record.state == State::Absent).await;
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn w06_no_database_is_made_in_a_network_that_goes() {
    let nets = Nets::new().await;
    let (item, _) = nets.ready().await;
    let tombstone = desiring(&item, Desired::Absent);
    let denied = stack::Fault::Answered(403, "UnauthorizedOperation");
    nets.world.aws.fail("DeleteDBSubnetGroup", 1, denied);
    nets.world.fail(&tombstone, "AccessDenied").await;
    let late = database(&nets, Kind::Postgres);
    let record = nets.world.fail(&late, "WaitingForNetwork").await;
    assert_eq!(record.message, "waiting until the old network is gone");
    assert_eq!(nets.world.count("CreateDBInstance"), 0);
    nets.again(&item, Desired::Present, State::Ready).await;
    nets.world.until(&late, "ready", |record| record.state == State::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w01_a05_small_pages_and_a_storm_of_throttling_change_nothing() {
    let nets = Nets::prepare().await;
    for number in 0..8 {
        let vpc = nets.vpc(&format!("10.{}.0.0/24", 100 + number)).await;
        nets.subnet(&vpc, "us-east-1a", &format!("10.{}.0.0/26", 100 + number)).await;
    }
    let mut nets = nets;
    nets.world.aws.page_size(2);
    nets.world.aws.storm("ec2", 30);
    nets.world.start();
    let (item, _) = nets.ready().await;
    nets.again(&item, Desired::Absent, State::Absent).await;
    nets.world.aws.storm("ec2", 0);
    nets.world.aws.page_size(1000);
    assert_eq!((nets.inventory().await, nets.tagged().await), (empty(), 0));
}
