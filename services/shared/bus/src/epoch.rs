//! Which incarnation of the store this is.

use std::time::Duration;

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

/// When each stream was made. A new value means that the store was wiped: everything must be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch([i128; STREAMS.len()]);

impl Epoch {
    /// Whether what `stream` held at `published_ns` is lost: it was made again since `then`, and later than that.
    pub(crate) fn has_lost(&self, stream: &str, published_ns: i128, then: &Self) -> bool {
        let streams = STREAMS.iter().zip(self.0.iter().zip(then.0));
        let mut same = streams.filter(|(name, _)| **name == stream);
        same.any(|(_, (now, then))| *now != then && published_ns < *now)
    }
}

impl Bus {
    /// Looks the epoch up now.
    pub async fn current_epoch(&self) -> Result<Epoch, Error> {
        let mut created = [0; STREAMS.len()];
        for (slot, name) in created.iter_mut().zip(STREAMS) {
            let stream = self
                .context
                .get_stream_no_info(name)
                .await
                .map_err(Error::api("bind to a stream"))?;
            let info = stream.get_info().await.map_err(Error::api("look a stream up"))?;
            *slot = info.created.unix_timestamp_nanos();
            self.metrics.look(name, info.state.bytes, info.config.max_bytes);
        }
        Ok(Epoch(created))
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
    let mut heard = Instant::now();
    while !shutdown.is_cancelled() {
        bus.check_version()?;
        match bus.current_epoch().await {
            Ok(current) => {
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
