//! Validation that the API server runs.
//!
//! What one field may hold is plain schema: the API server lets an unchanged value pass, whatever its type. A CEL rule
//! at a field cannot even be evaluated for a stored value of another type, and the API server would refuse every
//! patch. So rules stand at the root only, and ask for a field's value only of objects that have been served. An object
//! that was stored before a limit or rule existed therefore still accepts status and finalizer patches: nobody is
//! locked out of deletion.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, ValidationRule,
};

use crate::ClaimKind;

/// The object has been served: its type and its Secret are facts now.
const PROVISIONED: &str = "has(oldSelf.status) && (has(oldSelf.status.placement) \
    || (has(oldSelf.status.phase) && oldSelf.status.phase == 'complete'))";

/// A Secret of that name holds the connection: somebody may use it.
const WRITTEN: &str = "has(oldSelf.status) && (has(oldSelf.status.secretRef) \
    || (has(oldSelf.status.phase) && oldSelf.status.phase == 'complete'))";

/// Where a limit stands: names of nested properties.
pub(crate) type Path = &'static [&'static str];

/// Writes a limit into the schema of its field.
pub(crate) type Limit = fn(&mut JSONSchemaProps);

/// What single fields of a kind may hold.
pub(crate) fn limits(kind: ClaimKind) -> Vec<(Path, Limit)> {
    if kind.is_snapshot() {
        return vec![(&["spec", "resourceName"], not_empty)];
    }
    let mut limits: Vec<(Path, Limit)> = vec![
        (&["spec", "type"], not_empty),
        (&["spec", "tier"], not_empty),
        (&["spec", "secretRef", "name"], secret_name),
    ];
    if kind == ClaimKind::Redis {
        limits.push((&["spec", "size"], node_type));
    }
    limits
}

/// All rules of a kind.
pub(crate) fn rules(kind: ClaimKind) -> Vec<ValidationRule> {
    if kind.is_snapshot() {
        let advice = "make another snapshot object instead";
        return vec![spec_is_present(), fixed(PROVISIONED, "resourceName", advice)];
    }
    vec![
        spec_is_present(),
        fixed(PROVISIONED, "type", "make a new claim to move to another provider"),
        fixed(WRITTEN, "secretRef.name", "make a new claim to use another Secret"),
    ]
}

/// It reads the status, and runs on updates only.
fn fixed(since: &str, field: &str, advice: &str) -> ValidationRule {
    ValidationRule {
        rule: format!(
            "!({since}) || !has(oldSelf.spec) \
             || (has(self.spec) && self.spec.{field} == oldSelf.spec.{field})"
        ),
        message: Some(format!("cannot change once provisioned; {advice}")),
        field_path: Some(format!(".spec.{field}")),
        reason: Some("FieldValueForbidden".to_owned()),
        ..ValidationRule::default()
    }
}

/// The Go operator's schema did not require `spec`, so an object without one may be stored.
fn spec_is_present() -> ValidationRule {
    ValidationRule {
        rule: "has(self.spec) || (oldSelf.hasValue() && !has(oldSelf.value().spec))".to_owned(),
        message: Some("must be given".to_owned()),
        field_path: Some(".spec".to_owned()),
        reason: Some("FieldValueRequired".to_owned()),
        optional_old_self: Some(true),
        ..ValidationRule::default()
    }
}

fn not_empty(field: &mut JSONSchemaProps) {
    field.min_length = Some(1);
}

fn secret_name(field: &mut JSONSchemaProps) {
    field.max_length = Some(253);
    field.pattern = Some("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$".to_owned());
}

/// Lenient, because the in-cluster provider ignores sizes and AWS keeps adding some.
fn node_type(field: &mut JSONSchemaProps) {
    field.pattern = Some(r"^\S+$".to_owned());
}
