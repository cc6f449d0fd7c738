//! Who is next: deletions first, then round robin over namespaces. Pure.

use std::collections::{BTreeMap, VecDeque};

/// What waits, by namespace.
pub(super) struct Queue<T> {
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
    pub(super) fn push(&mut self, namespace: &str, is_deletion: bool, value: T) {
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

    pub(super) fn pop(&mut self) -> Option<T> {
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

    pub(super) fn is_empty(&self) -> bool {
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
