//! Tells the user: conditions, phase, message, and an event when something turned.

mod judge;

use std::sync::Arc;

use crds::conditions::{READY, find, merge};
use crds::{Binding, Claim, ClaimStatus, Phase, Placement, names, phase_of};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType};
use proto::Record;

use super::observe::Observed;
use super::problem::Problem;
use super::status;
use crate::context::Context;
use crate::error::Error;

/// Writes the status if it changed, and publishes an event when the claim's readiness turned.
pub(crate) async fn report(
    observed: &Observed,
    problem: Option<Problem>,
    context: &Arc<Context>,
) -> Result<(), Error> {
    if problem.as_ref().is_some_and(|problem| problem.is_untouchable) {
        return Ok(());
    }
    let mut claim = observed.claim.clone();
    let before = claim.status.clone();
    let next = next_status(observed, problem.as_ref(), Timestamp::now());
    let is_named = annotate(&claim, &next);
    if status::write(&mut claim, next, context).await?
        && let Some(event) = event(&before, &claim.status)
    {
        tell(&claim, &event, context).await;
    }
    if let Some(patch) = is_named {
        status::patch_object(context, &claim, patch).await?;
    }
    Ok(())
}

/// The status as it should read. Pure.
fn next_status(observed: &Observed, problem: Option<&Problem>, now: Timestamp) -> ClaimStatus {
    let claim = &observed.claim;
    let Some(verdict) = judge::judge(observed, problem) else { return claim.status.clone() };
    let mut next = claim.status.clone();
    next.conditions = merge(&next.conditions, verdict.facts, claim.generation, now);
    let phase = phase_of(&next.conditions, claim.is_deleting());
    next.phase = Some(phase.to_string());
    next.message = Some(verdict.message);
    next.observed_generation = Some(claim.generation);
    if let Some(record) = &observed.provisioner {
        learn(&mut next, record);
    }
    // A good Secret stays named while the resource is being changed (W-34).
    if phase == Phase::Complete {
        next.secret_ref.clone_from(&claim.spec.secret_ref);
        let name = names::binding_secret(claim.spec.secret_name());
        next.binding = Some(Binding { name });
    }
    next
}

/// What the worker found out about the place; what is pinned stays.
fn learn(next: &mut ClaimStatus, record: &Record) {
    let Some(placement) = next.placement.as_mut() else { return };
    let set = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let found = &record.placement;
    *placement = Placement {
        provider: placement.provider.clone(),
        region: placement.region.clone().or_else(|| set(&found.region)),
        account: placement.account.clone().or_else(|| set(&found.account)),
        identifier: placement.identifier.clone().or_else(|| found.identifier.clone()),
        observed: placement.observed.or_else(|| found.observed.then_some(true)),
    };
}

/// The Go operator's annotation for a resource on AWS.
fn annotate(claim: &Claim, next: &ClaimStatus) -> Option<json_patch::Patch> {
    let placement = next.placement.as_ref()?;
    let identifier = placement.identifier.as_ref()?;
    if placement.provider != "aws" || claim.annotations.contains_key(names::RESOURCE_IDENTIFIER) {
        return None;
    }
    let uid = serde_json::json!({"op": "test", "path": "/metadata/uid", "value": claim.uid});
    let path = "/metadata/annotations";
    let add = if claim.annotations.is_empty() {
        let value = serde_json::json!({names::RESOURCE_IDENTIFIER: identifier});
        serde_json::json!({"op": "add", "path": path, "value": value})
    } else {
        let path = format!("{path}/{}", names::RESOURCE_IDENTIFIER);
        serde_json::json!({"op": "add", "path": path, "value": identifier})
    };
    Some(status::json_patch(&serde_json::json!([uid, add])))
}

/// An event for each turn of Ready; none for what stays.
fn event(before: &ClaimStatus, next: &ClaimStatus) -> Option<Event> {
    let ready = |status: &ClaimStatus| {
        find(&status.conditions, READY).map(|it| (it.status.clone(), it.reason.clone()))
    };
    if ready(before) == ready(next) {
        return None;
    }
    let condition = find(&next.conditions, READY)?;
    let is_bad = next.phase.as_deref() == Some(Phase::Failed.as_str());
    Some(Event {
        type_: if is_bad { EventType::Warning } else { EventType::Normal },
        reason: condition.reason.clone(),
        note: Some(condition.message.clone()),
        action: "Reconcile".to_owned(),
        secondary: None,
    })
}

async fn tell(claim: &Claim, event: &Event, context: &Arc<Context>) {
    let resource = claim.kind.api_resource();
    let reference = ObjectReference {
        api_version: Some(resource.api_version),
        kind: Some(resource.kind),
        name: Some(claim.name.clone()),
        namespace: Some(claim.namespace.clone()),
        uid: Some(claim.uid.clone()),
        ..ObjectReference::default()
    };
    // An event is a courtesy; the conditions say the same.
    if let Err(error) = context.recorder.publish(event, &reference).await {
        tracing::debug!(error = %error, "failed to publish an event");
    }
}
