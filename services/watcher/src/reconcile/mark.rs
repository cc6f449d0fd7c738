//! Before anything is published: the finalizer, and the pin.

use std::sync::Arc;

use crds::names::FINALIZER;
use crds::{Claim, Placement, names};
use serde_json::json;

use super::desire::Desire;
use super::observe::Observed;
use super::status;
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
        let object = status::patch_object(context, &observed.claim, patch).await?;
        observed.claim.resource_version = object.metadata.resource_version.unwrap_or_default();
        observed.claim.finalizers = object.metadata.finalizers.unwrap_or_default();
    }
    if observed.claim.status.placement.is_none() {
        let mut next = observed.claim.status.clone();
        next.placement = Some(pin(desire));
        next.strategy = Some(desire.item.placement.provider.to_string());
        let provider = desire.item.placement.provider.as_str();
        next.provider = names::provider_name(provider, observed.claim.kind).map(str::to_owned);
        next.resource_uid = observed.parent.as_ref().map(|parent| parent.uid.clone());
        status::write(&mut observed.claim, next, context).await?;
    }
    Ok(())
}

fn pin(desire: &Desire) -> Placement {
    let set = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Placement {
        provider: desire.item.placement.provider.to_string(),
        region: set(&desire.item.placement.region),
        account: set(&desire.item.placement.account),
        identifier: None,
        observed: None,
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

    use super::*;

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
}
