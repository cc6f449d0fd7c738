//! Waiting for what has no watch.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep, timeout, timeout_at};

const PERIOD: Duration = Duration::from_millis(20);

/// Polls until there is a value. An error counts as "not yet", and is shown when the time is over.
pub async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut poll: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        // Whoever is asked may never answer.
        let answer = timeout_at(deadline, poll()).await.unwrap_or(Ok(None));
        if let Ok(Some(value)) = answer {
            return Ok(value);
        }
        if Instant::now() > deadline {
            let late = format!("{what}: not within {} s", patience.as_secs());
            return Err(match answer {
                Err(error) => error.context(late),
                Ok(_) => anyhow::anyhow!(late),
            });
        }
        sleep(PERIOD).await;
    }
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
