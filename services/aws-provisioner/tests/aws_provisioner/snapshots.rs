//! Snapshots of databases and caches.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_provisioner::naming::{external_name, short_name};
use proto::{
    Desired, ErrorClass, ItemId, Kind, Record, Service, Snapshot, State, Strategy, Subject,
    WorkItem,
};
use stack::{Fault, LifeCycle, PATIENCE, eventually};

use crate::stores::store::{BOTH, Store};
use crate::world::desiring;

const CREATE: [&str; 2] = ["CreateDBSnapshot", "CreateSnapshot"];
const DELETE: [&str; 2] = ["DeleteDBSnapshot", "DeleteSnapshot"];

/// The operation of a kind.
fn of(kind: Kind, operations: [&'static str; 2]) -> &'static str {
    operations[usize::from(kind == Kind::Redis)]
}

/// An item of a snapshot of this claim's resource.
fn snapshot_of(store: &Store, parent: &WorkItem, record: &Record) -> WorkItem {
    let mut item = desiring(parent, Desired::Present);
    item.identity.kind = match store.kind {
        Kind::Redis => Kind::RedisSnapshot,
        _ => Kind::PostgresSnapshot,
    };
    item.identity.name = "nightly".into();
    item.identity.uid = ItemId::random().as_str().parse().unwrap();
    item.placement.region.clone_from(&record.placement.region);
    item.placement.account.clone_from(&record.placement.account);
    item.strategy = Some(Strategy::default());
    item.options.snapshot = Some(Snapshot {
        claim_uid: parent.identity.uid.to_string(),
        identifier: store.id(parent),
        keep: false,
    });
    item
}

fn name(store: &Store, item: &WorkItem) -> String {
    match store.kind {
        Kind::Redis => short_name(&item.cluster.id, &item.identity),
        _ => external_name(&item.cluster.id, &item.identity),
    }
}

fn keeping(item: &WorkItem, desired: Desired) -> WorkItem {
    let mut item = desiring(item, desired);
    item.options.snapshot.as_mut().unwrap().keep = true;
    item
}

/// A claim that is ready, and an item of a snapshot of it.
async fn ready(store: &Store) -> (WorkItem, WorkItem) {
    let (parent, record) = store.settled("{}").await;
    let item = snapshot_of(store, &parent, &record);
    (parent, item)
}

/// As if the service had waited for it for an hour.
async fn remember_a_long_wait(store: &Store, item: &WorkItem) {
    let hour_ago = SystemTime::now() - Duration::from_hours(1);
    let since = hour_ago.duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
    let (identity, placement) = (item.identity.clone(), item.placement.clone());
    let mut record = Record::new(identity, placement, item.item_id.clone());
    record.facts.insert("snapshot-source-missing-ms".into(), since);
    let subject = Subject::Record(Service::AwsProvisioner, item.identity.uid.clone());
    store.world.records.write(&subject, &record, 0, None).await.unwrap();
}

/// Another object that asks for the same.
fn again(item: &WorkItem) -> WorkItem {
    let mut item = desiring(item, Desired::Present);
    item.identity.uid = ItemId::random().as_str().parse().unwrap();
    item
}

async fn delete_by_hand(store: &Store, name: &str) {
    if store.kind == Kind::Redis {
        let request = store.world.elasticache().delete_snapshot().snapshot_name(name);
        request.send().await.unwrap();
    } else {
        let request = store.world.rds().delete_db_snapshot().db_snapshot_identifier(name);
        request.send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_taken_once_with_few_calls_and_deleted_with_its_object() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (_, item) = ready(&store).await;
        let before = store.world.calls().len();
        let record = store.world.settle(&item, State::Ready).await;
        assert_eq!(record.message, "snapshot created");
        let id = record.placement.identifier.as_deref();
        assert_eq!(id, Some(name(&store, &item).as_str()));
        let calls = store.world.calls().split_off(before);
        assert!(calls.len() <= 4, "{calls:?}");
        assert_eq!(store.world.connection(&item).await, None, "nothing to connect to");
        // Neither another wish nor an empty bus takes another.
        let item = keeping(&item, Desired::Present);
        store.world.settle(&item, State::Ready).await;
        store.world.wipe_bus().await;
        store.world.settle(&item, State::Ready).await;
        assert_eq!(store.world.count(of(kind, CREATE)), 1);
        let mut gone = desiring(&item, Desired::Absent);
        gone.options.snapshot.as_mut().unwrap().keep = false;
        store.world.settle(&gone, State::Absent).await;
        assert_eq!((store.snapshots().await, store.all().await), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w08_skip_delete_keeps_the_snapshot_when_its_object_is_deleted() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (_, item) = ready(&store).await;
        store.world.settle(&item, State::Ready).await;
        let record = store.world.settle(&keeping(&item, Desired::Absent), State::Absent).await;
        assert!(record.message.ends_with("is kept: spec.skipDelete is true"), "{record:?}");
        assert_eq!((store.snapshots().await, store.world.count(of(kind, DELETE))), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w09_a_finished_snapshot_that_is_gone_is_told_and_not_taken_again() {
    for kind in BOTH {
        let often = [("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "86400")];
        let store = Store::with(kind, &often).await;
        let (_, item) = ready(&store).await;
        store.world.settle(&item, State::Ready).await;
        delete_by_hand(&store, &name(&store, &item)).await;
        let is_told = |record: &Record| record.reason == "SnapshotGone";
        store.world.until(&item, "told", is_told).await;
        assert_eq!(store.world.count(of(kind, CREATE)), 1);
        store.world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w10_a_snapshot_keeps_its_id_in_another_time_zone_and_without_a_record() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (_, item) = ready(&store).await;
        let before = store.world.settle(&item, State::Ready).await.placement.identifier;
        store.world.kill();
        store.world.wipe_bus().await;
        store.world.start_with(&[("TZ", "Pacific/Auckland")]);
        let again = desiring(&item, Desired::Present);
        let after = store.world.settle(&again, State::Ready).await.placement.identifier;
        assert_eq!(after, before);
        // AWS keeps names in lower case.
        assert!(!after.unwrap().chars().any(char::is_uppercase));
        assert_eq!((store.world.count(of(kind, CREATE)), store.snapshots().await), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w18_l09_a_snapshot_outlives_its_claim_and_none_is_taken_of_one_that_is_gone() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (parent, taken) = ready(&store).await;
        store.world.settle(&taken, State::Ready).await;
        let late = again(&taken);
        let gone = desiring(&parent, Desired::Absent);
        store.world.settle(&gone, State::Absent).await;
        let final_one = 1;

        remember_a_long_wait(&store, &late).await;
        store.world.fail(&late, "NothingToSnapshot").await;
        store.world.settle(&desiring(&late, Desired::Absent), State::Absent).await;
        assert_eq!(store.world.count(of(kind, CREATE)), 1);
        assert_eq!(store.snapshots().await, 1 + final_one);
        store.world.settle(&desiring(&taken, Desired::Present), State::Ready).await;
        store.world.settle(&desiring(&taken, Desired::Absent), State::Absent).await;
        assert_eq!(store.snapshots().await, final_one);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w74_deleting_a_snapshot_that_aws_does_not_find_is_no_error() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (_, item) = ready(&store).await;
        // One that was never taken: nothing is asked for by an empty name.
        let gone = desiring(&item, Desired::Absent);
        let record = store.world.settle(&gone, State::Absent).await;
        assert_eq!((record.error_class, store.world.count(of(kind, DELETE))), (None, 0));
        // One that is gone between the look and the deletion.
        let second = again(&item);
        store.world.settle(&second, State::Ready).await;
        let code = of(kind, ["DBSnapshotNotFound", "SnapshotNotFoundFault"]);
        store.world.aws.fail(of(kind, DELETE), 1, Fault::Answered(404, code));
        let gone = desiring(&second, Desired::Absent);
        let record = store.world.settle(&gone, State::Absent).await;
        assert_eq!((record.error_class, record.attempts), (None, 0));
        // One that somebody deleted.
        let third = again(&item);
        store.world.settle(&third, State::Ready).await;
        delete_by_hand(&store, &name(&store, &third)).await;
        store.world.settle(&desiring(&third, Desired::Absent), State::Absent).await;
        assert_eq!(store.snapshots().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l09_no_snapshot_is_taken_of_what_is_being_deleted() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (parent, item) = ready(&store).await;
        store.world.aws.set_status(&store.id(&parent), Some("deleting"));
        let record = store.world.fail(&item, "NothingToSnapshot").await;
        assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
        store.world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
        // Asked for by a listing of a moment ago, AWS refuses it.
        assert_eq!(store.snapshots().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l03_l09_no_snapshot_is_taken_of_a_claim_that_came_later_under_the_same_name() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (parent, item) = ready(&store).await;
        store.world.settle(&desiring(&parent, Desired::Absent), State::Absent).await;
        store.world.keeper.lose_all();
        let successor = store.another();
        assert_eq!(successor.identity.name, parent.identity.name);
        store.world.settle(&successor, State::Ready).await;
        remember_a_long_wait(&store, &item).await;
        store.world.fail(&item, "NothingToSnapshot").await;
        assert_eq!(store.world.count(of(kind, CREATE)), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_waits_until_its_resource_is_available() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (parent, item) = ready(&store).await;
        store.world.aws.set_status(&store.id(&parent), Some("modifying"));
        store.world.publish(&item).await;
        let waits = |record: &Record| record.reason == "WaitingForResource";
        store.world.until(&item, "waiting", waits).await;
        assert_eq!(store.snapshots().await, 0);
        store.world.aws.set_status(&store.id(&parent), None);
        store.until_ready(&item).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a06_c04_whatever_is_lost_one_snapshot_is_taken() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (_, item) = ready(&store).await;
        let create = of(kind, CREATE);
        store.world.aws.fail(create, 1, Fault::AnswerLost);
        store.world.settle(&item, State::Ready).await;
        let second = again(&item);
        store.world.aws.lag(create, 2);
        store.world.settle(&second, State::Ready).await;
        let third = again(&item);
        store.world.hold_answers(&[create]);
        store.world.publish(&third).await;
        let creations = async || Ok((store.world.count(create) == 3).then_some(()));
        eventually("asked for", PATIENCE, creations).await.unwrap();
        store.world.crash(&third).await;
        store.until_ready(&third).await;
        assert_eq!((store.world.count(create), store.snapshots().await), (3, 3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l01_a_snapshot_deleted_while_it_is_made_is_gone_in_the_end() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (_, item) = ready(&store).await;
        let backing_up = Duration::from_secs(2);
        store.world.aws.life_cycle(LifeCycle { backing_up, ..LifeCycle::default() });
        store.world.publish(&item).await;
        store.world.until_asked(of(kind, CREATE)).await;
        let gone = desiring(&item, Desired::Absent);
        store.world.settle(&gone, State::Absent).await;
        assert_eq!((store.snapshots().await, store.world.count(of(kind, DELETE))), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_quota_of_snapshots_is_told_and_heals_when_lifted() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (_, item) = ready(&store).await;
        store.world.aws.quota(of(kind, CREATE), Some(0));
        store.world.fail(&item, "QuotaExceeded").await;
        store.world.aws.quota(of(kind, CREATE), None);
        store.world.settle(&desiring(&item, Desired::Present), State::Ready).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a09_a_snapshot_of_our_name_that_is_not_ours_is_left_untouched() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (parent, item) = ready(&store).await;
        let (name, id) = (name(&store, &item), store.id(&parent));
        if kind == Kind::Redis {
            let request = store.world.elasticache().create_snapshot().snapshot_name(&name);
            request.replication_group_id(id).send().await.unwrap();
        } else {
            let request = store.world.rds().create_db_snapshot().db_snapshot_identifier(&name);
            request.db_instance_identifier(id).send().await.unwrap();
        }
        store.world.fail(&item, "NotOwned").await;
        store.world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
        assert_eq!((store.snapshots().await, store.world.count(of(kind, DELETE))), (1, 0));
    }
}
