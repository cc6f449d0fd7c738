//! Who may write: the holder of a Lease.
//!
//! A Lease is no fence: for a moment two replicas may both believe that they lead. Every publish is a
//! compare-and-set and every patch carries preconditions, so the loser's writes fail.

mod lease;

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Api, PostParams};
use service::{CancellationToken, Gate};
use tokio::time::Instant;

use self::lease::{NAME, held, holder, seen};
use crate::config::Config;
use crate::deadline::in_time;
use crate::error::Error;
use crate::seen::Seen;

/// How long nobody else may lead after the last renewal that was seen.
const DURATION: Duration = Duration::from_secs(8);
/// Without a renewal for this long we stop, before anybody else may start.
const GIVE_UP: Duration = Duration::from_millis(6500);
const RENEW: Duration = Duration::from_millis(1500);
/// After a renewal that failed. With the timeout of a call, this leaves time for two more.
const RETRY: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_millis(500);
/// For one call.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Stands for leader.
pub(crate) struct Election {
    leases: Leases,
    seen_first: Option<Sighting>,
}

/// This replica leads.
pub(crate) struct Lead {
    leases: Leases,
    lease: Lease,
    renewed: Instant,
    seen: Seen,
}

/// How an attempt to renew ended.
enum Renewal {
    Done,
    /// The Lease may still be ours.
    Failed,
    /// It is somebody else's.
    Lost,
}

/// A version of somebody's Lease, and since when we know it.
struct Sighting {
    version: Option<String>,
    since: Instant,
}

#[derive(Clone)]
struct Leases {
    api: Api<Lease>,
    me: String,
}

impl Election {
    pub(crate) fn new(client: kube::Client, config: &Config) -> Self {
        let api = Api::namespaced(client, &config.operator_namespace);
        Self { leases: Leases { api, me: config.replica() }, seen_first: None }
    }

    /// Waits until this replica leads; `None` at shutdown. The gate opens when somebody else leads: one that stands
    /// by is ready to take over.
    pub(crate) async fn win(&mut self, gate: &Gate, shutdown: &CancellationToken) -> Option<Lead> {
        loop {
            match self.try_win().await {
                Ok(Some(lead)) => return Some(lead),
                Ok(None) => gate.set(true),
                Err(error) => {
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::debug!(error = %error, source, "the Lease was not won");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = shutdown.cancelled() => return None,
            }
        }
    }

    async fn try_win(&mut self) -> Result<Option<Lead>, Error> {
        let asked = Instant::now();
        let Some(found) = self.leases.get().await? else {
            let lease = self.leases.create().await?;
            return Ok(Some(self.lead(lease, asked)));
        };
        if !self.is_free(&found) {
            return Ok(None);
        }
        let seen = seen(&found);
        let lease = self.leases.replace(found, &self.leases.me, &seen).await?;
        Ok(Some(self.lead(lease, asked)))
    }

    /// Whether a Lease has run out is judged by our own clock: since when have we known this very version?
    fn is_free(&mut self, lease: &Lease) -> bool {
        let version = &lease.metadata.resource_version;
        let known = self.seen_first.take().filter(|known| known.version == *version);
        let sighting =
            known.unwrap_or_else(|| Sighting { version: version.clone(), since: Instant::now() });
        let has_run_out = sighting.since.elapsed() >= DURATION;
        self.seen_first = Some(sighting);
        let is_ours = holder(lease).is_none_or(|holder| holder == self.leases.me);
        is_ours || has_run_out
    }

    fn lead(&self, lease: Lease, renewed: Instant) -> Lead {
        tracing::info!(leader = self.leases.me, "leading");
        let seen = seen(&lease);
        Lead { leases: self.leases.clone(), lease, renewed, seen }
    }
}

impl Lead {
    /// What this leader and those before it have seen.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    /// Renews the Lease; returns when it is lost.
    pub(crate) async fn keep(&mut self) {
        let mut pause = RENEW;
        loop {
            let deadline = self.renewed + GIVE_UP;
            let attempt = async {
                tokio::time::sleep(pause).await;
                self.renew().await
            };
            pause = match tokio::time::timeout_at(deadline, attempt).await {
                Ok(Renewal::Done) => RENEW,
                Ok(Renewal::Failed) => RETRY,
                Ok(Renewal::Lost) | Err(_) => return,
            };
        }
    }

    async fn renew(&mut self) -> Renewal {
        let asked = Instant::now();
        let renewal = self.leases.replace(self.lease.clone(), &self.leases.me, &self.seen);
        match renewal.await {
            Ok(lease) => {
                (self.lease, self.renewed) = (lease, asked);
                Renewal::Done
            }
            Err(error) if error.is_conflict() && !self.is_still_ours().await => Renewal::Lost,
            Err(error) => {
                tracing::debug!(error = %error, "the Lease was not renewed");
                Renewal::Failed
            }
        }
    }

    /// A conflict may be with our own renewal whose answer was lost.
    async fn is_still_ours(&mut self) -> bool {
        match self.leases.get().await {
            Ok(Some(lease)) if holder(&lease) == Some(&self.leases.me) => {
                self.lease = lease;
                true
            }
            Ok(_) => false,
            // Nobody else may lead yet; the next renewal asks again.
            Err(_) => true,
        }
    }

    /// Gives the Lease to whoever comes next.
    pub(crate) async fn release(mut self) {
        if self.is_still_ours().await
            && let Err(error) = self.leases.replace(self.lease, "", &self.seen).await
        {
            tracing::debug!(error = %error, "the Lease is left to run out");
        }
    }
}

impl Leases {
    async fn get(&self) -> Result<Option<Lease>, Error> {
        in_time("read the Lease", TIMEOUT, self.api.get_opt(NAME)).await
    }

    async fn create(&self) -> Result<Lease, Error> {
        let lease = held(Lease::default(), &self.me, &Seen::default(), Timestamp::now());
        let params = PostParams::default();
        in_time("create the Lease", TIMEOUT, self.api.create(&params, &lease)).await
    }

    async fn replace(&self, lease: Lease, holder: &str, seen: &Seen) -> Result<Lease, Error> {
        let lease = held(lease, holder, seen, Timestamp::now());
        let params = PostParams::default();
        in_time("write the Lease", TIMEOUT, self.api.replace(NAME, &params, &lease)).await
    }
}
