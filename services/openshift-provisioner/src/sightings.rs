//! What turns have read already: an event about it brings no news, so it is worth no turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The newest version that was read of each object, by its uid. Cheap to clone.
///
/// Versions of one kind are compared as numbers
/// (<https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>).
#[derive(Clone, Default)]
pub struct Sightings(Arc<Mutex<HashMap<String, u64>>>);

impl Sightings {
    /// A turn has read this.
    pub fn note(&self, metadata: &ObjectMeta) {
        if let (Some(uid), Some(version)) = (&metadata.uid, version(metadata)) {
            let mut seen = self.lock();
            let newest = seen.entry(uid.clone()).or_default();
            *newest = version.max(*newest);
        }
    }

    /// Whether a turn has read this version, or a newer one.
    pub fn has(&self, metadata: &ObjectMeta) -> bool {
        let seen = metadata.uid.as_ref().and_then(|uid| self.lock().get(uid).copied());
        version(metadata).is_some_and(|version| seen >= Some(version))
    }

    /// The object is gone.
    pub fn forget(&self, metadata: &ObjectMeta) {
        self.lock().remove(metadata.uid.as_deref().unwrap_or_default());
    }

    /// After a gap in the events nothing is taken for known.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn version(metadata: &ObjectMeta) -> Option<u64> {
    metadata.resource_version.as_ref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(uid: &str, version: &str) -> ObjectMeta {
        ObjectMeta {
            uid: Some(uid.to_owned()),
            resource_version: Some(version.to_owned()),
            ..ObjectMeta::default()
        }
    }

    #[test]
    fn what_was_read_is_no_news_and_what_came_later_is() {
        let sightings = Sightings::default();
        assert!(!sightings.has(&object("a", "9")));
        sightings.note(&object("a", "10"));
        sightings.note(&object("a", "9"));
        assert!(sightings.has(&object("a", "9")) && sightings.has(&object("a", "10")));
        assert!(!sightings.has(&object("a", "11")));
        assert!(!sightings.has(&object("b", "9")), "another object of that name");
        sightings.forget(&object("a", "12"));
        assert!(!sightings.has(&object("a", "10")));
    }

    #[test]
    fn a_version_that_is_no_number_is_always_news() {
        let sightings = Sightings::default();
        sightings.note(&object("a", "x"));
        assert!(!sightings.has(&object("a", "x")));
    }
}
