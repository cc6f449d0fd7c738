//! Turns without a delivery.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proto::{Kind, Uid};
use tokio::sync::mpsc;

/// Gives claims a turn at once. Cheap to clone.
#[derive(Clone)]
pub struct Waker(pub(crate) mpsc::UnboundedSender<(Kind, Uid)>);

impl Waker {
    /// Something happened to an object of this claim.
    pub fn wake(&self, kind: Kind, uid: Uid) {
        // The worker ends only with the process.
        let _ = self.0.send((kind, uid));
    }
}

/// The uids that this process is working on. A wake for one of them is not lost: its work runs once more.
#[derive(Clone, Default)]
pub(crate) struct InHand(Arc<Mutex<HashMap<Uid, bool>>>);

/// Holds one uid until dropped.
pub(crate) struct Hold {
    in_hand: InHand,
    uid: Uid,
}

impl InHand {
    /// Takes the uid, or marks it for another run when it is in hand already.
    pub(crate) fn take(&self, uid: &Uid) -> Option<Hold> {
        let mut held = self.lock();
        if let Some(again) = held.get_mut(uid) {
            *again = true;
            return None;
        }
        held.insert(uid.clone(), false);
        Some(Hold { in_hand: self.clone(), uid: uid.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uid, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// Whether somebody asked for another run meanwhile; forgets that they did.
    pub(crate) fn asked_again(&self) -> bool {
        self.in_hand.lock().get_mut(&self.uid).is_some_and(std::mem::take)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.in_hand.lock().remove(&self.uid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_while_in_hand_asks_for_one_more_run() {
        let in_hand = InHand::default();
        let uid: Uid = "a".parse().unwrap();
        let hold = in_hand.take(&uid).unwrap();
        assert!(!hold.asked_again());
        assert!(in_hand.take(&uid).is_none());
        assert!(in_hand.take(&uid).is_none());
        assert!(hold.asked_again());
        assert!(!hold.asked_again());
        drop(hold);
        assert!(in_hand.take(&uid).is_some());
    }
}
