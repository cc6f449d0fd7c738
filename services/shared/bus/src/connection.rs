//! One connection to NATS.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{Client, Event};
use proto::Service;
use seal::Keyring;
use service::{CancellationToken, Process};
use tokio::sync::watch;

use crate::config::BusConfig;
use crate::epoch::{self, Epoch};
use crate::error::Error;
use crate::metrics::BusMetrics;

/// Below this, guarantees that the protocol rests on are missing (message TTL, CAS and consumer fixes).
const VERSION_FLOOR: (u64, u64, u64) = (2, 14, 4);
const VERSION_FLOOR_TEXT: &str = "2.14.4";
/// A denied request shows only as a time-out.
const API_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection with this service's keys. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    pub(crate) client: Client,
    pub(crate) context: jetstream::Context,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) service: Service,
    pub(crate) metrics: BusMetrics,
    epoch: watch::Receiver<Option<Epoch>>,
    reachable: watch::Receiver<bool>,
    connected: watch::Receiver<u64>,
}

impl Bus {
    /// Connects in the background: NATS may be down at start. Adds the task that watches version and epoch.
    pub async fn connect(
        service: Service,
        config: &BusConfig,
        process: &mut Process,
    ) -> Result<Self, Error> {
        let keyring = Arc::new(Keyring::load(&config.keys_dir)?);
        let metrics = BusMetrics::register(&process.metrics);
        let (count_connect, connected) = watch::channel(0);
        let connects = metrics.connects.clone();
        let client = config
            .options()?
            .name(service.as_str())
            .custom_inbox_prefix(format!("_INBOX.{service}"))
            .ping_interval(Duration::from_secs(10))
            .retry_on_initial_connect()
            .event_callback(move |event| {
                log(&event);
                if matches!(event, Event::Connected) {
                    connects.inc();
                    count_connect.send_modify(|count| *count += 1);
                }
                std::future::ready(())
            })
            .connect(config.urls())
            .await
            .map_err(Error::Connect)?;
        let context = ContextBuilder::new()
            .timeout(API_TIMEOUT)
            .ack_timeout(API_TIMEOUT)
            .build(client.clone());
        let (tell_epoch, epoch) = watch::channel(None);
        let (tell_reachable, reachable) = watch::channel(false);
        let bus = Self { client, context, keyring, service, metrics, epoch, reachable, connected };
        let gate = process.readiness.gate("bus");
        let tell = epoch::Tell { epoch: tell_epoch, reachable: tell_reachable, gate };
        let watcher = epoch::watch(bus.clone(), tell, process.shutdown.clone());
        process.spawn("bus", async move { Ok(watcher.await?) });
        Ok(bus)
    }

    /// The incarnation of the store; `None` while it is not known. Changes when the store was wiped.
    pub fn epoch(&self) -> watch::Receiver<Option<Epoch>> {
        self.epoch.clone()
    }

    /// Counts connections; changes on every reconnect.
    pub fn connections(&self) -> watch::Receiver<u64> {
        self.connected.clone()
    }

    /// Waits until the store can be used, or shutdown.
    pub async fn usable(&self, shutdown: &CancellationToken) {
        let mut reachable = self.reachable.clone();
        tokio::select! {
            _ = reachable.wait_for(|reachable| *reachable) => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Waits until nothing was heard of the store for some seconds.
    pub(crate) async fn lost(&self) {
        let mut reachable = self.reachable.clone();
        drop(reachable.wait_for(|reachable| !reachable).await);
    }

    pub(crate) fn check_version(&self) -> Result<(), Error> {
        let found = self.client.server_info().version;
        if parse_version(&found).is_some_and(|version| version < VERSION_FLOOR) {
            return Err(Error::TooOld { found, floor: VERSION_FLOOR_TEXT });
        }
        Ok(())
    }
}

/// `2.15.2-beta` is read as 2.15.2; what is no version is left to the server's own errors.
fn parse_version(text: &str) -> Option<(u64, u64, u64)> {
    let numbers = text.split(['-', '+']).next()?;
    let mut parts = numbers.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
}

fn log(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => tracing::warn!("disconnected from NATS"),
        other => tracing::warn!(nats.event = %other, "NATS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(parse_version("2.14.3").unwrap() < VERSION_FLOOR);
        assert!(parse_version("2.9.10").unwrap() < VERSION_FLOOR);
        assert!(parse_version("2.15.2-beta.1").unwrap() > VERSION_FLOOR);
        assert_eq!(parse_version(""), None);
    }
}
