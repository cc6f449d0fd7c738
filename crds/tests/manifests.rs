//! The definitions promise what the Go operator's did, and what the API server needs to hold.

#![allow(clippy::unwrap_used, reason = "helpers of tests; clippy exempts test functions only")]

use std::process::Command;

use crds::{ClaimKind, definition};
use serde_json::{Value, json};

fn version(kind: ClaimKind) -> Value {
    serde_json::to_value(definition(kind)).unwrap()["spec"]["versions"][0].clone()
}

fn schema(kind: ClaimKind) -> Value {
    version(kind)["schema"]["openAPIV3Schema"].clone()
}

/// Every object in a schema, depth first.
fn visit(schema: &Value, see: &mut dyn FnMut(&Value)) {
    see(schema);
    schema["properties"].as_object().into_iter().flatten().for_each(|(_, it)| visit(it, see));
    if schema["items"].is_object() {
        visit(&schema["items"], see);
    }
}

#[test]
fn committed_manifests_are_those_of_the_types() {
    let check = Command::new(env!("CARGO_BIN_EXE_crdgen")).arg("--check").output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

#[test]
fn names_are_those_of_the_go_operator() {
    let table = [
        (ClaimKind::Postgres, "postgres.integreatly.org", "Postgres", "postgres"),
        (ClaimKind::Redis, "redis.integreatly.org", "Redis", "redis"),
        (ClaimKind::BlobStorage, "blobstorages.integreatly.org", "BlobStorage", "blobstorage"),
        (
            ClaimKind::SmtpCredentialSet,
            "smtpcredentialsets.integreatly.org",
            "SMTPCredentialSet",
            "smtpcredentialset",
        ),
        (
            ClaimKind::PostgresSnapshot,
            "postgressnapshots.integreatly.org",
            "PostgresSnapshot",
            "postgressnapshot",
        ),
        (
            ClaimKind::RedisSnapshot,
            "redissnapshots.integreatly.org",
            "RedisSnapshot",
            "redissnapshot",
        ),
    ];
    for (kind, name, kind_name, singular) in table {
        let definition = definition(kind);
        assert_eq!(definition.metadata.name.as_deref(), Some(name));
        assert_eq!(definition.spec.names.kind, kind_name);
        assert_eq!(definition.spec.names.singular.as_deref(), Some(singular));
        assert_eq!(definition.spec.scope, "Namespaced");
    }
}

#[test]
fn columns_show_what_people_look_for() {
    let claim = ["Type", "Tier", "Provider", "Phase", "Reason", "Secret", "Age"];
    let snapshot = ["Resource", "Phase", "Reason", "Snapshot", "Age"];
    for kind in ClaimKind::ALL {
        let columns = version(kind)["additionalPrinterColumns"].clone();
        let names: Vec<_> =
            columns.as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
        let expected: &[&str] = if kind.is_snapshot() { &snapshot } else { &claim };
        assert_eq!(names, expected, "{kind}");
        assert_eq!(version(kind)["subresources"], json!({"status": {}}));
    }
}

#[test]
fn required_fields_are_those_of_the_go_operator() {
    for kind in ClaimKind::ALL {
        let schema = schema(kind);
        let spec = &schema["properties"]["spec"];
        assert_eq!(schema["required"], Value::Null, "stored objects may lack a spec");
        if kind.is_snapshot() {
            assert_eq!(spec["required"], json!(["resourceName"]));
        } else {
            assert_eq!(spec["required"], json!(["secretRef", "tier", "type"]));
            assert_eq!(spec["properties"]["secretRef"]["required"], json!(["name"]));
        }
        assert_eq!(schema["properties"]["status"]["required"], Value::Null);
    }
}

#[test]
fn schemas_are_structural_prune_and_set_no_default() {
    for kind in ClaimKind::ALL {
        visit(&schema(kind), &mut |part| {
            assert!(part["type"].is_string(), "{kind}: {part}");
            for key in
                ["nullable", "default", "anyOf", "oneOf", "x-kubernetes-preserve-unknown-fields"]
            {
                assert_eq!(part[key], Value::Null, "{kind}: {key}");
            }
        });
    }
}

#[test]
fn rules_stand_at_the_root_compare_with_the_stored_object_and_say_what_is_wrong() {
    for kind in ClaimKind::ALL {
        let mut count = 0;
        visit(&schema(kind), &mut |part| {
            count += part["x-kubernetes-validations"].as_array().map_or(0, Vec::len);
        });
        let rules = schema(kind)["x-kubernetes-validations"].as_array().unwrap().clone();
        assert_eq!(rules.len(), if kind.is_snapshot() { 2 } else { 3 }, "{kind}");
        assert_eq!(
            rules.len(),
            count,
            "{kind}: a stored value of another type stops those of fields"
        );
        for rule in rules {
            assert!(rule["rule"].as_str().unwrap().contains("oldSelf"), "{kind}: {rule}");
            assert!(!rule["message"].as_str().unwrap().is_empty(), "{kind}: {rule}");
        }
    }
}

#[test]
fn only_redis_has_an_engine_and_only_snapshots_have_a_snapshot_id() {
    for kind in ClaimKind::ALL {
        let schema = schema(kind);
        let has = |path: &str| schema.pointer(path).is_some();
        let is_redis = kind == ClaimKind::Redis;
        assert_eq!(has("/properties/spec/properties/engine"), is_redis);
        assert_eq!(has("/properties/spec/properties/engineVersion"), is_redis);
        assert_eq!(has("/properties/status/properties/snapshotID"), kind.is_snapshot());
        assert_eq!(has("/properties/status/properties/binding"), !kind.is_snapshot());
        assert!(has("/properties/status/properties/placement"));
    }
}
