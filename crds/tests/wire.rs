//! Objects as the Go operator and its consumers write them lose nothing: not in our types, not to pruning.

#![allow(clippy::unwrap_used, reason = "helpers of tests; clippy exempts test functions only")]

use std::path::{Path, PathBuf};

use crds::{
    BlobStorage, Claim, ClaimKind, Postgres, PostgresSnapshot, Redis, RedisSnapshot,
    SmtpCredentialSet, definition,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn objects() -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/objects");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let object = serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path, object)
    };
    files.map(read).collect()
}

fn kind_of(object: &Value) -> ClaimKind {
    object["kind"].as_str().unwrap().to_lowercase().parse().unwrap()
}

fn round_trip<K: DeserializeOwned + Serialize>(object: &Value) -> Value {
    serde_json::to_value(K::deserialize(object).unwrap()).unwrap()
}

fn typed(object: &Value) -> Value {
    match kind_of(object) {
        ClaimKind::Postgres => round_trip::<Postgres>(object),
        ClaimKind::Redis => round_trip::<Redis>(object),
        ClaimKind::BlobStorage => round_trip::<BlobStorage>(object),
        ClaimKind::SmtpCredentialSet => round_trip::<SmtpCredentialSet>(object),
        ClaimKind::PostgresSnapshot => round_trip::<PostgresSnapshot>(object),
        ClaimKind::RedisSnapshot => round_trip::<RedisSnapshot>(object),
    }
}

/// Every path of `value` is a property of `schema`, so the API server keeps it.
fn assert_kept(schema: &Value, value: &Value, path: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let property = &schema["properties"][name];
                assert!(property.is_object(), "{path}.{name} would be pruned");
                assert_kept(property, field, &format!("{path}.{name}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                assert_kept(&schema["items"], item, &format!("{path}[]"));
            }
        }
        _ => {}
    }
}

#[test]
fn every_kind_has_an_object_of_the_go_operator() {
    let objects = objects();
    for kind in ClaimKind::ALL {
        let is_there = |(path, object): &(PathBuf, Value)| {
            path.to_string_lossy().contains("go-operator") && kind_of(object) == kind
        };
        assert!(objects.iter().any(is_there), "{kind}");
    }
}

#[test]
fn typed_objects_lose_no_field() {
    for (path, object) in objects() {
        assert_eq!(typed(&object), object, "{}", path.display());
    }
}

#[test]
fn schemas_prune_no_field() {
    for (path, object) in objects() {
        let definition = serde_json::to_value(definition(kind_of(&object))).unwrap();
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        for part in ["spec", "status"] {
            let place = format!("{}: {part}", path.display());
            assert_kept(&schema["properties"][part], &object[part], &place);
        }
    }
}

#[test]
fn the_loose_view_reads_the_same_status_and_finds_nothing_missing() {
    for (path, object) in objects() {
        let dynamic = serde_json::from_value(object.clone()).unwrap();
        let claim = Claim::try_from_dynamic(kind_of(&object), &dynamic).unwrap();
        assert_eq!(claim.spec.check(claim.kind), Ok(()), "{}", path.display());
        assert_eq!(serde_json::to_value(&claim.status).unwrap(), object["status"]);
        assert_eq!(claim.created.unwrap().to_string(), object["metadata"]["creationTimestamp"]);
    }
}
