//! The services on this machine, for a cluster elsewhere.

use std::time::Duration;

use stack::{Away, Folder};
use tokio::time::{interval, timeout};

use crate::signals::Signals;

/// What does not stop by itself in this time is killed.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs until Ctrl-C.
pub async fn run(namespace: &str) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let folder = Folder::make("cluster")?;
    println!("logs: {}", folder.path().join("logs").display());
    let mut away = tokio::select! {
        started = Away::start(folder.path(), namespace) => started?,
        () = signals.next() => return Ok(()),
    };
    println!("the services are ready; Ctrl-C stops them");
    let mut second = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = second.tick() => away.revive()?,
            () = signals.next() => break,
        }
    }
    println!("\nstopping");
    drop(timeout(DRAIN, away.stop()).await);
    Ok(())
}
