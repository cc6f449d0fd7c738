use proto::wire::CredentialOutcome;
use proto::{ErrorClass, State};

use crate::world::{World, name};

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_bus_changes_no_key() {
    let mut world = World::new().await;
    let first = world.item("{}");
    world.settle(&first, State::Ready).await;
    let (held, mutations) = (world.keeper.ids(), world.mutations().len());
    world.wipe_bus().await;
    world.settle(&world.item("{}"), State::Ready).await;
    assert_eq!(world.keeper.ids(), held);
    assert_eq!(world.mutations().len(), mutations, "{:?}", world.mutations());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_holds_is_replaced_by_one_that_is_held() {
    let world = World::new().await;
    let first = world.item("{}");
    world.settle(&first, State::Ready).await;
    let lost = world.keeper.ids();
    world.keeper.lose_all();
    world.settle(&world.item("{}"), State::Ready).await;
    let listed = world.iam().access_keys(&name(&first)).await.unwrap();
    assert_eq!(listed, world.keeper.ids());
    assert_ne!(listed, lost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_key_that_was_deleted_by_hand_is_replaced() {
    let mut world = World::new().await;
    let first = world.item("{}");
    world.settle(&first, State::Ready).await;
    let lost = world.keeper.ids();
    // No record says that the key is too new to be listed.
    world.wipe_bus().await;
    world.iam().delete_access_key(&name(&first), &lost[0]).await.unwrap();
    world.settle(&world.item("{}"), State::Ready).await;
    let listed = world.iam().access_keys(&name(&first)).await.unwrap();
    assert_eq!(listed, world.keeper.ids());
    assert_ne!(listed, lost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_be_kept_is_deleted() {
    let world = World::new().await;
    let item = world.item("{}");
    world.keeper.refuse_next_store(CredentialOutcome::Foreign);
    let record = world.fail(&item, "CredentialsRefused").await;
    assert_eq!(record.error_class, Some(ErrorClass::Foreign));
    assert!(world.iam().access_keys(&name(&item)).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_knows_whether_a_key_was_kept_one_key_remains_in_the_end() {
    let world = World::new().await;
    let item = world.item("{}");
    world.keeper.refuse_next_store(CredentialOutcome::Unavailable);
    world.settle(&item, State::Ready).await;
    let listed = world.iam().access_keys(&name(&item)).await.unwrap();
    assert_eq!(listed, world.keeper.ids());
    assert_eq!(listed.len(), 1);
}
