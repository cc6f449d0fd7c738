//! The right to act on one uid, for a time.

use std::sync::Arc;
use std::time::Duration;

use proto::{Provider, Subject, Uid, wire};
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::connection::Bus;
use crate::error::Error;
use crate::store::Stored;

const TTL: Duration = Duration::from_secs(30);
const RENEW: Duration = Duration::from_secs(10);
/// The shortest the server takes.
const RELEASED_TTL: Duration = Duration::from_secs(1);

/// A held lease. Renewed in the background; released when dropped.
pub struct Lease {
    held: Arc<Held>,
    renewal: AbortHandle,
}

struct Held {
    bus: Bus,
    subject: Subject,
    lease: wire::Lease,
    last: Mutex<Option<Renewal>>,
}

/// The last write that succeeded, and when it was sent: from then on, not from its answer, time counts.
#[derive(Clone, Copy)]
struct Renewal {
    sequence: u64,
    sent: Instant,
}

impl Bus {
    /// Takes the lease of a uid; `None` when another replica holds it.
    pub async fn lease(&self, provider: Provider, uid: &Uid) -> Result<Option<Lease>, Error> {
        let subject = Subject::Lease(provider, uid.clone());
        let lease = wire::Lease { holder: uuid::Uuid::new_v4().to_string() };
        // An expired lease leaves nothing behind, so most often nothing is there.
        let mut expected = 0;
        for _ in 0..2 {
            let sent = Instant::now();
            match self.write(&subject, &lease, expected, Some(TTL)).await {
                Ok(sequence) => {
                    let last = Mutex::new(Some(Renewal { sequence, sent }));
                    self.metrics.leases_held.inc();
                    return Ok(Some(Lease::new(Held { bus: self.clone(), subject, lease, last })));
                }
                Err(Error::Conflict) => {
                    let stored: Stored<wire::Lease> = self.read(&subject).await?;
                    if stored.value.is_some() {
                        return Ok(None);
                    }
                    expected = stored.sequence;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

impl Lease {
    fn new(held: Held) -> Self {
        let held = Arc::new(held);
        let renewed = held.clone();
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEW).await;
                if renewed.renew().await.is_err() {
                    break;
                }
            }
        })
        .abort_handle();
        Self { held, renewal }
    }

    /// Makes sure that at least `needed` of the lease is left, renewing it if it must.
    pub async fn ensure(&self, needed: Duration) -> Result<(), Error> {
        if self.held.left().await.is_some_and(|left| left >= needed) {
            return Ok(());
        }
        self.held.renew().await
    }

    /// Gives the lease back at once.
    pub async fn release(self) {
        self.renewal.abort();
        self.held.release().await;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
        let held = self.held.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { held.release().await });
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.bus.metrics.leases_held.dec();
    }
}

impl Held {
    async fn left(&self) -> Option<Duration> {
        (*self.last.lock().await).map(|last| TTL.saturating_sub(last.sent.elapsed()))
    }

    async fn renew(&self) -> Result<(), Error> {
        let mut last = self.last.lock().await;
        let held = last.ok_or(Error::LeaseLost)?;
        let sent = Instant::now();
        match self.bus.write(&self.subject, &self.lease, held.sequence, Some(TTL)).await {
            Ok(sequence) => {
                *last = Some(Renewal { sequence, sent });
                Ok(())
            }
            // Not confirmed: it may be ours still, but the sequence is unknown, so it counts as lost.
            Err(error) => {
                *last = None;
                self.bus.metrics.leases_lost.inc();
                tracing::warn!(error = %error, "lease lost");
                Err(Error::LeaseLost)
            }
        }
    }

    async fn release(&self) {
        let Some(held) = self.last.lock().await.take() else { return };
        if let Err(error) = self.bus.blank(&self.subject, held.sequence, RELEASED_TTL).await {
            tracing::debug!(error = %error, "lease left to expire");
        }
    }
}
