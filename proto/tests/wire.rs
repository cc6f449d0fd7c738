//! Messages keep their meaning over the wire, and nothing malformed gets past the boundary.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use prost::Message as _;
use proto::{
    Cluster, Connection, CredentialVerb, Defaults, Desired, ErrorClass, Field, Identity, Intent,
    ItemId, Kind, Malformed, Options, Placement, Provider, Record, Service, State,
    Strategy as Tier, Subject, Uid, WorkItem, wire,
};

fn identity() -> Identity {
    Identity {
        kind: Kind::Postgres,
        namespace: "shop".into(),
        name: "orders".into(),
        uid: "2c8a8f0e-5f0c-4b39-9d37-5b6b2d1f0a11".parse().unwrap(),
        generation: 3,
    }
}

fn item() -> WorkItem {
    WorkItem {
        item_id: ItemId::random(),
        identity: identity(),
        desired: Desired::Present,
        placement: Placement { region: "eu-west-1".into(), ..Placement::at(Provider::Aws) },
        strategy: Some(Tier { tier: "production".into(), json: r#"{"region":""}"#.into() }),
        cluster: Cluster {
            id: "cluster-1".into(),
            defaults: Defaults::Secure,
            tag_prefix: "integreatly.org/".into(),
            tags: BTreeMap::from([("team".into(), "shop".into())]),
        },
        secret_name: "orders-sec".into(),
        options: Options { size: "cache.t3.micro".into(), ..Options::default() },
        network: None,
    }
}

fn connection() -> Connection {
    Connection {
        item_id: ItemId::random(),
        identity: identity(),
        provider: Provider::Aws,
        fields: BTreeMap::from([
            ("host".into(), Field::Literal("db.example.com".into())),
            ("password".into(), Field::Credential("password".into())),
            ("extra".into(), Field::KeepOr("REPLACE_ME".into())),
        ]),
        simulated: false,
    }
}

#[test]
fn items_connections_and_records_survive_the_wire() {
    let item = item();
    assert_eq!(WorkItem::decode(&item.encode()), Ok(item.clone()));
    let connection = connection();
    assert_eq!(Connection::decode(&connection.encode()), Ok(connection.clone()));
    let mut record = Record::new(identity(), item.placement.clone(), item.item_id.clone());
    record.state = State::Pending;
    record.error_class = Some(ErrorClass::Quota);
    record.intent =
        Some(Intent { step: "rds.create".into(), item_id: item.item_id, at_ms: 1_700_000_000_000 });
    record.digest = Some(connection.digest());
    record.facts.insert("keyId".into(), "AKIA".into());
    assert_eq!(Record::decode(&record.encode()), Ok(record));
}

#[test]
fn a_status_tells_no_intents_and_no_facts() {
    let mut record = Record::new(identity(), Placement::at(Provider::Aws), ItemId::random());
    record.intent = Some(Intent { step: "s3.create".into(), item_id: ItemId::random(), at_ms: 1 });
    record.facts.insert("keyId".into(), "AKIA".into());
    let seen = Record::try_from(wire::Status::from(record.clone())).unwrap();
    assert_eq!(seen, Record { intent: None, facts: BTreeMap::new(), ..record });
}

#[test]
fn equal_wishes_are_equal_whatever_was_learned_meanwhile() {
    let first = item();
    let mut second = WorkItem { item_id: ItemId::random(), ..first.clone() };
    second.placement.identifier = Some("db-1".into());
    second.placement.observed = true;
    assert!(first.asks_same_as(&second));
    second.secret_name = "other".into();
    assert!(!first.asks_same_as(&second));
}

#[test]
fn a_digest_speaks_of_content_only() {
    let first = connection();
    let mut second = Connection { item_id: ItemId::random(), ..first.clone() };
    second.identity.generation += 1;
    assert_eq!(first.digest(), second.digest());
    second.fields.insert("host".into(), Field::Literal("other".into()));
    assert_ne!(first.digest(), second.digest());
}

#[test]
fn a_missing_field_is_named() {
    let broken = |change: fn(&mut wire::WorkItem)| {
        let mut wire = wire::WorkItem::from(item());
        change(&mut wire);
        WorkItem::decode(&wire.encode_to_vec()).unwrap_err().field
    };
    assert_eq!(broken(|it| it.item_id.clear()), "item_id");
    assert_eq!(broken(|it| it.desired = 99), "desired");
    assert_eq!(broken(|it| it.strategy = None), "strategy");
    assert_eq!(broken(|it| it.cluster = None), "cluster");
    assert_eq!(broken(|it| it.identity = None), "identity");
}

#[test]
fn a_tombstone_may_lack_its_strategy() {
    let tombstone = WorkItem { desired: Desired::Absent, strategy: None, ..item() };
    assert_eq!(WorkItem::decode(&tombstone.encode()), Ok(tombstone));
}

#[test]
fn messages_with_secrets_do_not_print_them() {
    let reply = wire::CredentialReply {
        values: BTreeMap::from([("password".into(), "hunter2".into())]),
        ..Default::default()
    };
    assert!(!format!("{reply:?}").contains("hunter2"));
}

fn subjects() -> impl Strategy<Value = Subject> {
    let uid = "[a-zA-Z0-9-]{1,64}".prop_map(|uid| uid.parse::<Uid>().unwrap());
    let provider = prop::sample::select(Provider::ALL);
    let kind = prop::sample::select(Kind::ALL);
    let service = prop::sample::select(Service::ALL.to_vec());
    let verb = prop::sample::select(CredentialVerb::ALL);
    (0..5, provider, kind, service, verb, uid).prop_map(
        |(which, provider, kind, service, verb, uid)| match which {
            0 => Subject::Work(provider, kind, uid),
            1 => Subject::Result(provider, kind, uid),
            2 => Subject::Record(service, uid),
            3 => Subject::Lease(provider, uid),
            _ => Subject::Credentials(verb, provider, kind, uid),
        },
    )
}

proptest! {
    #[test]
    fn a_subject_is_read_as_it_was_written(subject in subjects()) {
        prop_assert_eq!(subject.to_string().parse::<Subject>(), Ok(subject));
    }

    #[test]
    fn a_uid_is_one_safe_token(text in ".{0,80}") {
        if let Ok(uid) = text.parse::<Uid>() {
            prop_assert!(!uid.as_str().contains(['.', '*', '>', ' ', '\n']));
        }
    }

    #[test]
    fn no_bytes_make_decoding_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _: Result<WorkItem, Malformed> = WorkItem::decode(&bytes);
        let _ = Connection::decode(&bytes);
        let _ = Record::decode(&bytes);
    }
}
