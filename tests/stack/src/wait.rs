//! Waiting for what has no watch.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep, timeout, timeout_at};

const PERIOD: Duration = Duration::from_millis(20);

/// How long a test waits for what should take seconds at most: machines may be slow.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Polls until there is a value. An error counts as "not yet"; the last one is shown when the time is over.
pub async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut poll: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + patience;
    let mut last = None;
    // Whoever is asked may never answer.
    while let Ok(answer) = timeout_at(deadline, poll()).await {
        match answer {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => last = None,
            Err(error) => last = Some(error),
        }
        if Instant::now() > deadline {
            break;
        }
        sleep(PERIOD).await;
    }
    let late = format!("{what}: not within {} s", patience.as_secs());
    Err(match last {
        Some(error) => error.context(late),
        None => anyhow::anyhow!(late),
    })
}

/// Waits for a watch to see something.
pub(crate) fn within<T, E>(
    patience: Duration,
    what: String,
    watch: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = anyhow::Result<()>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    // Watches are large.
    let watch = Box::pin(watch);
    async move {
        let seen = timeout(patience, watch).await;
        seen.with_context(|| format!("{what}: not within {} s", patience.as_secs()))??;
        Ok(())
    }
}
