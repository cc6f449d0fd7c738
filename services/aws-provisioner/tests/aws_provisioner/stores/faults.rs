use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_provisioner::{postgres, redis};
use proto::{Desired, ErrorClass, Intent, ItemId, Kind, Record, State, WorkItem};
use stack::{Fault, Folder, LifeCycle};

use super::store::{BOTH, Store};
use crate::world::desiring;

#[tokio::test(flavor = "multi_thread")]
async fn a01_a03_a_lost_answer_makes_one_with_the_password_that_is_kept() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        store.world.aws.fail(words.create, 1, Fault::AnswerLost);
        let (item, _) = store.settled("{}").await;
        assert_eq!(store.world.count(words.create), 1);
        assert!(store.has_kept_password(&item));
        store.world.aws.fail(words.modify, 1, Fault::AnswerLost);
        store.settled(words.seven_days).await;
        assert_eq!(store.world.count(words.modify), 1);
        assert_eq!(store.backup_days(&item).await, Some(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_tags_whose_answer_never_came_are_written() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        store.settled("{}").await;
        store.world.aws.fail("AddTagsToResource", 1, Fault::AnswerCut);
        let mut changed = store.item("{}");
        changed.cluster.tags = [("cost-centre".to_owned(), "43".to_owned())].into();
        store.world.settle(&changed, State::Ready).await;
        assert!((1..=2).contains(&store.world.count("AddTagsToResource")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_c10_a_change_whose_answer_never_came_is_made_once() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        store.world.hold_answers(&[words.modify]);
        let item = store.item(words.seven_days);
        store.world.publish(&item).await;
        store.world.crash_after(&item, &[words.modify]).await;
        store.until_ready(&item).await;
        assert_eq!(store.world.count(words.modify), 1);
        assert_eq!(store.backup_days(&first).await, Some(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_request_that_was_lost_is_made_again() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        store.world.aws.fail(words.modify, 1, Fault::RequestLost);
        store.settled(words.seven_days).await;
        assert_eq!(store.backup_days(&first).await, Some(7));
        store.world.aws.fail(words.delete, 1, Fault::RequestLost);
        store.world.settle(&desiring(&first, Desired::Absent), State::Absent).await;
        assert_eq!((store.all().await, store.snapshots().await), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_creation_that_was_lost_is_made_again_when_its_absence_is_proven() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let paused = desiring(&store.item("{}"), Desired::Paused);
        store.world.settle(&paused, State::Paused).await;
        let step = if kind == Kind::Redis { redis::known::CREATE } else { postgres::known::CREATE };
        let asked_before = async |age: Duration| {
            let at = SystemTime::now() - age;
            let at_ms = at.duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap();
            let item_id = paused.item_id.clone();
            let intent = Intent { step: step.to_owned(), item_id, at_ms };
            store.write(&paused, |record| record.intent = Some(intent)).await;
        };
        asked_before(Duration::from_secs(1)).await;
        store.world.fail(&store.item("{}"), words.hidden).await;
        assert_eq!(store.world.count(words.create), 0);
        asked_before(Duration::from_secs(121)).await;
        store.settled("{}").await;
        assert_eq!(store.world.count(words.create), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a04_what_exists_already_because_we_made_it_is_taken_as_ours() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let words = store.words();
        store.world.hold_answers(&[words.create]);
        // Whoever comes after the first listing is told that it exists.
        store.world.aws.lag(words.create, 2);
        store.world.publish(&store.item("{}")).await;
        store.world.until_asked(words.create).await;
        store.world.kill();
        store.world.wipe_bus().await;
        store.world.network(|_| {}).await;
        store.world.start();
        let item = store.item("{}");
        let record = store.world.fail(&item, words.hidden).await;
        assert_eq!(record.error_class, None);
        store.until_ready(&item).await;
        assert!(store.world.count(words.create) > 1);
        assert_eq!(store.all().await, 1);
        assert!(store.has_kept_password(&item));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a06_what_aws_does_not_show_yet_is_waited_for_and_not_made_again() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let item = store.item("{}");
        store.world.aws.lag(words.create, 2);
        store.world.aws.fail(words.create, 1, Fault::AnswerLost);
        store.world.fail(&item, words.hidden).await;
        store.until_ready(&item).await;
        assert_eq!(store.world.count(words.create), 1);
    }
}

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
async fn a13_what_is_stuck_in_its_creation_is_not_made_again() {
    for kind in BOTH {
        let mut store = Store::new(kind).await;
        let endless = LifeCycle { creating: Duration::MAX, ..LifeCycle::default() };
        store.world.aws.life_cycle(endless);
        let item = store.item("{}");
        let record = store.world.fail(&item, "Provisioning").await;
        assert_eq!((record.state, record.error_class), (State::Pending, None));
        store.world.crash(&item).await;
        // Once more, by another item.
        let again = WorkItem { item_id: ItemId::random(), ..item };
        store.world.fail(&again, "Provisioning").await;
        assert_eq!(store.world.mutations(), [store.words().create]);
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
