//! Readiness: a set of named gates, all of which must be open.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// All gates of a process.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<&'static str, bool>>>);

impl Readiness {
    /// A new gate, closed.
    pub fn gate(&self, name: &'static str) -> Gate {
        let gate = Gate { readiness: self.clone(), name };
        gate.set(false);
        gate
    }

    /// The names of the gates that are closed.
    pub fn closed(&self) -> Vec<&'static str> {
        let gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.iter().filter(|(_, open)| !**open).map(|(name, _)| *name).collect()
    }
}

/// One precondition of being ready.
#[derive(Clone)]
pub struct Gate {
    readiness: Readiness,
    name: &'static str,
}

impl Gate {
    /// Opens or closes it.
    pub fn set(&self, open: bool) {
        let mut gates = self.readiness.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.insert(self.name, open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_only_when_every_gate_is_open() {
        let readiness = Readiness::default();
        let (bus, kube) = (readiness.gate("bus"), readiness.gate("kube"));
        bus.set(true);
        assert_eq!(readiness.closed(), ["kube"]);
        kube.set(true);
        assert!(readiness.closed().is_empty());
        bus.set(false);
        assert_eq!(readiness.closed(), ["bus"]);
    }
}
