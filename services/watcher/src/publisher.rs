//! Who may publish next: fairly, and never more than the workers can take.

mod queue;

use std::collections::BTreeMap;
use std::time::Duration;

use bus::Bus;
use proto::{Kind, Provider};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::queue::Queue;
use crate::error::Error;

/// Undelivered messages a consumer may have before publishing to it waits.
const WINDOW: u64 = 256;
const LOOK: Duration = Duration::from_millis(100);
/// Streams and consumers that were lost are made again in this time.
const SILENCE: Duration = Duration::from_secs(5);
/// A pass that waits longer looks at its claim again: it may be deleted meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

type Consumer = (Provider, Kind);
type Admission = oneshot::Sender<Result<(), bus::Error>>;

/// Admits publishes one by one. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Publisher(mpsc::UnboundedSender<Request>);

struct Request {
    consumer: Consumer,
    namespace: String,
    is_deletion: bool,
    admit: Admission,
}

impl Publisher {
    /// A publisher and the task that serves it.
    pub(crate) fn new(bus: Bus) -> (Self, impl Future<Output = anyhow::Result<()>>) {
        let (sender, requests) = mpsc::unbounded_channel();
        (Self(sender), serve(bus, requests))
    }

    /// Waits for the turn of this namespace; deletions go first. Fails when the bus does not answer, or too many are
    /// before it.
    pub(crate) async fn admit(
        &self,
        consumer: Consumer,
        namespace: &str,
        is_deletion: bool,
    ) -> Result<(), Error> {
        let (admit, admitted) = oneshot::channel();
        let namespace = namespace.to_owned();
        // Whoever admits ends only with the leader.
        let _ = self.0.send(Request { consumer, namespace, is_deletion, admit });
        match tokio::time::timeout(PATIENCE, admitted).await {
            Ok(Ok(admitted)) => admitted.map_err(Error::bus("publish an item")),
            Ok(Err(_)) | Err(_) => Err(Error::Queued),
        }
    }
}

/// One queue for each consumer, so that none waits for another's workers.
async fn serve(bus: Bus, mut requests: mpsc::UnboundedReceiver<Request>) -> anyhow::Result<()> {
    let mut queues: BTreeMap<Consumer, mpsc::UnboundedSender<Request>> = BTreeMap::new();
    let mut tasks = JoinSet::new();
    while let Some(request) = requests.recv().await {
        let consumer = request.consumer;
        let queue = queues.entry(consumer).or_insert_with(|| {
            let (sender, requests) = mpsc::unbounded_channel();
            tasks.spawn(serve_one(bus.clone(), consumer, requests));
            sender
        });
        let _ = queue.send(request);
    }
    Ok(())
}

async fn serve_one(
    bus: Bus,
    (provider, kind): Consumer,
    mut requests: mpsc::UnboundedReceiver<Request>,
) {
    let mut queue: Queue<Admission> = Queue::default();
    let (mut room, mut answered) = (0, Instant::now());
    loop {
        let next = if queue.is_empty() { requests.recv().await } else { requests.try_recv().ok() };
        match next {
            Some(request) => {
                if queue.is_empty() {
                    answered = Instant::now();
                }
                queue.push(&request.namespace, request.is_deletion, request.admit);
                continue;
            }
            None if queue.is_empty() => return,
            None => {}
        }
        if room == 0 {
            match bus.undelivered(provider, kind).await {
                Ok(waiting) => (room, answered) = (WINDOW.saturating_sub(waiting), Instant::now()),
                Err(error) if answered.elapsed() >= SILENCE => {
                    let _ = queue.pop().map(|admit| admit.send(Err(error)));
                    continue;
                }
                Err(_) => {}
            }
        }
        if room == 0 {
            tokio::time::sleep(LOOK).await;
        } else if queue.pop().is_some_and(|admit| admit.send(Ok(())).is_ok()) {
            // One that nobody waits for any more takes no room.
            room -= 1;
        }
    }
}
