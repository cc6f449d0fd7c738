//! Keeps streams and consumers as they should be. Whoever leads makes them; nobody deletes them.

use std::time::Duration;

use bus::{Bus, Error};

const PERIOD: Duration = Duration::from_secs(30);
const RETRY: Duration = Duration::from_millis(250);

/// Makes them at start, after each reconnect and every 30 s: a wiped store comes back by itself. Fails when NATS has
/// fewer servers than this replica was told: one that was told otherwise may be waiting for the lead.
pub(crate) async fn keep(bus: Bus, replicas: usize) -> anyhow::Result<()> {
    let mut connections = bus.connections();
    let mut told = String::new();
    loop {
        let pause = match bus.ensure_topology(replicas).await {
            Ok(()) => {
                told.clear();
                PERIOD
            }
            Err(error @ Error::Alone) => return Err(error.into()),
            Err(error) => {
                tell(&mut told, format!("{:#}", anyhow::Error::from(error)));
                RETRY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = connections.changed() => {}
        }
    }
}

/// Once for each cause: it is tried four times a second.
fn tell(told: &mut String, error: String) {
    if *told != error {
        tracing::warn!(error, "streams and consumers are not made yet");
        *told = error;
    }
}
