//! Validation that the API server runs (CEL).
//!
//! Every rule compares with the stored object and lets an unchanged value pass. An object that was stored before a
//! rule existed therefore still accepts status and finalizer patches: nobody is locked out of deletion.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::ClaimKind;

/// The object has been served: its type and its Secret are facts now.
const PROVISIONED: &str = "has(oldSelf.status) && (has(oldSelf.status.placement) \
    || (has(oldSelf.status.phase) && oldSelf.status.phase == 'complete'))";

/// A Secret of that name holds the connection: somebody may use it.
const WRITTEN: &str = "has(oldSelf.status) && (has(oldSelf.status.secretRef) \
    || (has(oldSelf.status.phase) && oldSelf.status.phase == 'complete'))";

/// Same as before, so not for us to judge.
const UNCHANGED: &str = "(oldSelf.hasValue() && oldSelf.value() == self)";

/// Where a rule stands: names of nested properties; empty is the root.
pub(crate) type Path = &'static [&'static str];

/// All rules of a kind, each with its place in the schema.
pub(crate) fn rules(kind: ClaimKind) -> Vec<(Path, ValidationRule)> {
    let mut rules = vec![(&[] as Path, spec_is_present())];
    if kind.is_snapshot() {
        rules.push((&["spec", "resourceName"], not_empty("name the claim to snapshot")));
        rules.push((
            &[],
            fixed(PROVISIONED, "resourceName", "make another snapshot object instead"),
        ));
        return rules;
    }
    rules.extend([
        (
            &["spec", "type"] as Path,
            not_empty("name a type of the ConfigMap cloud-resource-config"),
        ),
        (&["spec", "tier"], not_empty("name a tier of the provider's strategy")),
        (&["spec", "secretRef", "name"], secret_name()),
        (&[], fixed(PROVISIONED, "type", "make a new claim to move to another provider")),
        (&[], fixed(WRITTEN, "secretRef.name", "make a new claim to use another Secret")),
    ]);
    if kind == ClaimKind::Redis {
        rules.push((&["spec", "size"], size()));
    }
    rules
}

/// A rule of the root, because it reads the status; it runs on updates only.
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

fn not_empty(advice: &str) -> ValidationRule {
    ratchet("self.size() > 0", format!("must not be empty; {advice}"))
}

fn secret_name() -> ValidationRule {
    ratchet(
        "self.size() <= 253 && self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
        "must be the name of a Secret: lower-case letters, digits, '-' and '.', \
         letter or digit at both ends, at most 253 characters"
            .to_owned(),
    )
}

/// Lenient, because the in-cluster provider ignores sizes and AWS keeps adding some.
fn size() -> ValidationRule {
    ratchet(
        r"self.matches('^\\S+$')",
        "must be a node type without spaces, such as cache.t3.micro; leave it out for the strategy's".to_owned(),
    )
}

fn ratchet(rule: &str, message: String) -> ValidationRule {
    ValidationRule {
        rule: format!("{UNCHANGED} || ({rule})"),
        message: Some(message),
        optional_old_self: Some(true),
        ..ValidationRule::default()
    }
}
