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

/// Holds one uid until it is given back or dropped.
pub(crate) struct Hold {
    in_hand: InHand,
    uid: Option<Uid>,
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
        Some(Hold { in_hand: self.clone(), uid: Some(uid.clone()) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uid, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// Gives the uid back. True when somebody asked for another run; from now on, whoever asks takes it.
    pub(crate) fn give_back(mut self) -> bool {
        self.end()
    }

    fn end(&mut self) -> bool {
        self.uid.take().is_some_and(|uid| self.in_hand.lock().remove(&uid).unwrap_or_default())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_wake_while_in_hand_asks_for_one_more_run() {
        let in_hand = InHand::default();
        let uid: Uid = "a".parse().unwrap();
        let hold = in_hand.take(&uid).unwrap();
        assert!(in_hand.take(&uid).is_none());
        assert!(in_hand.take(&uid).is_none());
        assert!(hold.give_back());
        assert!(!in_hand.take(&uid).unwrap().give_back());
        drop(in_hand.take(&uid));
        assert!(in_hand.take(&uid).is_some());
    }

    #[test]
    fn who_asks_at_the_very_end_either_takes_the_uid_or_is_heard() {
        let (uid, in_hand): (Uid, _) = ("a".parse().unwrap(), InHand::default());
        let (heard, done) = (AtomicU32::new(0), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    let was_asked = in_hand.take(&uid).is_some_and(Hold::give_back);
                    heard.fetch_add(was_asked.into(), SeqCst);
                }
            });
            let is_heard = || {
                let (before, patience) = (heard.load(SeqCst), Instant::now());
                in_hand.take(&uid).is_some()
                    || std::iter::repeat_with(|| heard.load(SeqCst) > before)
                        .take_while(|_| patience.elapsed() < Duration::from_secs(5))
                        .any(|is_heard| is_heard)
            };
            let all_heard = (0..20_000).all(|_| is_heard());
            done.store(true, SeqCst);
            assert!(all_heard);
        });
    }
}
