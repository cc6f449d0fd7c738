//! Patches to a claim, with preconditions, and only when something changes.

use std::sync::Arc;

use crds::{Claim, ClaimStatus, names};
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::deadline::{READ_TIMEOUT, WRITE_TIMEOUT, in_time};
use crate::error::Error;
use crate::metrics;

/// Writes a status if it differs, and has the claim's events told.
pub(crate) async fn write(
    claim: &mut Claim,
    next: ClaimStatus,
    context: &Arc<Context>,
) -> Result<(), Error> {
    let Some(mut patch) = difference(&claim.status, &next) else { return Ok(()) };
    patch["metadata"] = precondition(claim);
    let api = api(context, claim);
    let params = PatchParams::default();
    let patch = Patch::Merge(&patch);
    let sent = api.patch_status(&claim.name, &params, &patch);
    let object = send(context, "status", "write a status", sent).await?;
    keep(claim, object);
    let before = std::mem::replace(&mut claim.status, next);
    context.events.tell(claim, &before);
    Ok(())
}

/// Sends a JSON patch to the object itself.
pub(crate) async fn patch_object(
    context: &Arc<Context>,
    claim: &mut Claim,
    patch: json_patch::Patch,
) -> Result<(), Error> {
    patch_metadata(context, claim, Patch::Json::<()>(patch)).await
}

/// Writes the Go operator's annotation.
pub(crate) async fn annotate(
    context: &Arc<Context>,
    claim: &mut Claim,
    identifier: &str,
) -> Result<(), Error> {
    let mut metadata = precondition(claim);
    metadata["annotations"] = json!({names::RESOURCE_IDENTIFIER: identifier});
    patch_metadata(context, claim, Patch::Merge(json!({"metadata": metadata}))).await
}

async fn patch_metadata<P: Serialize + std::fmt::Debug>(
    context: &Arc<Context>,
    claim: &mut Claim,
    patch: Patch<P>,
) -> Result<(), Error> {
    let api = api(context, claim);
    let params = PatchParams::default();
    let sent = api.patch(&claim.name, &params, &patch);
    let object = send(context, "object", "patch a claim", sent).await?;
    keep(claim, object);
    Ok(())
}

async fn send(
    context: &Arc<Context>,
    operation: &'static str,
    deed: &'static str,
    sent: impl Future<Output = kube::Result<DynamicObject>>,
) -> Result<DynamicObject, Error> {
    let _permit = context.writes.acquire().await.expect("the semaphore is never closed");
    let object = in_time(deed, WRITE_TIMEOUT, sent).await?;
    context.metrics.writes.get_or_create(&metrics::Write { operation }).inc();
    Ok(object)
}

/// What a merge patch must find, or it is refused.
fn precondition(claim: &Claim) -> Value {
    json!({"uid": claim.uid, "resourceVersion": claim.resource_version})
}

fn keep(claim: &mut Claim, object: DynamicObject) {
    claim.resource_version = object.metadata.resource_version.unwrap_or_default();
    claim.finalizers = object.metadata.finalizers.unwrap_or_default();
    claim.annotations = object.metadata.annotations.unwrap_or_default();
}

/// The claim as the API server has it now; `None` when it is gone or has another uid.
pub(crate) async fn live(
    context: &Arc<Context>,
    claim: &Claim,
) -> Result<Option<DynamicObject>, Error> {
    let api = api(context, claim);
    let found = in_time("read a claim", READ_TIMEOUT, api.get_opt(&claim.name)).await?;
    Ok(found.filter(|object| object.metadata.uid.as_deref() == Some(&claim.uid)))
}

pub(crate) fn json_patch(operations: &Value) -> json_patch::Patch {
    serde_json::from_value(operations.clone()).expect("our operations are a patch")
}

fn api(context: &Arc<Context>, claim: &Claim) -> Api<DynamicObject> {
    let resource = claim.kind.api_resource();
    Api::namespaced_with(context.client.clone(), &claim.namespace, &resource)
}

/// A merge patch from one status to the next; `None` when they are equal. What vanished becomes `null`.
fn difference(before: &ClaimStatus, next: &ClaimStatus) -> Option<Value> {
    if before == next {
        return None;
    }
    let fields = |status: &ClaimStatus| -> Map<String, Value> {
        match serde_json::to_value(status) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    };
    let (before, mut next) = (fields(before), fields(next));
    for key in before.keys() {
        next.entry(key.clone()).or_insert(Value::Null);
    }
    next.retain(|key, value| before.get(key) != Some(value));
    Some(json!({"status": next}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_sent_and_what_vanished_is_cleared() {
        let before = ClaimStatus {
            phase: Some("in progress".into()),
            message: Some("wait".into()),
            strategy: Some("aws".into()),
            ..ClaimStatus::default()
        };
        let next = ClaimStatus {
            phase: Some("complete".into()),
            strategy: Some("aws".into()),
            ..ClaimStatus::default()
        };
        let patch = difference(&before, &next).unwrap();
        assert_eq!(patch, json!({"status": {"phase": "complete", "message": null}}));
        assert_eq!(difference(&next, &next), None);
    }
}
