//! Tells the user: conditions, phase and message, and what was learned of the place.

mod judge;

use std::sync::Arc;

use crds::conditions::{Fact, READY, SCHEDULED, Truth, is_true, merge, reasons};
use crds::{Binding, Claim, ClaimKind, ClaimStatus, Placement, names, phase_of};
use jiff::Timestamp;
use kube::api::DynamicObject;
use proto::Record;

use self::judge::Verdict;
use super::observe::Observed;
use super::{Outcome, status};
use crate::context::Context;
use crate::error::Error;
use crate::metrics::Provided;

/// Writes the status if it changed, and the annotation that names the resource.
pub(crate) async fn report(
    observed: &Observed,
    outcome: &Outcome,
    context: &Arc<Context>,
) -> Result<(), Error> {
    let now = Timestamp::now();
    let next = next_status(observed, outcome, now);
    let mut claim = observed.claim.clone();
    let identifier = identifier(&claim, &next);
    let took = time_to_ready(&claim, &next, now);
    status::write(&mut claim, next, context).await?;
    if let Some(took) = took {
        let provider = claim.status.strategy.clone().unwrap_or_default();
        let of = Provided { kind: claim.kind.as_str(), provider };
        context.metrics.time_to_ready.get_or_create(&of).observe(took);
    }
    match identifier {
        Some(identifier) => status::annotate(context, &mut claim, &identifier).await,
        None => Ok(()),
    }
}

/// How long it took until a claim was ready for the first time, s. What was ready once keeps its Secrets named. Pure.
fn time_to_ready(claim: &Claim, next: &ClaimStatus, now: Timestamp) -> Option<f64> {
    let before = &claim.status;
    let was_ready = is_true(&before.conditions, READY)
        || before.secret_ref.is_some()
        || before.binding.is_some();
    if was_ready || !is_true(&next.conditions, READY) {
        return None;
    }
    Some(now.duration_since(claim.created?).as_secs_f64().max(0.0))
}

/// What is told of a claim in the very write that pins it. Pure.
pub(super) fn announce(observed: &Observed, pinned: ClaimStatus, now: Timestamp) -> ClaimStatus {
    apply(&observed.claim, pinned, judge::judge(observed, &Ok(None)), now)
}

/// Tells of a claim that nothing can be decided about because the bus does not answer. A lost status write is no
/// matter: the pass is repeated.
pub(crate) async fn interrupted(kind: ClaimKind, object: &DynamicObject, context: &Arc<Context>) {
    let Ok(mut claim) = Claim::without_spec(kind, object) else { return };
    let Some(next) = waiting_for_bus(&claim, Timestamp::now()) else { return };
    if let Err(error) = status::write(&mut claim, next, context).await {
        tracing::debug!(error = %error, "failed to tell that the bus does not answer");
    }
}

/// `None`: the claim is served, and nothing new is asked for.
fn waiting_for_bus(claim: &Claim, now: Timestamp) -> Option<ClaimStatus> {
    let is_ready = is_true(&claim.status.conditions, READY);
    if is_ready && claim.status.observed_generation >= Some(claim.generation) {
        return None;
    }
    let message = "the message bus does not answer; nothing is lost, and it goes on by itself when the bus is back";
    let fact = |type_| Fact::new(type_, Truth::False, reasons::TRANSIENT, message);
    let mut facts = vec![fact(SCHEDULED)];
    if !is_ready {
        facts.push(fact(READY));
    }
    let verdict = Verdict { facts, message: Some(message.to_owned()), is_complete: false };
    Some(apply(claim, claim.status.clone(), verdict, now))
}

/// The status as it should read. Pure.
fn next_status(observed: &Observed, outcome: &Outcome, now: Timestamp) -> ClaimStatus {
    let verdict = judge::judge(observed, outcome);
    let mut next = apply(&observed.claim, observed.claim.status.clone(), verdict, now);
    if let Some(record) = &observed.provisioner {
        learn(&mut next, record, observed.claim.kind);
    }
    next
}

fn apply(claim: &Claim, mut next: ClaimStatus, verdict: Verdict, now: Timestamp) -> ClaimStatus {
    next.conditions = merge(&next.conditions, verdict.facts, claim.generation, now);
    if let Some(message) = verdict.message {
        next.phase = Some(phase_of(&next.conditions, claim.is_deleting()).to_string());
        next.message = Some(message);
        next.observed_generation = Some(claim.generation);
    }
    // A good Secret stays named while the resource is being changed (W-34).
    if verdict.is_complete && !claim.kind.is_snapshot() {
        next.secret_ref.clone_from(&claim.spec.secret_ref);
        let name = names::binding_secret(claim.spec.secret_name());
        next.binding = Some(Binding { name });
    }
    next
}

/// What the worker found out about the place; what is pinned stays.
fn learn(next: &mut ClaimStatus, record: &Record, kind: ClaimKind) {
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
    if kind.is_snapshot() {
        next.snapshot_id.clone_from(&placement.identifier);
    }
}

/// What the Go operator's annotation shall say, if it does not say anything yet. Kept as it is found.
fn identifier(claim: &Claim, next: &ClaimStatus) -> Option<String> {
    let placement = next.placement.as_ref().filter(|placement| placement.provider == "aws")?;
    let is_missing = !claim.annotations.contains_key(names::RESOURCE_IDENTIFIER);
    let is_wanted = is_missing && !claim.kind.is_snapshot() && !claim.is_deleting();
    placement.identifier.clone().filter(|_| is_wanted)
}

#[cfg(test)]
mod tests;
