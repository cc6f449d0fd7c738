use std::time::Duration;

use proto::{Desired, ErrorClass, Kind, Record, State};
use stack::{Fault, Folder, LifeCycle};

use super::store::{BOTH, Store};
use crate::world::desiring;

#[tokio::test(flavor = "multi_thread")]
async fn a11_what_aws_calls_invalid_is_not_asked_for_again_until_it_is_changed() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        let refusal = Fault::Answered(400, "InvalidParameterCombination");
        store.world.aws.fail(words.create, 1, refusal);
        let item = store.item("{}");
        let record = store.world.settle(&item, State::Refused).await;
        assert_eq!((record.error_class, record.intent), (Some(ErrorClass::Invalid), None));
        store.world.crash(&item).await;
        store.settled(words.seven_days).await;
        assert_eq!(store.world.count(words.create), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_what_is_stuck_in_its_creation_is_told_with_its_age_and_not_made_again() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        let endless = LifeCycle { creating: Duration::MAX, ..LifeCycle::default() };
        store.world.aws.life_cycle(endless);
        let item = store.item("{}");
        let record = store.world.fail(&item, "Provisioning").await;
        assert_eq!((record.state, record.error_class), (State::Pending, None));
        // Two hours later.
        store.world.kill();
        let two_hours_ago = |record: &mut Record| {
            let since = record.facts.get_mut("waiting-since-ms").unwrap();
            *since = (since.parse::<u64>().unwrap() - 7_200_000).to_string();
        };
        store.write(&item, two_hours_ago).await;
        let before = store.world.count(words.list);
        store.world.crash(&item).await;
        let is_told = |record: &Record| record.message.ends_with("creating, for 2 h");
        store.world.until(&item, "told with its age", is_told).await;
        // Once more, by another item.
        store.world.fail(&desiring(&item, Desired::Present), "Provisioning").await;
        assert_eq!(store.world.mutations(), [words.create]);
        let looks = store.world.count(words.list) - before;
        assert!(looks <= 2, "one for each process and item: {looks}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_what_is_made_is_what_the_strategy_says_at_the_call() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        store.world.hold_answers(&[words.versions]);
        store.world.publish(&store.item("{}")).await;
        store.world.until_asked(words.versions).await;
        let changed = store.item(words.seven_days);
        store.world.publish(&changed).await;
        store.world.aws.release_answers();
        store.until_ready(&changed).await;
        assert_eq!(store.world.mutations(), [words.create]);
        assert_eq!(store.backup_days(&changed).await, Some(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_a_strategy_that_changes_during_the_call_changes_what_was_made() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        store.world.hold_answers(&[words.create]);
        store.world.publish(&store.item("{}")).await;
        store.world.until_asked(words.create).await;
        let changed = store.item(words.seven_days);
        store.world.publish(&changed).await;
        store.world.crash(&changed).await;
        store.until_ready(&changed).await;
        assert_eq!(store.world.mutations(), [words.create, words.modify]);
        assert_eq!(store.backup_days(&changed).await, Some(7));
        assert!(store.has_kept_password(&changed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_credentials_that_are_rejected_again_and_again_end_nothing() {
    for kind in BOTH {
        let mut store = Store::prepare(kind).await;
        store.world.network(|_| {}).await;
        let (list, aws) = (store.words().list, &store.world.aws);
        aws.fail(list, 1, Fault::Answered(403, "ExpiredToken"));
        aws.fail(list, 3, Fault::Answered(403, "InvalidClientTokenId"));
        store.world.start();
        let item = store.item("{}");
        let record = store.world.fail(&item, "CredentialsRejected").await;
        assert_eq!(record.error_class, Some(ErrorClass::Transient));
        store.until_ready(&item).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_credentials_that_were_rejected_are_read_anew() {
    let mut store = Store::prepare(Kind::Redis).await;
    store.world.network(|_| {}).await;
    let folder = Folder::for_test().unwrap();
    let file = folder.path().join("credentials");
    let write = |key: &str| {
        let text = format!("[default]\naws_access_key_id={key}\naws_secret_access_key=x\n");
        std::fs::write(&file, text).unwrap();
    };
    write("expired");
    store.world.start_with(&[
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap()),
    ]);
    let list = store.words().list;
    store.world.aws.fail(list, 1, Fault::Answered(403, "ExpiredToken"));
    let item = store.item("{}");
    store.world.fail(&item, "CredentialsRejected").await;
    write("fresh");
    store.until_ready(&item).await;
    let callers: Vec<_> = store.world.aws.calls().into_iter().map(|call| call.caller).collect();
    assert_eq!(callers.iter().filter(|it| *it == "expired").count(), 2, "the first looks");
    assert_eq!(callers.last().map(String::as_str), Some("fresh"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_bus_makes_no_second_one_and_changes_no_password() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        store.settled("{}").await;
        let held = store.world.keeper.values("ensured");
        store.world.wipe_bus().await;
        store.settled("{}").await;
        assert_eq!((store.world.count(words.create), store.world.count(words.modify)), (1, 0));
        assert_eq!(store.world.keeper.values("ensured"), held);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_than_the_expected_one_is_not_touched() {
    for kind in BOTH {
        let store = Store::with(kind, &[("EXPECTED_ACCOUNT_ID", "999999999999")]).await;
        let record = store.world.fail(&store.item("{}"), "WrongAccount").await;
        assert_eq!(record.error_class, Some(ErrorClass::NeedsPerson));
        assert!(store.world.mutations().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_c04_c08_a_service_killed_at_any_call_makes_one_of_the_kept_password() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let (item, words) = (store.item("{}"), store.words());
        let calls = [words.list, words.versions, words.create];
        store.world.hold_answers(&calls);
        store.world.publish(&item).await;
        store.world.crash_after(&item, &calls).await;
        store.until_ready(&item).await;
        assert_eq!(store.world.count(words.create), 1);
        assert!(store.has_kept_password(&item));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w35_w41_a16_a_refusal_has_its_class_and_a_text_without_request_ids_and_heals() {
    for kind in BOTH {
        let words = Store::prepare(kind).await.words();
        let table = [
            (words.create, 1, 403, "AccessDenied", ErrorClass::NeedsPerson, "AccessDenied"),
            (words.list, 4, 400, "Throttling", ErrorClass::Throttled, "Throttled"),
            (words.create, 1, 403, "ExpiredToken", ErrorClass::Transient, "CredentialsRejected"),
        ];
        for (operation, times, status, code, class, reason) in table {
            let mut store = Store::prepare(kind).await;
            store.world.network(|_| {}).await;
            store.world.aws.fail(operation, times, Fault::Answered(status, code));
            store.world.start();
            let item = store.item("{}");
            let record = store.world.fail(&item, reason).await;
            assert_eq!(record.error_class, Some(class), "{operation}");
            assert!(!record.message.contains("planned"), "{}", record.message);
            store.until_ready(&item).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w41_an_aws_that_is_down_is_told_at_once_and_heals() {
    for kind in BOTH {
        let mut store = Store::prepare(kind).await;
        store.world.network(|_| {}).await;
        store.world.aws.set_down(true);
        store.world.start();
        let item = store.item("{}");
        let record: Record = store.world.fail(&item, "AwsUnavailable").await;
        assert_eq!(record.error_class, Some(ErrorClass::Transient));
        store.world.aws.set_down(false);
        store.until_ready(&item).await;
    }
}
