//! When what happened to which claim, as watches saw it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use crds::ClaimKind;
use crds::names::CLAIM_NAME;
use futures::StreamExt as _;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DynamicObject};
use kube::core::PartialObjectMeta;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Something that happens to a claim once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Its Deployment exists.
    Deployed,
    /// Its Deployment is available.
    Available,
    /// Its Secret exists; of a snapshot, which has none, that it is there.
    Secret,
    /// Its phase is complete.
    Complete,
}

type Seen = BTreeMap<(Moment, String), Timestamp>;

/// Watches everything in the namespace; ends when dropped.
pub struct Timeline {
    seen: watch::Sender<Seen>,
    _watches: JoinSet<()>,
}

impl Timeline {
    /// Begins to watch.
    pub fn watch(client: &Client, namespace: &str) -> Self {
        let seen = watch::Sender::new(Seen::new());
        let mut watches = JoinSet::new();
        watches.spawn(deployments(Api::namespaced(client.clone(), namespace), seen.clone()));
        watches.spawn(secrets(Api::namespaced(client.clone(), namespace), seen.clone()));
        for kind in ClaimKind::ALL {
            let resource = kind.api_resource();
            let api = Api::namespaced_with(client.clone(), namespace, &resource);
            watches.spawn(claims(kind, api, seen.clone()));
        }
        Self { seen, _watches: watches }
    }

    /// Waits until it has happened to all of these claims.
    pub async fn until(
        &self,
        moment: Moment,
        claims: &[String],
        patience: Duration,
    ) -> anyhow::Result<()> {
        let mut news = self.seen.subscribe();
        let missing = |seen: &Seen| {
            claims.iter().filter(|claim| !seen.contains_key(&(moment, (*claim).clone()))).count()
        };
        let all = news.wait_for(|seen| missing(seen) == 0);
        if let Ok(seen) = tokio::time::timeout(patience, all).await {
            return seen.map(drop).context("the sender is ours");
        }
        let (missing, all) = (missing(&self.seen.borrow()), claims.len());
        anyhow::bail!("{moment:?}: {missing} of {all} claims are not, after {patience:?}")
    }

    /// When it happened.
    pub fn at(&self, moment: Moment, claim: &str) -> Option<Timestamp> {
        self.seen.borrow().get(&(moment, claim.to_owned())).copied()
    }
}

fn note(seen: &watch::Sender<Seen>, moment: Moment, claim: &str) {
    let now = Timestamp::now();
    seen.send_if_modified(|seen| {
        let known = seen.len();
        seen.entry((moment, claim.to_owned())).or_insert(now);
        seen.len() > known
    });
}

async fn deployments(api: Api<Deployment>, seen: watch::Sender<Seen>) {
    let found = watcher(api, watcher::Config::default()).default_backoff().applied_objects();
    let mut found = std::pin::pin!(found);
    while let Some(found) = found.next().await {
        let Ok(deployment) = found else { continue };
        let Some(claim) = deployment.annotations().get(CLAIM_NAME) else { continue };
        note(&seen, Moment::Deployed, claim);
        if is_available(&deployment) {
            note(&seen, Moment::Available, claim);
        }
    }
}

fn is_available(deployment: &Deployment) -> bool {
    let conditions = deployment.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions
        .is_some_and(|all| all.iter().any(|it| it.type_ == "Available" && it.status == "True"))
}

async fn secrets(api: Api<PartialObjectMeta<Secret>>, seen: watch::Sender<Seen>) {
    let found = watcher(api, watcher::Config::default()).default_backoff().applied_objects();
    let mut found = std::pin::pin!(found);
    while let Some(found) = found.next().await {
        let name = found.as_ref().map(PartialObjectMeta::name_any).unwrap_or_default();
        if let Some(claim) = name.strip_suffix("-sec") {
            note(&seen, Moment::Secret, claim);
        }
    }
}

async fn claims(kind: ClaimKind, api: Api<DynamicObject>, seen: watch::Sender<Seen>) {
    let found = watcher(api, watcher::Config::default()).default_backoff().applied_objects();
    let mut found = std::pin::pin!(found);
    while let Some(found) = found.next().await {
        let Ok(claim) = found else { continue };
        if claim.data["status"]["phase"] == "complete" {
            note(&seen, Moment::Complete, &claim.name_any());
            // All that it has.
            if kind.is_snapshot() {
                note(&seen, Moment::Secret, &claim.name_any());
            }
        }
    }
}
