//! Looks at what is there, and changes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proto::{State, Uid};
use tokio::time::Instant;
use worker::{TurnError, Work};

use crate::aws::rds::{Instance, PendingAction, Rds};
use crate::aws::{Clients, Error, Kind};
use crate::listing::RECENT;

use super::act;
use super::desired::{Desired, Target};
use super::known::Known;
use super::observed::Observed;
use super::password;
use super::plan::{Plan, needs_versions, plan};

/// Nothing but a turn of its own changes what a settled claim desires.
const SETTLED: Duration = Duration::from_mins(15);

/// When this process last changed something of a claim: what was listed before does not show it. Cheap to clone.
#[derive(Clone, Default)]
pub struct Touched(Arc<Mutex<BTreeMap<Uid, Instant>>>);

impl Touched {
    /// Something of the claim was just changed, or may have been.
    pub fn touch(&self, uid: &Uid) {
        self.lock().insert(uid.clone(), Instant::now());
    }

    /// The claim is gone.
    pub fn forget(&self, uid: &Uid) {
        self.lock().remove(uid);
    }

    /// The oldest listing that tells enough of a claim that is being worked on: a recent one, or one after our own
    /// last change.
    pub fn not_before(&self, uid: &Uid) -> Instant {
        self.newer_than(uid, RECENT)
    }

    /// The oldest listing that tells enough of a claim that was settled when it was last worked on, as long as it
    /// still shows what is desired: the one that looks for drift has just been made for all.
    pub fn of_settled(&self, uid: &Uid) -> Instant {
        self.newer_than(uid, SETTLED)
    }

    fn newer_than(&self, uid: &Uid, age: Duration) -> Instant {
        let now = Instant::now();
        let oldest = now.checked_sub(age).unwrap_or(now);
        self.lock().get(uid).map_or(oldest, |touched| oldest.max(*touched))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Uid, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
