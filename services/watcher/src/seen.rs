//! The `ConfigMaps` that were ever seen. One that was never there means built-in defaults; one that was and is gone
//! means that somebody must look. Kept on the leader's Lease, so that a restart does not forget it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<BTreeSet<String>>>);

impl Seen {
    /// Reads what [`text`](Self::text) wrote.
    pub(crate) fn parse(text: &str) -> Self {
        let names = text.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        Self(Arc::new(Mutex::new(names)))
    }

    /// Neither namespaces nor names hold a slash or a comma.
    pub(crate) fn text(&self) -> String {
        self.lock().iter().cloned().collect::<Vec<_>>().join(",")
    }

    pub(crate) fn add(&self, namespace: &str, name: &str) {
        self.lock().insert(key(namespace, name));
    }

    pub(crate) fn contains(&self, namespace: &str, name: &str) -> bool {
        self.lock().contains(&key(namespace, name))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_read_back_as_it_was_written() {
        let seen = Seen::default();
        assert_eq!(Seen::parse(&seen.text()).text(), "");
        seen.add("shop", "cloud-resource-config");
        seen.add("operator", "cloud-resources-aws-strategies");
        let read = Seen::parse(&seen.text());
        assert!(read.contains("shop", "cloud-resource-config"));
        assert!(read.contains("operator", "cloud-resources-aws-strategies"));
        assert!(!read.contains("operator", "cloud-resource-config"), "it is another namespace's");
    }
}
