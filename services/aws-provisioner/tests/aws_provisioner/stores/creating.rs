use aws_provisioner::network::reference::{CLOSING, OBSTACLE};
use aws_provisioner::tags::{self, Tags};
use proto::{Desired, ErrorClass, Record, State, WorkItem};
use stack::Fault;

use super::store::{BOTH, Store};
use crate::world::desiring;

#[tokio::test(flavor = "multi_thread")]
async fn w06_w23_w58_nothing_is_made_before_the_network_is_ready() {
    for kind in BOTH {
        let mut store = Store::prepare(kind).await;
        store.world.start();
        let item = store.item("{}");
        let record = store.world.fail(&item, "WaitingForNetwork").await;
        assert_eq!((record.state, record.error_class), (State::Pending, None));
        store.world.network(|network| network.state = State::Pending).await;
        store.world.fail(&store.item("{}"), "WaitingForNetwork").await;
        // What was asked for while there was no network can go.
        let tombstone = desiring(&item, Desired::Absent);
        store.world.settle(&tombstone, State::Absent).await;
        assert_eq!(store.world.count(store.words().create), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w06_nothing_is_made_in_a_network_that_closes() {
    for kind in BOTH {
        let mut store = Store::prepare(kind).await;
        let close = |network: &mut Record| network.facts.insert(CLOSING.into(), String::new());
        store.world.network(|network| drop(close(network))).await;
        store.world.start();
        let record = store.world.fail(&store.item("{}"), "WaitingForNetwork").await;
        assert_eq!(record.message, "waiting until the old network is gone");
        assert_eq!(store.world.count(store.words().create), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_without_the_network_is_told_and_its_correction_heals() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let elsewhere = store.item(r#"{"region":"eu-west-1"}"#);
        let record = store.world.settle(&elsewhere, State::Refused).await;
        let expected = ("NetworkElsewhere", None);
        assert_eq!((record.reason.as_str(), record.placement.identifier), expected);
        store.settled("{}").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_cluster_may_not_reach_says_so() {
    for kind in BOTH {
        let mut store = Store::prepare(kind).await;
        let (fact, why) = (format!("{OBSTACLE}{kind}"), "nobody is let in");
        store.world.network(|network| drop(network.facts.insert(fact, why.into()))).await;
        store.world.start();
        let (_, record) = store.settled("{}").await;
        let told = format!("; it may be out of the cluster's reach: {why}");
        assert!(record.message.ends_with(&told), "{}", record.message);
        store.world.network(|_| {}).await;
        let (_, record) = store.settled("{}").await;
        assert!(!record.message.contains("reach"), "{}", record.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w03_a08_a09_r07_what_is_foreign_and_has_our_name_is_left_untouched() {
    for kind in BOTH {
        for tags in [|_: &WorkItem| Tags::new(), of_another_cluster] {
            let store = Store::new(kind).await;
            let item = store.item("{}");
            store.make_foreign(&store.id(&item), &tags(&item)).await;
            let record = store.world.fail(&item, "NotOwned").await;
            assert_eq!(record.error_class, Some(ErrorClass::Foreign));
            assert!(store.world.connection(&item).await.is_none());
            let record = store.world.settle(&desiring(&item, Desired::Absent), State::Absent).await;
            assert!(record.message.contains("left untouched"), "{}", record.message);
            assert!(store.world.mutations().is_empty());
        }
    }
}

/// Those of the same claim, but for the cluster.
fn of_another_cluster(item: &WorkItem) -> Tags {
    let mut other = item.clone();
    other.cluster.id = "elsewhere".into();
    tags::desired(&other).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r07_what_is_another_claims_is_not_taken() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (first, _) = store.settled("{}").await;
        let before = store.world.mutations().len();
        let mut second = store.another();
        second.identity.name = "other".into();
        second.placement.identifier = Some(store.id(&first));
        let record = store.world.fail(&second, "NotOwned").await;
        assert_eq!(record.error_class, Some(ErrorClass::Foreign));
        assert!(store.world.connection(&second).await.is_none());
        store.world.settle(&desiring(&second, Desired::Absent), State::Absent).await;
        assert_eq!(store.world.mutations().len(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w70_l08_a_paused_claim_changes_nothing() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let paused = desiring(&store.item("{}"), Desired::Paused);
        assert!(!store.world.settle(&paused, State::Paused).await.placement.observed);
        assert_eq!(store.world.count(store.words().create), 0);
        let (item, _) = store.settled("{}").await;
        let before = store.world.mutations().len();
        let record = store.world.settle(&desiring(&item, Desired::Paused), State::Paused).await;
        assert!(record.placement.observed);
        assert_eq!(store.world.mutations().len(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l08_a_claim_paused_while_its_resource_is_made_goes_on_later() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let item = store.item("{}");
        store.world.aws.set_status(&store.id(&item), Some("creating"));
        store.world.fail(&item, "Provisioning").await;
        store.world.settle(&desiring(&item, Desired::Paused), State::Paused).await;
        store.world.aws.set_status(&store.id(&item), None);
        store.settled("{}").await;
        assert_eq!(store.world.mutations(), [store.words().create]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_quota_is_told_as_one_and_makes_nothing_until_it_is_lifted() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        store.world.aws.fail(words.create, 1, Fault::Answered(400, words.quota));
        let record = store.world.fail(&store.item("{}"), "QuotaExceeded").await;
        assert_eq!(record.error_class, Some(ErrorClass::Quota));
        assert!(record.intent.is_none() && !record.placement.observed);
        store.settled("{}").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_the_region_does_not_offer_is_told_and_its_correction_heals() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (class, strategy) = store.words().class;
        store.world.aws.withhold(class, None);
        let item = store.item(strategy);
        store.world.publish(&item).await;
        store.world.until_asked(store.words().create).await;
        let is_told = |record: &Record| record.error_class.is_some() && record.intent.is_none();
        store.world.until(&item, "told", is_told).await;
        assert_eq!(store.all().await, 0);
        store.settled("{}").await;
        assert_eq!(store.world.count(store.words().create), 2);
    }
}
