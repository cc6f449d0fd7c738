//! Looks at what is there, and changes nothing.

use proto::State;
use tokio::time::Instant;
use worker::{TurnError, Work};

use crate::aws::rds::{Instance, PendingAction, Rds};
use crate::aws::{Clients, Error, Kind};
use crate::password;
use crate::touched::Touched;

use super::act;
use super::desired::{Desired, Target};
use super::known::Known;
use super::observed::Observed;
use super::plan::{Plan, needs_versions, plan};

/// What is there. A claim that was settled is looked at in the listing that was made for all; what that shows to
/// be otherwise is looked at again.
pub async fn observe(
    touched: &Touched,
    clients: &Clients,
    desired: &Desired,
    work: &mut Work<'_>,
) -> Result<Observed, TurnError> {
    let (uid, record) = (&work.item.identity.uid, &work.record);
    if record.state == State::Ready && record.item_id == work.item.item_id {
        let not_before = touched.of_settled(uid);
        let observed = since(clients, desired, not_before, work).await?;
        if matches!(plan(desired, &observed, &Known::of(work)), Ok(Plan::Ready(_))) {
            return Ok(observed);
        }
    }
    since(clients, desired, touched.not_before(uid), work).await
}

/// One listing, and only what else decides the next step.
async fn since(
    clients: &Clients,
    desired: &Desired,
    not_before: Instant,
    work: &mut Work<'_>,
) -> Result<Observed, TurnError> {
    let (rds, target) = (&clients.rds, &desired.target);
    let instance = instance(rds, target, not_before).await?;
    let mut observed = Observed { instance, ..Observed::default() };
    let instance = observed.instance.as_ref();
    if needs_versions(desired, instance, &Known::of(work)) {
        observed.offered = versions(rds, target).await?;
    }
    if let Some(instance) = instance.filter(|it| target.owner.owns(&it.tags)) {
        act::learn(work, desired, instance);
        observed.actions = actions(rds, desired, instance, not_before).await?;
        // A new instance has no endpoint yet, and nothing to publish.
        observed.has_password = instance.endpoint.is_none() || password::is_kept(work).await?;
    }
    Ok(observed)
}

/// The instance, if it exists.
pub async fn instance(
    rds: &Rds,
    target: &Target,
    not_before: Instant,
) -> Result<Option<Instance>, Error> {
    let listed = rds.instances(&target.place, not_before).await?;
    Ok(listed.iter().find(|it| it.id == target.id).cloned())
}

/// Versions that AWS offers; `None` when the operator may not ask, which keeps nothing from being made.
pub async fn versions(rds: &Rds, target: &Target) -> Result<Option<Vec<String>>, Error> {
    match rds.versions(&target.place).await {
        Ok(versions) => Ok(Some(versions.to_vec())),
        Err(error) if error.kind == Kind::Denied => {
            tracing::warn!(error = %error, "versions are not checked");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What AWS plans to do to the instance; asked only for a strategy that wants some of it earlier.
pub async fn actions(
    rds: &Rds,
    desired: &Desired,
    instance: &Instance,
    not_before: Instant,
) -> Result<Vec<PendingAction>, Error> {
    if desired.updates_before.is_none() {
        return Ok(Vec::new());
    }
    let listed = rds.pending_actions(&desired.target.place, not_before).await?;
    Ok(listed.iter().filter(|action| action.arn == instance.arn).cloned().collect())
}
