//! One handing-over of a message.

use std::time::Duration;

use async_nats::jetstream::{self, AckKind};
use proto::Subject;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::connection::Bus;
use crate::epoch::Epoch;
use crate::error::Error;
use crate::topology::ACK_WAIT;

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Handled: never again.
    Ack,
    /// Again, after this delay.
    Nak(Duration),
    /// It can never be handled.
    Term,
    /// Nothing: another message took its place, and with that the server has freed it.
    Leave,
}

/// A message in our hands. While it lives, the server hears that we are still working; dropped without being
/// settled, it is handed over again at once, so an early return can never swallow a message.
pub struct Delivery<T> {
    /// Where it was published.
    pub subject: Subject,
    /// Its sequence in the stream.
    pub sequence: u64,
    /// What it says; `None` when it was blanked or cannot be verified.
    pub value: Option<T>,
    /// True when the message is empty on purpose.
    pub is_blank: bool,
    message: Option<jetstream::Message>,
    origin: Origin,
    progress: AbortHandle,
}

/// The store that handed a message over. When it was wiped since, our sequence may be another message's, and the server
/// compares nothing else: settling ours would swallow that one.
pub(crate) struct Origin {
    stream: &'static str,
    published_ns: i128,
    then: Option<Epoch>,
    epoch: watch::Receiver<Option<Epoch>>,
}

impl Origin {
    /// A message of `stream`, stored at `published_ns` since the Unix epoch, that was received now.
    pub(crate) fn now(bus: &Bus, stream: &'static str, published_ns: i128) -> Self {
        let epoch = bus.epoch();
        let then = epoch.borrow().clone();
        Self { stream, published_ns, then, epoch }
    }

    fn is_gone(&self) -> bool {
        let now = self.epoch.borrow();
        let (Some(then), Some(now)) = (&self.then, &*now) else { return false };
        now.has_lost(self.stream, self.published_ns, then)
    }
}

impl<T> Delivery<T> {
    pub(crate) fn new(
        subject: Subject,
        sequence: u64,
        value: Option<T>,
        message: jetstream::Message,
        origin: Origin,
    ) -> Self {
        let progress = report_progress(message.clone());
        let is_blank = message.payload.is_empty();
        Self { subject, sequence, value, is_blank, message: Some(message), origin, progress }
    }

    /// Settles it, confirmed by the server. Does nothing when its stream was made again since.
    pub async fn settle(mut self, disposition: Disposition) -> Result<(), Error> {
        self.progress.abort();
        let message = self.message.take().filter(|_| !self.origin.is_gone());
        let Some(message) = message else { return Ok(()) };
        match disposition {
            Disposition::Leave => return Ok(()),
            Disposition::Ack => message.double_ack().await,
            Disposition::Nak(delay) => message.double_ack_with(AckKind::Nak(Some(delay))).await,
            Disposition::Term => message.double_ack_with(AckKind::Term).await,
        }
        .map_err(Error::Settle)
    }
}

impl<T> Drop for Delivery<T> {
    fn drop(&mut self) {
        self.progress.abort();
        let message = self.message.take().filter(|_| !self.origin.is_gone());
        if let (Some(message), Ok(runtime)) = (message, tokio::runtime::Handle::try_current()) {
            // Lost, it costs the rest of the ack wait.
            runtime.spawn(async move { message.ack_with(AckKind::Nak(None)).await });
        }
    }
}

fn report_progress(message: jetstream::Message) -> AbortHandle {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(ACK_WAIT / 3).await;
            if let Err(error) = message.ack_with(AckKind::Progress).await {
                tracing::debug!(error = %error, "failed to report progress");
            }
        }
    })
    .abort_handle()
}
