//! Watches that get over whatever the API server answers.

use std::fmt::Debug;

use futures::{Stream, StreamExt as _, stream};
use kube::Resource;
use kube::api::Api;
use kube::runtime::{WatchStreamExt as _, watcher};
use serde::de::DeserializeOwned;

/// After this many failed starts in a row a watch begins with a new list.
const FAILED_STARTS: u32 = 5;

/// Watches for ever, with the default backoff.
pub(crate) fn watch<K>(
    api: Api<K>,
    config: watcher::Config,
) -> impl Stream<Item = watcher::Result<watcher::Event<K>>> + Send
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    restarting(move || watcher(api.clone(), config.clone()).boxed()).default_backoff()
}

/// kube starts a failed watch again at the same resource version. When the API server answers the start itself with
/// 410, that goes on for ever; only a new list helps.
fn restarting<K, S>(
    make: impl Fn() -> S + Send,
) -> impl Stream<Item = watcher::Result<watcher::Event<K>>> + Send
where
    S: Stream<Item = watcher::Result<watcher::Event<K>>> + Unpin + Send,
    K: Send,
{
    stream::unfold((make(), 0, make), |(mut watch, mut failed_starts, make)| async move {
        let event = watch.next().await?;
        failed_starts = match &event {
            Err(watcher::Error::WatchStartFailed(error)) if is_gone(error) => FAILED_STARTS,
            Err(watcher::Error::WatchStartFailed(_)) => failed_starts + 1,
            _ => 0,
        };
        if failed_starts >= FAILED_STARTS {
            (watch, failed_starts) = (make(), 0);
        }
        Some((event, (watch, failed_starts, make)))
    })
}

fn is_gone(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 410)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::core::Status;

    use super::*;

    type Event = watcher::Result<watcher::Event<ConfigMap>>;

    fn start_failed(code: u16) -> Event {
        let status = Status { code, ..Status::default() };
        Err(watcher::Error::WatchStartFailed(kube::Error::Api(Box::new(status))))
    }

    /// How many watches were made until `count` events have come.
    async fn watches(count: usize, event: fn(usize) -> Event) -> u32 {
        let count_made = AtomicU32::new(0);
        let number = AtomicU32::new(0);
        let make = || {
            count_made.fetch_add(1, Ordering::Relaxed);
            let next = || event(number.fetch_add(1, Ordering::Relaxed) as usize);
            stream::repeat_with(next)
        };
        restarting(make).take(count).count().await;
        count_made.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn watch02_a_watch_whose_start_is_answered_by_gone_begins_with_a_list() {
        assert_eq!(watches(3, |_| start_failed(410)).await, 4);
    }

    #[tokio::test]
    async fn other_failures_are_given_some_time() {
        assert_eq!(watches(4, |_| start_failed(503)).await, 1);
        assert_eq!(watches(5, |_| start_failed(503)).await, 2);
    }

    #[tokio::test]
    async fn a_watch_that_works_is_kept() {
        let mixed = |number| {
            if number % 3 == 0 { Ok(watcher::Event::Init) } else { start_failed(503) }
        };
        assert_eq!(watches(50, mixed).await, 1);
    }
}
