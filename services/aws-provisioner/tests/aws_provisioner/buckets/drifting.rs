use proto::State;
use stack::{PATIENCE, eventually};

use crate::world::{World, name};

const RARELY: &str = "86400";

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_vanished_is_noticed_by_a_listing() {
    let mut world = World::prepare().await;
    world.start_with(&[("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", RARELY)]);
    let item = world.item("{}");
    world.settle(&item, State::Ready).await;
    world.s3().delete(world.bucket(&name(&item))).await.unwrap();
    // AWS might hide what was made a moment ago, so it is not called gone yet.
    world.until(&item, "noticed", |record| record.reason == "BucketNotVisibleYet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_was_changed_is_put_back() {
    let mut world = World::prepare().await;
    world.start_with(&[("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")]);
    let item = world.item("{}");
    world.settle(&item, State::Ready).await;
    let name = name(&item);
    world.s3_client().delete_public_access_block().bucket(&name).send().await.unwrap();
    let is_blocked = async || {
        let is_blocked = world.s3().blocks_public_access(world.bucket(&name)).await?;
        Ok(is_blocked.then_some(()))
    };
    eventually("public access is blocked again", PATIENCE, is_blocked).await.unwrap();
}
