//! What the leader watches, for whoever asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crds::{Claim, Phase};
use proto::{Desired, Kind, Provider, Subject};
use tokio::time::Instant;

use crate::claims::Claims;
use crate::context::Context;

/// All phases.
pub(super) const PHASES: [Phase; 5] =
    [Phase::InProgress, Phase::DeletionInProgress, Phase::Complete, Phase::Paused, Phase::Failed];

/// What the leader watches. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Watched(Arc<Mutex<Option<Arc<Context>>>>);

impl Watched {
    /// From now on this is told of; `None` while this replica stands by.
    pub(crate) fn watch(&self, context: Option<Arc<Context>>) {
        *self.lock() = context;
    }

    /// The stores of the watches.
    pub(super) fn stores(&self) -> Option<Claims> {
        self.lock().as_ref().map(|context| context.claims.clone())
    }

    /// All claims, and the cluster's id.
    pub(super) fn claims(&self) -> Option<(Vec<Claim>, String)> {
        let cluster = self.lock().as_ref()?.cluster.facts().id.unwrap_or_default();
        let objects = self.stores()?;
        let claims =
            objects.all().filter_map(|(kind, object)| Claim::without_spec(kind, &object).ok());
        Some((claims.collect(), cluster))
    }

    /// All items, and the ages of those that no worker has handled yet.
    pub(super) fn unhandled(&self) -> Vec<(Provider, Kind, Option<Duration>)> {
        let Some(context) = self.lock().clone() else { return Vec::new() };
        let now = Instant::now();
        context.items.map(|subject, item, since| {
            let Subject::Work(provider, kind, uid) = subject else { return None };
            let handled = context.statuses.handled((*provider).into(), uid);
            let is_waiting =
                item.desired != Desired::Released && handled.as_ref() != Some(&item.item_id);
            Some((*provider, *kind, is_waiting.then(|| now - since)))
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Context>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}
