use proto::{
    Cluster, Defaults, Desired as Wanted, ErrorClass, Identity, ItemId, Kind, Options, Placement,
    Provider, Strategy as Tier, WorkItem,
};

use super::*;
use crate::blobstorage::delete::{Fate, fate};
use crate::blobstorage::known::KnownBucket;
use crate::blobstorage::strategy::Strategy;
use crate::place::Place;

fn item(json: &str) -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: Identity {
            kind: Kind::BlobStorage,
            namespace: "team".into(),
            name: "pictures".into(),
            uid: "u-1".parse().unwrap(),
            generation: 1,
        },
        desired: Wanted::Present,
        placement: Placement::at(Provider::Aws),
        strategy: Some(Tier { tier: "production".into(), json: json.into() }),
        cluster: Cluster {
            id: "c-1".into(),
            defaults: Defaults::Secure,
            tag_prefix: "integreatly.org/".into(),
            tags: [].into(),
        },
        secret_name: "secret".into(),
        options: Options::default(),
        network: None,
    }
}

fn desired(json: &str) -> Desired {
    let item = item(json);
    let strategy = Strategy::read(item.strategy.as_ref().unwrap()).unwrap().strategy;
    let place = Place { account: "1".into(), partition: "aws".into(), region: "eu-west-1".into() };
    let target = Target::new(&item, &item.placement, &strategy, place, false);
    Desired::new(target, &item, &strategy).unwrap()
}

/// A bucket, a user and a key, all as they shall be.
fn settled(desired: &Desired) -> Observed {
    let policy = policy::tls_only(None, &desired.target.arn()).unwrap().unwrap();
    let bucket = Bucket {
        tags: desired.tags.clone(),
        blocks_public_access: true,
        is_encrypted: true,
        policy: Some(policy.to_string()),
    };
    let user = User {
        tags: desired.tags.clone(),
        policy: Some(policy::access(&desired.target.arn()).to_string()),
        keys: vec!["k1".into()],
    };
    Observed { bucket: Some(bucket), user: Some(user), held: vec!["k1".into()] }
}

type Change = fn(&mut Observed);
type Expected = fn(&Put) -> bool;

fn learn(observed: &mut Observed, puts: &[Put]) {
    for put in puts {
        observed.learn(put);
    }
}

fn bucket(bucket: KnownBucket) -> Known {
    Known { bucket, ..Known::default() }
}

fn planned(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &Known::default()).unwrap()
}

#[test]
fn what_is_as_desired_stays() {
    let desired = desired("{}");
    assert_eq!(planned(&desired, &settled(&desired)), Plan::Nothing);
}

#[test]
fn from_nothing_to_everything_each_call_is_learned_and_none_is_repeated() {
    let desired = desired("{}");
    let mut observed = Observed::default();
    assert_eq!(planned(&desired, &observed), Plan::CreateBucket);
    observed.bucket = Some(Bucket { tags: desired.tags.clone(), ..Bucket::default() });
    let Plan::Put(puts) = planned(&desired, &observed) else { panic!() };
    let arn = desired.target.arn();
    assert_eq!(
        puts,
        [
            Put::BlockPublicAccess,
            Put::Encrypt,
            Put::BucketPolicy(policy::tls_only(None, &arn).unwrap().unwrap().to_string()),
            Put::User(user::Put::Create(desired.tags.clone())),
            Put::User(user::Put::Policy(policy::access(&arn).to_string())),
        ]
    );
    learn(&mut observed, &puts);
    assert_eq!(planned(&desired, &observed), Plan::Mint);
    observed.user.as_mut().unwrap().keys.push("k1".into());
    observed.held.push("k1".into());
    assert_eq!(planned(&desired, &observed), Plan::Nothing);
}

#[test]
fn each_single_difference_is_one_call() {
    let desired = desired("{}");
    let table: [(Change, Expected); 8] = [
        (
            |it| it.bucket.as_mut().unwrap().blocks_public_access = false,
            |put| *put == Put::BlockPublicAccess,
        ),
        (|it| it.bucket.as_mut().unwrap().is_encrypted = false, |put| *put == Put::Encrypt),
        (|it| it.bucket.as_mut().unwrap().policy = None, |put| matches!(put, Put::BucketPolicy(_))),
        (
            |it| drop(it.bucket.as_mut().unwrap().tags.remove("red-hat-managed")),
            |put| matches!(put, Put::BucketTags(_)),
        ),
        (
            |it| drop(it.user.as_mut().unwrap().tags.remove("red-hat-managed")),
            |put| matches!(put, Put::User(user::Put::Tag(_))),
        ),
        (
            |it| it.user.as_mut().unwrap().policy = None,
            |put| matches!(put, Put::User(user::Put::Policy(_))),
        ),
        (
            |it| it.user.as_mut().unwrap().policy = Some("not json".into()),
            |put| matches!(put, Put::User(user::Put::Policy(_))),
        ),
        (|it| it.held.clear(), |put| *put == Put::User(user::Put::DeleteKey("k1".into()))),
    ];
    for (number, (change, expected)) in table.into_iter().enumerate() {
        let mut observed = settled(&desired);
        change(&mut observed);
        let Plan::Put(puts) = planned(&desired, &observed) else { panic!("{number}") };
        assert!(puts.len() == 1 && expected(&puts[0]), "{number}: {puts:?}");
        learn(&mut observed, &puts);
        assert!(!matches!(planned(&desired, &observed), Plan::Put(_)), "{number}");
    }
}

#[test]
fn foreign_tags_and_an_administrators_encryption_stay() {
    let desired = desired("{}");
    let mut observed = settled(&desired);
    observed.bucket.as_mut().unwrap().tags.insert("theirs".into(), "x".into());
    assert_eq!(planned(&desired, &observed), Plan::Nothing);
    observed.bucket.as_mut().unwrap().tags.insert("red-hat-managed".into(), "false".into());
    let Plan::Put(puts) = planned(&desired, &observed) else { panic!() };
    let [Put::BucketTags(tags)] = puts.as_slice() else { panic!("{puts:?}") };
    assert_eq!((tags["theirs"].as_str(), tags["red-hat-managed"].as_str()), ("x", "true"));
}

#[test]
fn a_missing_bucket_is_made_once_and_never_made_again() {
    let own = desired("{}");
    let adopted = desired(r#"{"createStrategy":{"Bucket":"theirs"}}"#);
    let known = |was_observed, may_be_hidden| {
        bucket(KnownBucket { was_observed, may_be_hidden, ..KnownBucket::default() })
    };
    let plan = |desired, known| plan(desired, &Observed::default(), &known);
    assert_eq!(plan(&own, known(false, false)).unwrap(), Plan::CreateBucket);
    for was_observed in [false, true] {
        assert_eq!(plan(&own, known(was_observed, true)).unwrap(), Plan::Wait(Wait::Bucket));
    }
    let gone = plan(&own, known(true, false)).unwrap_err();
    assert_eq!((gone.class(), gone.reason()), (ErrorClass::NeedsPerson, "BucketGone"));
    let nothing = plan(&adopted, known(false, false)).unwrap_err();
    assert_eq!((nothing.class(), nothing.reason()), (ErrorClass::Invalid, "NothingToAdopt"));
}

#[test]
fn a_bucket_that_is_not_ours_is_untouched() {
    let desired = desired("{}");
    let other_cluster: Tags = desired
        .tags
        .iter()
        .map(|(key, value)| (key.clone(), value.replace("c-1", "c-2")))
        .collect();
    let is_ours = |tags: &Tags, is_untagged_ours| {
        let found = Bucket { tags: tags.clone(), ..Bucket::default() };
        let known = bucket(KnownBucket { is_untagged_ours, ..KnownBucket::default() });
        check_bucket(&desired.target, &found, &known)
    };
    // A08, A09: without our tags, or with another cluster's.
    for tags in [Tags::new(), other_cluster.clone()] {
        let error = is_ours(&tags, false).unwrap_err();
        assert_eq!((error.class(), error.reason()), (ErrorClass::Foreign, "NotOwned"));
    }
    // C05: made by us, and not yet tagged. Another's tags are another's all the same.
    assert!(is_ours(&Tags::new(), true).is_ok());
    assert!(is_ours(&other_cluster, true).is_err());
}

#[test]
fn a_user_that_is_not_ours_is_untouched() {
    let desired = desired("{}");
    let mut observed = settled(&desired);
    observed.user.as_mut().unwrap().tags.clear();
    observed.bucket.as_mut().unwrap().is_encrypted = false;
    assert!(matches!(plan(&desired, &observed, &Known::default()), Err(Error::NotOwned { .. })));
}

#[test]
fn keyless_buckets_have_no_user() {
    let desired = desired(r#"{"credentials":"keyless"}"#);
    let mut observed = settled(&desired);
    assert_eq!(planned(&desired, &observed), Plan::Put(vec![Put::User(user::Put::Delete)]));
    observed.learn(&Put::User(user::Put::Delete));
    assert_eq!(planned(&desired, &observed), Plan::Nothing);
}

#[test]
fn a_policy_that_cannot_be_read_needs_a_person() {
    let desired = desired("{}");
    let mut observed = settled(&desired);
    observed.bucket.as_mut().unwrap().policy = Some("nonsense".into());
    let error = plan(&desired, &observed, &Known::default()).unwrap_err();
    assert_eq!((error.class(), error.reason()), (ErrorClass::NeedsPerson, "UnreadablePolicy"));
}

#[test]
fn a_pinned_name_wins_and_a_named_bucket_is_only_adopted() {
    let strategy = |json: &str| {
        Strategy::read(&Tier { tier: String::new(), json: json.into() }).unwrap().strategy
    };
    let named = strategy(r#"{"createStrategy":{"Bucket":"theirs"}}"#);
    let place = desired("{}").target.place;
    let build = |placement: &Placement, has_role| {
        Target::new(&item("{}"), placement, &named, place.clone(), has_role)
    };
    let unpinned = build(&Placement::at(Provider::Aws), false);
    assert_eq!((unpinned.name.as_str(), unpinned.is_adoption), ("theirs", true));
    let pin = Placement { identifier: Some("pinned".into()), ..Placement::at(Provider::Aws) };
    let pinned = build(&pin, true);
    assert_eq!((pinned.name.as_str(), pinned.is_adoption), ("pinned", false));
    assert_eq!(pinned.credentials, Credentials::Keyless);
    assert!(unpinned.user.starts_with("cro-team-pictures-") && unpinned.user == pinned.user);
}

#[test]
fn only_a_bucket_of_our_own_is_deleted() {
    let desired = desired("{}");
    let foreign: Tags = [("owner".to_owned(), "them".to_owned())].into();
    let known = Known::default();
    let hidden = bucket(KnownBucket { may_be_hidden: true, ..KnownBucket::default() });
    let untagged = bucket(KnownBucket { is_untagged_ours: true, ..KnownBucket::default() });
    assert_eq!(fate(&desired.target, None, &known).unwrap(), Fate::Gone);
    assert_eq!(fate(&desired.target, None, &hidden).unwrap(), Fate::Hidden);
    assert_eq!(fate(&desired.target, Some(&desired.tags), &known).unwrap(), Fate::Ours);
    assert_eq!(fate(&desired.target, Some(&Tags::new()), &untagged).unwrap(), Fate::Ours);
    assert_eq!(fate(&desired.target, Some(&foreign), &untagged).unwrap(), Fate::Foreign);
    assert_eq!(fate(&desired.target, Some(&Tags::new()), &known).unwrap(), Fate::Foreign);
    let seen = bucket(KnownBucket { was_observed: true, ..KnownBucket::default() });
    assert!(matches!(fate(&desired.target, Some(&foreign), &seen), Err(Error::NotOwned { .. })));
    let mut adopted = desired.tags.clone();
    adopted.insert("integreatly.org/claim-uid".to_owned(), "a-later-claims".to_owned());
    assert_eq!(fate(&desired.target, Some(&adopted), &seen).unwrap(), Fate::Foreign);
}
