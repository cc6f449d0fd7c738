//! The `CustomResourceDefinition` of each kind: the derived schema, made what the API server shall hold.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceColumnDefinition, CustomResourceDefinition, JSONSchemaProps,
    JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt;

use crate::rules::{Path, limits, rules};
use crate::{
    BlobStorage, ClaimKind, Postgres, PostgresSnapshot, Redis, RedisSnapshot, SmtpCredentialSet,
};

const CLAIM_COLUMNS: &[(&str, &str)] = &[
    ("Type", ".spec.type"),
    ("Tier", ".spec.tier"),
    ("Provider", ".status.provider"),
    ("Phase", ".status.phase"),
    ("Reason", READY_REASON),
    ("Secret", ".spec.secretRef.name"),
    ("Age", AGE),
];
const SNAPSHOT_COLUMNS: &[(&str, &str)] = &[
    ("Resource", ".spec.resourceName"),
    ("Phase", ".status.phase"),
    ("Reason", READY_REASON),
    ("Snapshot", ".status.snapshotID"),
    ("Age", AGE),
];
const READY_REASON: &str = ".status.conditions[?(@.type==\"Ready\")].reason";
const AGE: &str = ".metadata.creationTimestamp";

/// Fields of the shared status that the other sort of object has no use for.
const ONLY_OF_CLAIMS: &[&str] = &["secretRef", "version", "binding"];
const ONLY_OF_SNAPSHOTS: &[&str] = &["snapshotID", "resourceUid"];

/// The definition to install, the same as in `manifests/`.
pub fn definition(kind: ClaimKind) -> CustomResourceDefinition {
    let mut definition = match kind {
        ClaimKind::Postgres => Postgres::crd(),
        ClaimKind::Redis => Redis::crd(),
        ClaimKind::BlobStorage => BlobStorage::crd(),
        ClaimKind::SmtpCredentialSet => SmtpCredentialSet::crd(),
        ClaimKind::PostgresSnapshot => PostgresSnapshot::crd(),
        ClaimKind::RedisSnapshot => RedisSnapshot::crd(),
    };
    let version = &mut definition.spec.versions[0];
    version.additional_printer_columns = Some(columns(kind));
    let root = version.schema.as_mut().and_then(|schema| schema.open_api_v3_schema.as_mut());
    complete(kind, root.expect("the derived definition has a schema"));
    definition
}

fn complete(kind: ClaimKind, root: &mut JSONSchemaProps) {
    drop_null(root);
    root.title = None;
    // The Go operator's schema did not require it; a rule does, for new objects.
    root.required = None;
    let unused = if kind.is_snapshot() { ONLY_OF_CLAIMS } else { ONLY_OF_SNAPSHOTS };
    let status = at(root, &["status"]);
    status.properties.get_or_insert_default().retain(|name, _| !unused.contains(&name.as_str()));
    let conditions = at(status, &["conditions"]);
    conditions.x_kubernetes_list_type = Some("map".to_owned());
    conditions.x_kubernetes_list_map_keys = Some(vec!["type".to_owned()]);
    for (path, limit) in limits(kind) {
        limit(at(root, path));
    }
    root.x_kubernetes_validations = Some(rules(kind));
}

/// As in the Go operator's schema, where the API server drops a `null`; the derived one would store it.
fn drop_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    schema.properties.iter_mut().flat_map(|it| it.values_mut()).for_each(drop_null);
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        drop_null(items);
    }
}

fn at(schema: &mut JSONSchemaProps, path: Path) -> &mut JSONSchemaProps {
    path.iter().fold(schema, |schema, name| {
        let property = schema.properties.as_mut().and_then(|it| it.get_mut(*name));
        property.expect("paths name properties of the derived schema")
    })
}

fn columns(kind: ClaimKind) -> Vec<CustomResourceColumnDefinition> {
    let columns = if kind.is_snapshot() { SNAPSHOT_COLUMNS } else { CLAIM_COLUMNS };
    let column = |(name, json_path): &(&str, &str)| CustomResourceColumnDefinition {
        name: (*name).to_owned(),
        json_path: (*json_path).to_owned(),
        type_: if *json_path == AGE { "date" } else { "string" }.to_owned(),
        ..CustomResourceColumnDefinition::default()
    };
    columns.iter().map(column).collect()
}
