//! Who may publish next: fairly, and never more than the workers can take.

mod queue;

use std::collections::BTreeMap;
use std::time::Duration;

use bus::Bus;
use proto::{Kind, Provider};
use tokio::sync::{mpsc, oneshot};

use self::queue::Queue;

/// Undelivered messages a consumer may have before publishing to it waits.
const WINDOW: u64 = 256;
const LOOK: Duration = Duration::from_millis(100);

type Consumer = (Provider, Kind);

/// Admits publishes one by one. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Publisher(mpsc::UnboundedSender<Request>);

struct Request {
    consumer: Consumer,
    namespace: String,
    is_deletion: bool,
    admit: oneshot::Sender<()>,
}

impl Publisher {
    /// A publisher and the task that serves it.
    pub(crate) fn new(bus: Bus) -> (Self, impl Future<Output = anyhow::Result<()>>) {
        let (sender, requests) = mpsc::unbounded_channel();
        (Self(sender), serve(bus, requests))
    }

    /// Waits for the turn of this namespace; deletions go first.
    pub(crate) async fn admit(&self, consumer: Consumer, namespace: &str, is_deletion: bool) {
        let (admit, admitted) = oneshot::channel();
        let namespace = namespace.to_owned();
        if self.0.send(Request { consumer, namespace, is_deletion, admit }).is_ok() {
            let _ = admitted.await;
        }
    }
}

async fn serve(bus: Bus, mut requests: mpsc::UnboundedReceiver<Request>) -> anyhow::Result<()> {
    let mut queues: BTreeMap<Consumer, (Queue<oneshot::Sender<()>>, u64)> = BTreeMap::new();
    loop {
        let is_idle = queues.values().all(|(queue, _)| queue.is_empty());
        let next = if is_idle { requests.recv().await } else { requests.try_recv().ok() };
        match next {
            Some(request) => {
                let (queue, _) = queues.entry(request.consumer).or_default();
                queue.push(&request.namespace, request.is_deletion, request.admit);
                continue;
            }
            None if is_idle => return Ok(()),
            None => {}
        }
        let mut is_blocked = true;
        for ((provider, kind), (queue, room)) in &mut queues {
            if !queue.is_empty() && *room == 0 {
                let waiting = bus.undelivered(*provider, *kind).await.unwrap_or(WINDOW);
                *room = WINDOW.saturating_sub(waiting);
            }
            if *room > 0
                && let Some(admit) = queue.pop()
            {
                *room -= 1;
                is_blocked = false;
                let _ = admit.send(());
            }
        }
        if is_blocked {
            tokio::time::sleep(LOOK).await;
        }
    }
}
