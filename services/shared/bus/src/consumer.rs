//! Pulls deliveries, never more than there are free slots.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{PullConsumer, pull};
use futures::StreamExt as _;
use proto::Subject;
use service::CancellationToken;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::connection::Bus;
use crate::delivery::{Delivery, Disposition, Origin};
use crate::error::Error;
use crate::store::{Message, trace};

/// A pull ends after this, so shutdown waits no longer for it. New messages reach an open pull at once.
const PULL: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(500);

/// The pull loop has ended because of shutdown, and every delivery was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Hands every delivery of a durable consumer to `handle`, at most `slots` at a time, until shutdown.
pub async fn consume<T, F>(
    bus: Bus,
    stream: &'static str,
    durable: String,
    slots: usize,
    shutdown: CancellationToken,
    handle: impl Fn(Delivery<T>) -> F,
) -> Stopped
where
    T: Message + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let free = Arc::new(Semaphore::new(slots));
    let mut running = JoinSet::new();
    while !shutdown.is_cancelled() {
        bus.usable(&shutdown).await;
        match pull(&bus, stream, &durable, &free).await {
            Ok(mut batch) => {
                while let Some(message) = batch.next().await {
                    let Ok(permit) = free.clone().acquire_owned().await else { break };
                    let Some((delivery, span)) = receive(&bus, stream, message).await else {
                        continue;
                    };
                    let work = handle(delivery).instrument(span);
                    running.spawn(async move {
                        work.await;
                        drop(permit);
                    });
                }
                while running.try_join_next().is_some() {}
            }
            Err(error) => {
                tracing::debug!(consumer = durable, error = %error, "failed to pull");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    while running.join_next().await.is_some() {}
    Stopped
}

/// Bound anew for each pull: the consumer may have been made again.
async fn pull(
    bus: &Bus,
    stream: &str,
    durable: &str,
    free: &Semaphore,
) -> Result<pull::Batch, Error> {
    drop(free.acquire().await);
    let consumer: PullConsumer = bus
        .context
        .get_consumer_from_stream(durable, stream)
        .await
        .map_err(Error::api("bind to a consumer"))?;
    consumer
        .batch()
        .max_messages(free.available_permits().max(1))
        .expires(PULL)
        .messages()
        .await
        .map_err(Error::api("pull"))
}

async fn receive<T: Message>(
    bus: &Bus,
    stream: &'static str,
    message: Result<jetstream::Message, async_nats::Error>,
) -> Option<(Delivery<T>, tracing::Span)> {
    let message =
        message.inspect_err(|error| tracing::debug!(error = %error, "pull interrupted")).ok()?;
    let info = message.info().ok()?;
    let sequence = info.stream_sequence;
    let origin = Origin::now(bus, stream, info.published.unix_timestamp_nanos());
    let Ok(subject) = message.subject.as_str().parse::<Subject>() else {
        tracing::warn!(bus.subject = %message.subject, "not a subject of ours");
        let _ = message.double_ack_with(jetstream::AckKind::Term).await;
        return None;
    };
    let span = tracing::info_span!("delivery", claim.uid = %subject.uid(), bus.subject = %subject);
    let headers = message.headers.as_ref();
    service::trace::continue_from(&span, &headers.map(trace).unwrap_or_default());
    let value = bus.verified(&subject, &message.payload);
    let delivery = Delivery::new(subject, sequence, value, message, origin);
    if delivery.value.is_none() && !delivery.is_blank {
        // The watcher's audit finds what is missing now, and publishes it again.
        let _ = delivery.settle(Disposition::Term).await;
        return None;
    }
    Some((delivery, span))
}
