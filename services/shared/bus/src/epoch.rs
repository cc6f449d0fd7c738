//! Which incarnation of the store this is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use service::{CancellationToken, Gate};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connection::Bus;
use crate::error::Error;
use crate::topology::STREAMS;

/// A watch goes silent, without error, when its stream was made again; only `created` tells.
const POLL: Duration = Duration::from_secs(2);
/// One answer may be lost; after this, nothing is heard of the store any more.
const PATIENCE: Duration = Duration::from_secs(5);

/// Since when each stream holds what it holds. A new value means that the store was wiped: everything must be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch([i128; STREAMS.len()]);

/// What one look at a stream has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    created_ns: i128,
    last_sequence: u64,
}

/// What the last look has shown, and the epoch that follows from all of them.
#[derive(Default)]
struct History(Option<([Seen; STREAMS.len()], Epoch)>);

impl History {
    /// A stream that was made again is another one. So is one whose last sequence went back: servers of a cluster that are
    /// lost while streams are copied take the end of a stream with them, and a watch would wait for sequences that come again.
    fn learn(&mut self, seen: [Seen; STREAMS.len()], now_ns: i128) -> Epoch {
        let mut since = seen.map(|it| it.created_ns);
        if let Some((before, Epoch(known))) = &self.0 {
            for (slot, ((seen, before), known)) in
                since.iter_mut().zip(seen.iter().zip(before).zip(known))
            {
                if seen.created_ns == before.created_ns {
                    *slot = if seen.last_sequence < before.last_sequence { now_ns } else { *known };
                }
            }
        }
        self.0 = Some((seen, Epoch(since)));
        Epoch(since)
    }
}

impl Epoch {
    /// Whether what `stream` held at `published_ns` is lost: it was made again since `then`, and later than that.
    pub(crate) fn has_lost(&self, stream: &str, published_ns: i128, then: &Self) -> bool {
        let streams = STREAMS.iter().zip(self.0.iter().zip(then.0));
        let mut same = streams.filter(|(name, _)| **name == stream);
        same.any(|(_, (now, then))| *now != then && published_ns < *now)
    }
}

impl Bus {
    async fn look(&self) -> Result<[Seen; STREAMS.len()], Error> {
        let mut seen = [Seen { created_ns: 0, last_sequence: 0 }; STREAMS.len()];
        for (slot, name) in seen.iter_mut().zip(STREAMS) {
            let stream = self
                .context
                .get_stream_no_info(name)
                .await
                .map_err(Error::api("bind to a stream"))?;
            let info = stream.get_info().await.map_err(Error::api("look a stream up"))?;
            let created_ns = info.created.unix_timestamp_nanos();
            *slot = Seen { created_ns, last_sequence: info.state.last_sequence };
            self.metrics.look(name, info.state.bytes, info.config.max_bytes);
        }
        Ok(seen)
    }
}

/// Where it is told what was heard of the store.
pub(crate) struct Tell {
    pub(crate) epoch: watch::Sender<Option<Epoch>>,
    pub(crate) reachable: watch::Sender<bool>,
    pub(crate) gate: Gate,
}

/// Polls the epoch until shutdown, at once after a reconnect. Fails when the server is too old.
pub(crate) async fn watch(bus: Bus, to: Tell, shutdown: CancellationToken) -> Result<(), Error> {
    let mut connections = bus.connections();
    let (mut heard, mut history) = (Instant::now(), History::default());
    while !shutdown.is_cancelled() {
        bus.check_version()?;
        match bus.look().await {
            Ok(seen) => {
                let current = history.learn(seen, now_ns());
                heard = Instant::now();
                to.gate.set(true);
                bus.metrics.connected.set(1);
                let is_first = to.epoch.borrow().is_none();
                if to.epoch.send_if_modified(|known| tell(known, current)) && !is_first {
                    bus.metrics.epoch_changes.inc();
                }
                to.reachable.send_replace(true);
            }
            Err(error) => {
                to.gate.set(false);
                bus.metrics.connected.set(0);
                if heard.elapsed() > PATIENCE {
                    to.reachable.send_replace(false);
                }
                tracing::debug!(error = %error, "the store cannot be looked up");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = connections.changed() => {}
            () = shutdown.cancelled() => {}
        }
    }
    Ok(())
}

fn now_ns() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or_default()
}

fn tell(known: &mut Option<Epoch>, current: Epoch) -> bool {
    if known.as_ref() == Some(&current) {
        return false;
    }
    if known.is_some() {
        tracing::warn!("the streams were made anew: rebuilding from Kubernetes and the providers");
    }
    *known = Some(current);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_lost_its_end_is_another_one_and_one_that_grows_is_not() {
        let at = |created_ns, last_sequence| [Seen { created_ns, last_sequence }; STREAMS.len()];
        let mut history = History::default();
        let first = history.learn(at(10, 5), 100);
        assert_eq!(first, Epoch([10; STREAMS.len()]));
        assert_eq!(history.learn(at(10, 9), 101), first);
        let shorter = history.learn(at(10, 7), 102);
        assert_eq!(shorter, Epoch([102; STREAMS.len()]));
        assert!(shorter.has_lost(crate::topology::WORK, 101, &first));
        assert_eq!(history.learn(at(10, 8), 103), shorter);
        assert_eq!(history.learn(at(20, 1), 104), Epoch([20; STREAMS.len()]));
    }

    #[test]
    fn a_message_is_lost_when_its_stream_was_made_again_after_it() {
        let (then, now) = (Epoch([10, 1, 1, 1]), Epoch([20, 9, 1, 1]));
        let lost = |published_ns, then| now.has_lost(crate::topology::WORK, published_ns, then);
        assert!(lost(15, &then));
        // Received before the new epoch was known here.
        assert!(!lost(25, &then));
        // The clocks of a cluster's servers differ: what came in this epoch is of this epoch.
        assert!(!lost(15, &now));
        assert!(!now.has_lost(crate::topology::RECORDS, 0, &then));
    }
}
