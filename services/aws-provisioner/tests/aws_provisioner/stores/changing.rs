use aws_provisioner::tags::Tags;
use proto::wire::CredentialOutcome;
use proto::{Defaults, Desired, ErrorClass, State};
use stack::Fault;

use super::hands::Seen;
use super::store::{BOTH, Store};
use crate::world::desiring;

/// Both changes.
fn large_and_seven_days(store: &Store) -> String {
    let words = store.words();
    let [one, other] = [words.class.1, words.seven_days].map(|json| {
        json.strip_prefix(r#"{"createStrategy":{"#).unwrap().strip_suffix("}}").unwrap()
    });
    format!(r#"{{"createStrategy":{{{one},{other}}}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmless_change_is_made_at_once_and_takes_nothing_along_that_waits_for_the_window() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        let large = words.class.0;
        store.settled(words.class.1).await;
        let both = large_and_seven_days(&store);
        let (_, record) = store.settled(&both).await;
        store.until_seen(&first, "kept for seven days", |it| it.backup_days == 7).await;
        assert_ne!(store.seen(&first).await.unwrap().class, large);
        assert!(record.message.contains("not applied yet"), "{}", record.message);
        store.settled(&both).await;
        assert_ne!(store.seen(&first).await.unwrap().class, large);
        store.world.aws.open_window(&store.id(&first));
        store.until_seen(&first, "large", |it| it.class == large).await;
        assert_eq!(store.world.count(words.modify), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_desired_costs_one_call_and_changes_nothing() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        store.settled("{}").await;
        let (before, calls) = (store.world.mutations().len(), store.world.calls().len());
        store.settled(r#"{"createStrategy":{}}"#).await;
        assert_eq!(store.world.mutations().len(), before);
        assert!(store.world.calls().len() <= calls + 1, "{:?}", store.world.calls());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w25_under_the_go_operators_defaults_changes_wait_for_the_claims_window() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        let (mut held, mut open) = (store.item(words.class.1), store.open(words.class.1));
        held.cluster.defaults = Defaults::Cro;
        open.cluster.defaults = Defaults::Cro;
        let record = store.world.settle(&held, State::Ready).await;
        let told = format!("waiting for spec.maintenanceWindow: {}", words.larger);
        assert!(record.message.contains(&told), "{}", record.message);
        assert_eq!(store.world.count(words.modify), 0);
        store.world.settle(&open, State::Ready).await;
        store.world.aws.open_window(&store.id(&first));
        store.until_seen(&first, "large", |it: &Seen| it.class == words.class.0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_at_aws_is_told_and_not_sent_again() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        store.settled("{}").await;
        for _ in 0..2 {
            let (_, record) = store.settled(words.class.1).await;
            let told = format!("accepted by AWS and not applied yet: {}", words.larger);
            assert!(record.message.contains(&told), "{}", record.message);
            assert_eq!(store.world.count(words.modify), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l07_of_changes_within_one_window_the_last_holds() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        for strategy in [words.class.1, "{}", words.class.1] {
            store.settled(strategy).await;
        }
        assert!(store.world.count(words.modify) <= 3);
        store.world.aws.open_window(&store.id(&first));
        store.until_seen(&first, "large", |it: &Seen| it.class == words.class.0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_a_resource_stays_in_its_region() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        store.settled("{}").await;
        let (_, record) = store.settled(r#"{"region":"eu-west-1"}"#).await;
        assert!(record.message.ends_with("stays in us-east-1"), "{}", record.message);
        assert_eq!(record.placement.region, "us-east-1");
        assert_eq!(store.world.count(store.words().create), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w34_a12_what_is_busy_is_changed_later_and_works_meanwhile() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        store.world.aws.fail(words.modify, 1, Fault::Answered(400, words.busy));
        let item = store.item(words.seven_days);
        let record = store.world.fail(&item, "Provisioning").await;
        assert_eq!(record.error_class, Some(ErrorClass::Pending));
        store.until_ready(&item).await;
        assert_eq!(store.backup_days(&first).await, Some(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w71_maintenance_that_aws_refuses_leaves_all_as_it_is_and_is_not_asked_for_at_once() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        let (first, _) = store.settled("{}").await;
        store.plan_maintenance(&first);
        store.world.aws.fail(words.maintain, 1, Fault::Answered(400, words.busy));
        let open = store.open(words.maintained);
        for item in [&open, &desiring(&open, Desired::Present)] {
            store.world.settle(item, State::Ready).await;
            assert_eq!(store.world.count(words.maintain), 1);
        }
        assert!(!store.is_maintained().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_nothing_is_made_whose_password_cannot_be_kept() {
    let table = [
        (CredentialOutcome::Foreign, ErrorClass::Foreign),
        (CredentialOutcome::Unavailable, ErrorClass::Transient),
    ];
    for kind in BOTH {
        for (outcome, class) in table {
            let store = Store::new(kind).await;
            store.world.keeper.refuse_next_ensure(outcome);
            let item = store.item("{}");
            let record = store.world.fail(&item, "CredentialsRefused").await;
            assert_eq!((record.error_class, record.intent), (Some(class), None));
            store.until_ready(&item).await;
            assert_eq!(store.world.count(store.words().create), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w04_a_new_password_that_was_not_kept_is_replaced_by_one_that_is() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let words = store.words();
        store.settled("{}").await;
        store.world.keeper.lose_all();
        store.world.keeper.refuse_next_store(CredentialOutcome::Unavailable);
        store.world.aws.fail(words.modify, 1, Fault::AnswerLost);
        store.settled(r#"{"lostPassword":"reset"}"#).await;
        assert_eq!(store.world.count(words.modify), 3);
        assert_eq!(store.world.keeper.ids().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_the_cluster_that_change_are_written_and_those_of_others_stay() {
    for kind in BOTH {
        let store = Store::new(kind).await;
        let (first, _) = store.settled("{}").await;
        store.add_tag(&first, "theirs", "x").await;
        let mut changed = store.item("{}");
        changed.cluster.tags = Tags::from([("cost-centre".to_owned(), "43".to_owned())]);
        store.world.settle(&changed, State::Ready).await;
        let tags = store.tags(&first).await;
        assert_eq!((tags["cost-centre"].as_str(), tags["theirs"].as_str()), ("43", "x"));
        assert_eq!(store.world.count("AddTagsToResource"), 1);
    }
}
