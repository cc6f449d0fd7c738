//! The Lease as a value. Pure but for the time.

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;

use super::DURATION;
use crate::seen::Seen;

/// Name of the Lease. The Go operator's is another one; taking over from it will hold both.
pub(super) const NAME: &str = "cloud-resource-operator-watcher";
/// Annotation: the `ConfigMaps` that were seen once.
const SEEN: &str = "integreatly.org/seen-config-maps";
/// Annotation: the cluster id that names and tags on AWS carry.
const CLUSTER_ID: &str = "integreatly.org/cluster-id";
/// Annotation: the region of the network of databases.
const NETWORK: &str = "integreatly.org/network-region";

/// Who holds it; `None`: nobody.
pub(super) fn holder(lease: &Lease) -> Option<&str> {
    let holder = lease.spec.as_ref()?.holder_identity.as_deref()?;
    Some(holder).filter(|holder| !holder.is_empty())
}

/// What its holders have seen.
pub(super) fn seen(lease: &Lease) -> Seen {
    let annotation =
        |name: &str| lease.metadata.annotations.as_ref()?.get(name).map(String::as_str);
    Seen::parse(annotation(SEEN).unwrap_or_default(), annotation(CLUSTER_ID), annotation(NETWORK))
}

/// The Lease as this holder leaves it; an empty holder gives it up.
pub(super) fn held(mut lease: Lease, holder: &str, seen: &Seen, now: Timestamp) -> Lease {
    lease.metadata.name = Some(NAME.to_owned());
    let annotations = lease.metadata.annotations.get_or_insert_default();
    annotations.insert(SEEN.to_owned(), seen.config_maps());
    annotations.extend(seen.cluster_id().map(|id| (CLUSTER_ID.to_owned(), id)));
    annotations.remove(NETWORK);
    annotations.extend(seen.network().map(|region| (NETWORK.to_owned(), region)));
    let spec = lease.spec.get_or_insert_default();
    if spec.holder_identity.as_deref() != Some(holder) {
        spec.acquire_time = Some(MicroTime(now));
        spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default() + 1);
    }
    spec.holder_identity = Some(holder.to_owned());
    spec.lease_duration_seconds = i32::try_from(DURATION.as_secs()).ok();
    spec.renew_time = Some(MicroTime(now));
    lease
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn what_was_seen_survives_on_the_lease() {
        let before = Seen::default();
        before.add("operator", "cloud-resource-config");
        before.use_cluster_id("first");
        before.set_network(Some("eu-west-1"));
        let lease = held(Lease::default(), "watcher-1", &before, NOW);
        assert!(seen(&lease).contains("operator", "cloud-resource-config"));
        assert_eq!(seen(&lease).cluster_id().as_deref(), Some("first"));
        assert_eq!(seen(&lease).network().as_deref(), Some("eu-west-1"));
        before.set_network(None);
        assert_eq!(seen(&held(lease.clone(), "watcher-1", &before, NOW)).network(), None);
        assert!(!seen(&Lease::default()).contains("operator", "cloud-resource-config"));
    }

    #[test]
    fn a_lease_that_was_given_up_is_nobodys() {
        assert_eq!(holder(&Lease::default()), None);
        let lease = held(Lease::default(), "watcher-1", &Seen::default(), NOW);
        assert_eq!(holder(&lease), Some("watcher-1"));
        assert_eq!(holder(&held(lease, "", &Seen::default(), NOW)), None);
    }

    #[test]
    fn a_renewal_is_no_transition() {
        let first = held(Lease::default(), "watcher-1", &Seen::default(), NOW);
        let later = Timestamp::from_second(9).unwrap();
        let renewed = held(first, "watcher-1", &Seen::default(), later).spec.unwrap();
        assert_eq!(
            (renewed.acquire_time, renewed.renew_time),
            (Some(MicroTime(NOW)), Some(MicroTime(later)))
        );
        assert_eq!(renewed.lease_transitions, Some(1));
    }
}
