//! When to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C, and what `kill` sends.
pub(crate) struct Signals([Signal; 2]);

impl Signals {
    pub(crate) fn listen() -> anyhow::Result<Self> {
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    pub(crate) async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}
