//! Before anything is published: the finalizer, and the pin.

use std::sync::Arc;

use crds::names::FINALIZER;
use crds::{Claim, ClaimStatus, Placement, names};
use jiff::Timestamp;
use serde_json::json;

use super::desire::Desire;
use super::observe::Observed;
use super::{report, status};
use crate::context::Context;
use crate::error::Error;

/// Adds our finalizer if one is needed and missing, and writes the pin if there is none.
pub(crate) async fn mark(
    observed: &mut Observed,
    desire: &Desire,
    context: &Arc<Context>,
) -> Result<(), Error> {
    if desire.needs_finalizer && !observed.claim.has_finalizer() {
        let patch = add_finalizer(&observed.claim);
        status::patch_object(context, &mut observed.claim, patch).await?;
    }
    if observed.claim.status.placement.is_none() {
        let next = pinned(observed, desire);
        let next = report::announce(observed, next, Timestamp::now());
        status::write(&mut observed.claim, next, context).await?;
    }
    Ok(())
}

fn pinned(observed: &Observed, desire: &Desire) -> ClaimStatus {
    let set = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let placement = &desire.item.placement;
    let provider = placement.provider.as_str();
    ClaimStatus {
        strategy: Some(provider.to_owned()),
        provider: names::provider_name(provider, observed.claim.kind).map(str::to_owned),
        resource_uid: observed.parent.as_ref().map(|parent| parent.uid.clone()),
        placement: Some(Placement {
            provider: provider.to_owned(),
            region: set(&placement.region),
            account: set(&placement.account),
            identifier: placement.identifier.clone(),
            observed: placement.observed.then_some(true),
        }),
        ..observed.claim.status.clone()
    }
}

/// Other people's finalizers stay (W-07).
fn add_finalizer(claim: &Claim) -> json_patch::Patch {
    let path = if claim.finalizers.is_empty() { "" } else { "/-" };
    let value = if claim.finalizers.is_empty() { json!([FINALIZER]) } else { json!(FINALIZER) };
    status::json_patch(&json!([
        {"op": "test", "path": "/metadata/uid", "value": claim.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": claim.resource_version},
        {"op": "add", "path": format!("/metadata/finalizers{path}"), "value": value},
    ]))
}

/// Removes ours and the Go operator's older one, and nobody else's.
pub(crate) fn remove_finalizer(claim: &Claim) -> json_patch::Patch {
    let ours = [FINALIZER, names::LEGACY_FINALIZER];
    let kept: Vec<&String> =
        claim.finalizers.iter().filter(|it| !ours.contains(&it.as_str())).collect();
    status::json_patch(&json!([
        {"op": "test", "path": "/metadata/uid", "value": claim.uid},
        {"op": "test", "path": "/metadata/finalizers", "value": claim.finalizers},
        {"op": "replace", "path": "/metadata/finalizers", "value": kept},
    ]))
}

#[cfg(test)]
mod tests {
    use crds::ClaimKind;
    use kube::api::DynamicObject;
    use proto::Provider;

    use super::*;
    use crate::reconcile::desire;
    use crate::reconcile::observe::fixture::{observed, spec};

    fn claim(finalizers: &[&str]) -> Claim {
        let object: DynamicObject = serde_json::from_value(json!({
            "metadata": {
                "name": "a", "namespace": "n", "uid": "u", "resourceVersion": "7",
                "finalizers": finalizers,
            },
        }))
        .unwrap();
        Claim::without_spec(ClaimKind::Redis, &object).unwrap()
    }

    #[test]
    fn w07_finalizers_of_others_are_kept() {
        let added = serde_json::to_value(add_finalizer(&claim(&["theirs"]))).unwrap();
        assert_eq!(added[2]["path"], "/metadata/finalizers/-");
        let removed = remove_finalizer(&claim(&["theirs", FINALIZER, names::LEGACY_FINALIZER]));
        let removed = serde_json::to_value(removed).unwrap();
        assert_eq!(removed[2]["value"], json!(["theirs"]));
    }

    #[test]
    fn a_removal_meant_for_another_uid_fails() {
        let removed = serde_json::to_value(remove_finalizer(&claim(&[FINALIZER]))).unwrap();
        assert_eq!(removed[0], json!({"op": "test", "path": "/metadata/uid", "value": "u"}));
    }

    #[test]
    fn the_pin_names_provider_implementation_and_place() {
        let observed = observed(ClaimKind::Redis, Provider::Aws, &spec());
        let status = pinned(&observed, &desire::decide(&observed).unwrap());
        assert_eq!(status.strategy.as_deref(), Some("aws"));
        assert_eq!(status.provider.as_deref(), Some("aws-elasticache"));
        let region = Some("eu-west-1".to_owned());
        let placement = Placement { provider: "aws".into(), region, ..Placement::default() };
        assert_eq!(status.placement, Some(placement));
    }

    #[test]
    fn a_snapshot_pins_its_claims_uid_and_place() {
        let spec = json!({"resourceName": "orders"});
        let mut snapshot = observed(ClaimKind::PostgresSnapshot, Provider::Aws, &spec);
        let mut parent = claim(&[]);
        parent.status.placement = Some(Placement {
            provider: "aws".into(),
            region: Some("us-east-1".into()),
            account: Some("000000000001".into()),
            identifier: Some("db-1".into()),
            observed: Some(true),
        });
        snapshot.parent = Some(parent);
        let status = pinned(&snapshot, &desire::decide(&snapshot).unwrap());
        assert_eq!(status.resource_uid.as_deref(), Some("u"));
        let placement = status.placement.unwrap();
        assert_eq!(placement.region.as_deref(), Some("us-east-1"));
        assert_eq!(placement.account.as_deref(), Some("000000000001"));
        assert_eq!(placement.identifier, None, "the claim's name is not the snapshot's");
    }
}
