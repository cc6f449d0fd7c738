//! Where turns come from: deliveries and wakes.

use std::sync::Arc;
use std::time::Duration;

use bus::topology::{WORK, consumer_name};
use bus::{Bus, Delivery, Disposition, Stored};
use proto::{Kind, Subject, Uid, WorkItem};
use service::{CancellationToken, Process};
use tokio::sync::{Semaphore, mpsc};
use tracing::Instrument as _;

use crate::config::{NotServed, WorkConfig};
use crate::disposition::CONTENDED;
use crate::metrics::WorkerMetrics;
use crate::turns::{Provisioner, Turns};
use crate::wake::{InHand, Waker};

/// Wakes that are worked on at once. Few, so that a burst of events on one claim becomes one turn.
const WAKE_SLOTS: usize = 8;

/// Works for one provider. Cheap to clone.
pub struct Worker<P> {
    turns: Arc<Turns<P>>,
    in_hand: InHand,
    /// Uids that already wait for another wake: one timer each.
    waiting: InHand,
    /// Uids whose wake waits for a free slot: events that come meanwhile are one.
    queued: InHand,
    waker: Waker,
}

impl<P> Clone for Worker<P> {
    fn clone(&self) -> Self {
        Self {
            turns: self.turns.clone(),
            in_hand: self.in_hand.clone(),
            waiting: self.waiting.clone(),
            queued: self.queued.clone(),
            waker: self.waker.clone(),
        }
    }
}

impl<P: Provisioner> Worker<P> {
    /// Adds the tasks of a worker to the process: a pull loop for each kind that it takes, and the wakes.
    /// Returns what gives claims a turn without a delivery.
    pub fn start(
        bus: &Bus,
        config: &WorkConfig,
        provisioner: P,
        process: &mut Process,
    ) -> Result<Waker, NotServed> {
        let (slots, kinds) = (usize::from(config.concurrency), config.taken(P::PROVIDER)?);
        let (sender, asked) = mpsc::unbounded_channel();
        let metrics = WorkerMetrics::register(&process.metrics);
        let worker = Self {
            turns: Arc::new(Turns { bus: bus.clone(), provisioner, metrics }),
            in_hand: InHand::default(),
            waiting: InHand::default(),
            queued: InHand::default(),
            waker: Waker(sender),
        };
        for kind in kinds {
            let (worker, bus, shutdown) = (worker.clone(), bus.clone(), process.shutdown.clone());
            process.spawn("deliveries", async move {
                let durable = consumer_name(P::PROVIDER, kind);
                let deliver = move |delivery| worker.clone().deliver(delivery);
                bus::consume(bus, WORK, durable, slots, shutdown, deliver).await;
                Ok(())
            });
        }
        let waker = worker.waker.clone();
        let shutdown = process.shutdown.clone();
        process.spawn("wakes", async move {
            worker.run_wakes(asked, shutdown).await;
            Ok(())
        });
        Ok(waker)
    }

    async fn deliver(self, delivery: Delivery<WorkItem>) {
        let disposition = match &delivery.value {
            Some(item) => self.work_on(item).await,
            None => Some(Disposition::Ack),
        };
        // In hand already: whoever works on it does one more run with the newest item.
        let disposition = disposition.unwrap_or(Disposition::Nak(CONTENDED));
        if let Err(error) = delivery.settle(disposition).await {
            tracing::debug!(error = %error, "a delivery will come again");
        }
    }

    async fn run_wakes(
        self,
        mut asked: mpsc::UnboundedReceiver<(Kind, Uid)>,
        shutdown: CancellationToken,
    ) {
        let slots = Arc::new(Semaphore::new(WAKE_SLOTS));
        while let Some((kind, uid)) = tokio::select! {
            wake = asked.recv() => wake,
            () = shutdown.cancelled() => None,
        } {
            let Some(queued) = self.queued.take(&uid) else { continue };
            let (worker, slots) = (self.clone(), slots.clone());
            tokio::spawn(async move {
                let _slot = slots.acquire().await;
                drop(queued);
                worker.wake(kind, uid).await;
            });
        }
    }

    /// Works on the item that lies on WORK. What is not settled is tried again here: its delivery may be acked.
    async fn wake(self, kind: Kind, uid: Uid) {
        let subject = Subject::Work(P::PROVIDER, kind, uid.clone());
        let disposition = match self.turns.bus.read::<WorkItem>(&subject).await {
            Ok(Stored { value: Some(item), trace, .. }) => {
                let span = tracing::info_span!("wake", claim.kind = %kind, claim.uid = %uid);
                // Of the same trace as the delivery of that item.
                service::trace::continue_from(&span, &trace);
                self.work_on(&item).instrument(span).await
            }
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(error = %error, "failed to read the item to wake");
                Some(Disposition::Nak(CONTENDED))
            }
        };
        if let Some(Disposition::Nak(delay)) = disposition {
            self.wake_after(delay, kind, uid);
        }
    }

    fn wake_after(&self, delay: Duration, kind: Kind, uid: Uid) {
        let Some(wait) = self.waiting.take(&uid) else { return };
        let waker = self.waker.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            drop(wait);
            waker.wake(kind, uid);
        });
    }

    /// `None` when the uid is in hand already; its holder then runs once more.
    async fn work_on(&self, item: &WorkItem) -> Option<Disposition> {
        let uid = &item.identity.uid;
        let hold = self.in_hand.take(uid)?;
        let disposition = self.turns.work_on(item).await;
        if hold.give_back() {
            self.waker.wake(item.identity.kind, uid.clone());
        }
        Some(disposition)
    }
}
