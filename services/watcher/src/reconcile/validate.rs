//! What of a claim can be judged before anything is decided. Pure.

use crds::conditions::reasons;

use super::observe::Observed;
use super::problem::Problem;

/// Whether the claim says all that it must, and nothing that it may not.
pub(crate) fn validate(observed: &Observed) -> Result<(), Problem> {
    let invalid = |error: &dyn std::fmt::Display| Problem::new(reasons::INVALID, error.to_string());
    let claim = &observed.claim;
    if let Some(error) = &observed.unreadable {
        return Err(invalid(error));
    }
    claim.spec.check(claim.kind).map_err(|error| invalid(&error))?;
    check_namespace(observed)?;
    check_owner(observed)
}

fn check_namespace(observed: &Observed) -> Result<(), Problem> {
    let claim = &observed.claim;
    let named = claim.spec.secret_ref.as_ref().and_then(|secret| secret.namespace.as_deref());
    if named.is_none_or(|namespace| namespace.is_empty() || namespace == claim.namespace) {
        return Ok(());
    }
    let message = "spec.secretRef.namespace is another namespace; only the claim's own is served: leave it out";
    Err(Problem::new(reasons::NAMESPACE_REFUSED, message))
}

fn check_owner(observed: &Observed) -> Result<(), Problem> {
    let Some(owner) = &observed.secret_owner else { return Ok(()) };
    let name = observed.claim.spec.secret_name();
    let message = format!(
        "spec.secretRef.name: the Secret {name} belongs to {owner}, which is older; choose another name"
    );
    Err(Problem::new(reasons::SECRET_TAKEN, message))
}

#[cfg(test)]
mod tests {
    use crds::ClaimKind;
    use proto::Provider;
    use serde_json::{Value, json};

    use super::*;
    use crate::reconcile::observe::fixture::{observed, spec};

    fn with(field: &str, value: Value) -> Observed {
        let mut spec = spec();
        spec[field] = value;
        observed(ClaimKind::Postgres, Provider::Openshift, &spec)
    }

    #[test]
    fn what_cannot_be_served_is_named_with_its_field() {
        let elsewhere = json!({"name": "a", "namespace": "other"});
        let table = [
            ("type", json!(""), reasons::INVALID, "spec.type"),
            ("tier", json!(null), reasons::INVALID, "spec.tier"),
            ("tier", json!(7), reasons::INVALID, "spec.tier"),
            ("secretRef", json!(null), reasons::INVALID, "spec.secretRef.name"),
            ("secretRef", json!({"name": ""}), reasons::INVALID, "spec.secretRef.name"),
            ("secretRef", elsewhere, reasons::NAMESPACE_REFUSED, "spec.secretRef.namespace"),
        ];
        for (changed, value, reason, field) in table {
            let problem = validate(&with(changed, value)).unwrap_err();
            assert_eq!(problem.reason, reason, "{}", problem.message);
            assert!(problem.message.starts_with(field), "{}", problem.message);
        }
    }

    #[test]
    fn the_claims_own_namespace_may_be_named() {
        for namespace in ["shop", ""] {
            let own = with("secretRef", json!({"name": "a", "namespace": namespace}));
            assert_eq!(validate(&own), Ok(()));
        }
    }

    #[test]
    fn a_secret_of_an_older_claim_is_refused_with_its_owner() {
        let mut taken = with("tier", json!("development"));
        taken.secret_owner = Some("Redis cache".into());
        let problem = validate(&taken).unwrap_err();
        assert_eq!(problem.reason, reasons::SECRET_TAKEN);
        assert!(problem.message.contains("Redis cache"), "{}", problem.message);
    }

    #[test]
    fn a_snapshot_needs_no_secret_but_the_name_of_its_claim() {
        let snapshot = |spec| observed(ClaimKind::RedisSnapshot, Provider::Aws, &spec);
        assert_eq!(validate(&snapshot(json!({"resourceName": "orders"}))), Ok(()));
        let problem = validate(&snapshot(json!({}))).unwrap_err();
        assert!(problem.message.starts_with("spec.resourceName"), "{}", problem.message);
    }
}
