//! Who may write: the holder of a Lease.
//!
//! A Lease is no fence: for a moment two replicas may both believe that they lead. Every publish is a
//! compare-and-set and every patch carries preconditions, so the loser's writes fail.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, PostParams};
use service::CancellationToken;
use tokio::time::Instant;

use crate::config::Config;

const NAME: &str = "cloud-resource-operator-watcher";
/// The Go operator's Lease is another one; taking over from it will hold both.
const DURATION: Duration = Duration::from_secs(6);
const RENEW: Duration = Duration::from_secs(2);
/// Without a renewal for this long we stop, before anybody else may start.
const GIVE_UP: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(500);
/// Lists the ConfigMaps that were seen once; see [`Seen`].
const SEEN: &str = "integreatly.org/seen-config-maps";

/// The `ConfigMaps` that were ever seen. One that was never there means built-in defaults; one that was and is gone
/// means that somebody must look. Kept on the Lease, so that a restart does not forget it.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<BTreeSet<String>>>);

impl Seen {
    pub(crate) fn add(&self, name: &str) {
        self.lock().insert(name.to_owned());
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.lock().contains(name)
    }

    fn text(&self) -> String {
        self.lock().iter().cloned().collect::<Vec<_>>().join(",")
    }

    fn learn(&self, text: &str) {
        self.lock().extend(text.split(',').filter(|it| !it.is_empty()).map(str::to_owned));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands for leader.
pub(crate) struct Election {
    api: Api<Lease>,
    holder: String,
}

/// This replica leads.
pub(crate) struct Lead {
    api: Api<Lease>,
    lease: Lease,
    renewed: Instant,
    seen: Seen,
}

impl Election {
    pub(crate) fn new(client: kube::Client, config: &Config) -> Self {
        let api = Api::namespaced(client, &config.operator_namespace);
        Self { api, holder: config.pod_name.clone() }
    }

    /// Waits until this replica leads; `None` at shutdown.
    pub(crate) async fn win(&self, shutdown: &CancellationToken) -> Option<Lead> {
        // Whether a Lease has run out is judged by our own clock: since when have we seen this very version?
        let mut version: Option<(Option<String>, Instant)> = None;
        loop {
            match self.try_win(&mut version).await {
                Ok(Some(lead)) => return Some(lead),
                Ok(None) => {}
                Err(error) => tracing::debug!(error = %error, "failed to look at the Lease"),
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = shutdown.cancelled() => return None,
            }
        }
    }

    async fn try_win(
        &self,
        version: &mut Option<(Option<String>, Instant)>,
    ) -> kube::Result<Option<Lead>> {
        let now = Instant::now();
        let Some(found) = self.api.get_opt(NAME).await? else {
            let lease = held(Lease::default(), &self.holder, &Seen::default());
            let lease = self.api.create(&PostParams::default(), &lease).await?;
            return Ok(Some(self.lead(lease, now)));
        };
        let current = found.metadata.resource_version.clone();
        let since = match version {
            Some((known, since)) if *known == current => *since,
            _ => {
                *version = Some((current, now));
                now
            }
        };
        let holder = found.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref());
        let is_free = holder.is_none_or(|holder| holder.is_empty() || holder == self.holder);
        if !is_free && since.elapsed() < DURATION {
            return Ok(None);
        }
        let seen = Seen::default();
        seen.learn(&annotation(&found));
        let lease = held(found, &self.holder, &seen);
        let lease = self.api.replace(NAME, &PostParams::default(), &lease).await?;
        Ok(Some(self.lead(lease, now)))
    }

    fn lead(&self, lease: Lease, renewed: Instant) -> Lead {
        tracing::info!(leader = self.holder, "leading");
        let seen = Seen::default();
        seen.learn(&annotation(&lease));
        Lead { api: self.api.clone(), lease, renewed, seen }
    }
}

impl Lead {
    /// Which `ConfigMaps` were ever seen.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    /// Renews the Lease; returns when it is lost.
    pub(crate) async fn keep(&mut self) {
        loop {
            tokio::time::sleep(RENEW).await;
            let sent = Instant::now();
            let holder = self.holder();
            let lease = held(self.lease.clone(), &holder, &self.seen);
            let params = PostParams::default();
            let renewal = self.api.replace(NAME, &params, &lease);
            match tokio::time::timeout(RENEW, renewal).await {
                Ok(Ok(lease)) => {
                    self.lease = lease;
                    self.renewed = sent;
                }
                Ok(Err(kube::Error::Api(status))) if status.code == 409 => return,
                Ok(Err(error)) => tracing::debug!(error = %error, "failed to renew the Lease"),
                Err(_) => tracing::debug!("no answer in time to a renewal of the Lease"),
            }
            if self.renewed.elapsed() > GIVE_UP {
                return;
            }
        }
    }

    /// Gives the Lease to whoever comes next.
    pub(crate) async fn release(self) {
        let lease = held(self.lease.clone(), "", &self.seen);
        if let Err(error) = self.api.replace(NAME, &PostParams::default(), &lease).await {
            tracing::debug!(error = %error, "the Lease is left to run out");
        }
    }

    fn holder(&self) -> String {
        let spec = self.lease.spec.as_ref();
        spec.and_then(|spec| spec.holder_identity.clone()).unwrap_or_default()
    }
}

fn annotation(lease: &Lease) -> String {
    let annotations = lease.metadata.annotations.as_ref();
    annotations.and_then(|all| all.get(SEEN)).cloned().unwrap_or_default()
}

/// The Lease as this holder leaves it.
fn held(mut lease: Lease, holder: &str, seen: &Seen) -> Lease {
    let now = MicroTime(jiff::Timestamp::now());
    lease.metadata.name = Some(NAME.to_owned());
    let annotations = lease.metadata.annotations.get_or_insert_default();
    annotations.insert(SEEN.to_owned(), seen.text());
    let spec = lease.spec.get_or_insert_default();
    if spec.holder_identity.as_deref() != Some(holder) {
        spec.acquire_time = Some(now.clone());
    }
    spec.holder_identity = Some(holder.to_owned());
    spec.lease_duration_seconds = i32::try_from(DURATION.as_secs()).ok();
    spec.renew_time = Some(now);
    lease
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_survives_on_the_lease() {
        let seen = Seen::default();
        seen.add("cloud-resource-config");
        seen.add("cloud-resources-aws-strategies");
        let lease = held(Lease::default(), "watcher-1", &seen);
        let next = Seen::default();
        next.learn(&annotation(&lease));
        assert!(next.contains("cloud-resource-config"));
        assert!(next.contains("cloud-resources-aws-strategies"));
        assert!(!next.contains("cloud-resources-openshift-strategies"));
    }
}
