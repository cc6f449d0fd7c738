use proto::{ErrorClass, Record, State};
use stack::{Fault, PATIENCE, eventually};

use super::hands::{Seen, UNPROTECTED};
use super::store::{BOTH, Store};
use crate::ground::OFTEN;

/// A listing every second, and everything is due for its hourly look.
const ALWAYS: [(&str, &str); 2] =
    [("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "1")];

#[tokio::test(flavor = "multi_thread")]
async fn w43_what_was_changed_by_hand_is_brought_back_by_the_common_listing() {
    for kind in BOTH {
        let store = Store::with(kind, &OFTEN).await;
        let (item, _) = store.settled("{}").await;
        store.bend(&item).await;
        let is_back = |it: &Seen| it.backup_days == 31 && !it.is_public;
        store.until_seen(&item, "brought back", is_back).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_what_is_gone_needs_a_person_and_is_not_made_again() {
    for kind in BOTH {
        let store = Store::with(kind, &OFTEN).await;
        let (item, _) = store.settled(UNPROTECTED).await;
        store.delete(&item).await;
        let is_noticed = |record: &Record| record.reason == store.words().gone;
        let record = store.world.until(&item, "noticed", is_noticed).await;
        assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
        assert_eq!(store.world.count(store.words().create), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w43_w44_a_settled_claim_costs_nothing_but_its_part_of_one_listing() {
    for kind in BOTH {
        let store = Store::with(kind, &ALWAYS).await;
        let (item, _) = store.settled("{}").await;
        let (before, written) = (store.world.calls().len(), store.sequence(&item).await);
        let list = store.words().list;
        let listed = eventually("listed three times", PATIENCE, async || {
            let calls = store.world.calls().split_off(before);
            Ok((calls.iter().filter(|call| *call == list).count() >= 3).then_some(calls))
        });
        let calls = listed.await.unwrap();
        assert!(calls.iter().all(|call| call == list), "{calls:?}");
        assert_eq!(store.sequence(&item).await, written);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_what_was_refused_is_asked_for_again_when_its_hour_has_come() {
    for kind in BOTH {
        let store = Store::with(kind, &ALWAYS).await;
        let refusal = Fault::Answered(400, "InvalidParameterCombination");
        store.world.aws.fail(store.words().create, 1, refusal);
        let item = store.item("{}");
        store.world.settle(&item, State::Refused).await;
        store.until_ready(&item).await;
    }
}
