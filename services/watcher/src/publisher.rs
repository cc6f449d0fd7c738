//! Who may publish next: fairly, and never more than the workers can take.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bus::Bus;
use proto::{Kind, Provider};
use tokio::sync::{mpsc, oneshot};

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

/// Deletions first, then round robin over namespaces.
struct Queue<T> {
    deletions: VecDeque<T>,
    turns: VecDeque<String>,
    waiting: BTreeMap<String, VecDeque<T>>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { deletions: VecDeque::new(), turns: VecDeque::new(), waiting: BTreeMap::new() }
    }
}

impl<T> Queue<T> {
    fn push(&mut self, namespace: &str, is_deletion: bool, value: T) {
        if is_deletion {
            self.deletions.push_back(value);
            return;
        }
        let waiting = self.waiting.entry(namespace.to_owned()).or_default();
        if waiting.is_empty() {
            self.turns.push_back(namespace.to_owned());
        }
        waiting.push_back(value);
    }

    fn pop(&mut self) -> Option<T> {
        if let Some(value) = self.deletions.pop_front() {
            return Some(value);
        }
        let namespace = self.turns.pop_front()?;
        let waiting = self.waiting.get_mut(&namespace)?;
        let value = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&namespace);
        } else {
            self.turns.push_back(namespace);
        }
        value
    }

    fn is_empty(&self) -> bool {
        self.deletions.is_empty() && self.turns.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drain<T>(queue: &mut Queue<T>) -> Vec<T> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn a_noisy_namespace_does_not_hold_up_a_quiet_one() {
        let mut queue = Queue::default();
        for number in 0..500 {
            queue.push("noisy", false, format!("noisy-{number}"));
        }
        queue.push("quiet", false, "quiet-0".to_owned());
        assert!(drain(&mut queue).iter().position(|it| it == "quiet-0") <= Some(1));
    }

    #[test]
    fn deletions_go_first() {
        let mut queue = Queue::default();
        queue.push("a", false, "create");
        queue.push("a", true, "delete");
        assert_eq!(drain(&mut queue), ["delete", "create"]);
    }

    proptest! {
        #[test]
        fn everything_comes_out_once_and_in_order_within_its_namespace(
            pushes in prop::collection::vec((0..5_u8, any::<bool>()), 0..100),
        ) {
            let mut queue = Queue::default();
            for (number, (namespace, is_deletion)) in pushes.iter().enumerate() {
                queue.push(&namespace.to_string(), *is_deletion, (*namespace, *is_deletion, number));
            }
            let popped = drain(&mut queue);
            prop_assert_eq!(popped.len(), pushes.len());
            prop_assert!(queue.is_empty());
            for namespace in 0..5 {
                let numbers: Vec<usize> = popped
                    .iter()
                    .filter(|it| it.0 == namespace && !it.1)
                    .map(|it| it.2)
                    .collect();
                prop_assert!(numbers.is_sorted());
            }
        }
    }
}
