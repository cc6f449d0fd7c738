//! What the leader watches, for whoever asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crds::{Claim, Phase};

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

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Context>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}
