//! Waiting for what has no watch.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const PERIOD: Duration = Duration::from_millis(20);

/// Polls until there is a value. An error counts as "not yet", and is shown when the time is over.
pub async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut poll: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        let answer = poll().await;
        if let Ok(Some(value)) = answer {
            return Ok(value);
        }
        if Instant::now() > deadline {
            let late = anyhow::anyhow!("{what}: not within {} s", patience.as_secs());
            return Err(answer.err().map_or_else(|| late, |error| error.context(what.to_owned())));
        }
        sleep(PERIOD).await;
    }
}
