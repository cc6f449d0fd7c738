//! What leaders have seen and the next one must know. Kept on the leader's Lease, so that a restart does not forget it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// One that was never there means built-in defaults; one that was and is gone means that somebody must look.
    config_maps: BTreeSet<String>,
    /// What names and tags on AWS carry: another one would find nothing again, and make a second network.
    cluster_id: Option<String>,
    /// Region of the network of databases, from when it is asked for until it is gone.
    network: Option<String>,
}

impl Seen {
    /// Reads what [`config_maps`](Self::config_maps), [`cluster_id`](Self::cluster_id) and
    /// [`network`](Self::network) gave.
    pub(crate) fn parse(
        config_maps: &str,
        cluster_id: Option<&str>,
        network: Option<&str>,
    ) -> Self {
        let config_maps =
            config_maps.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let (cluster_id, network) = (cluster_id.map(str::to_owned), network.map(str::to_owned));
        Self(Arc::new(Mutex::new(State { config_maps, cluster_id, network })))
    }

    /// Neither namespaces nor names hold a slash or a comma.
    pub(crate) fn config_maps(&self) -> String {
        self.lock().config_maps.iter().cloned().collect::<Vec<_>>().join(",")
    }

    pub(crate) fn add(&self, namespace: &str, name: &str) {
        self.lock().config_maps.insert(key(namespace, name));
    }

    pub(crate) fn contains(&self, namespace: &str, name: &str) -> bool {
        self.lock().config_maps.contains(&key(namespace, name))
    }

    /// The id that was used first.
    pub(crate) fn cluster_id(&self) -> Option<String> {
        self.lock().cluster_id.clone()
    }

    /// Something on AWS will carry this id.
    pub(crate) fn use_cluster_id(&self, id: &str) {
        self.lock().cluster_id.get_or_insert_with(|| id.to_owned());
    }

    /// Region of the network that may be there.
    pub(crate) fn network(&self) -> Option<String> {
        self.lock().network.clone()
    }

    pub(crate) fn set_network(&self, region: Option<&str>) {
        self.lock().network = region.map(str::to_owned);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
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
        assert_eq!(Seen::parse(&seen.config_maps(), None, None).config_maps(), "");
        seen.add("shop", "cloud-resource-config");
        seen.add("operator", "cloud-resources-aws-strategies");
        let read = Seen::parse(&seen.config_maps(), None, None);
        assert!(read.contains("shop", "cloud-resource-config"));
        assert!(read.contains("operator", "cloud-resources-aws-strategies"));
        assert!(!read.contains("operator", "cloud-resource-config"), "it is another namespace's");
    }

    #[test]
    fn the_first_cluster_id_stays() {
        let seen = Seen::parse("", None, None);
        seen.use_cluster_id("first");
        seen.use_cluster_id("second");
        assert_eq!(
            Seen::parse("", seen.cluster_id().as_deref(), None).cluster_id().unwrap(),
            "first"
        );
    }
}
