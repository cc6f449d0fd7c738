//! The watch on the Secrets of buckets. Provisioners that are not ours write them, and may write new keys at any time.

use futures::StreamExt as _;
use futures::stream::select_all;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt as _, watcher as watch};
use kube::{Client, ResourceExt as _};
use service::config::Scope;

use super::audit::{Listed, renewed};
use super::watch::{Meta, api};
use super::{Restorer, Wakes};

/// The library that these provisioners share puts this label on all that it makes.
const MADE_BY_A_PROVISIONER: &str = "bucket-provisioner";

/// Watches until dropped.
pub(super) async fn run(restorer: Restorer, client: Client, scopes: Vec<Scope>, wakes: Wakes) {
    let config = watcher::Config::default().labels(MADE_BY_A_PROVISIONER);
    let streams = scopes
        .iter()
        .map(|scope| watch(api(&client, scope), config.clone()).default_backoff().boxed());
    let mut events = select_all(streams);
    let mut seen = Listed::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::InitApply(secret)) => note(&mut seen, &secret),
            Ok(Event::Apply(secret)) => {
                note(&mut seen, &secret);
                restorer.follow(&wakes, &std::mem::take(&mut seen)).await;
            }
            Ok(Event::InitDone) => restorer.follow(&wakes, &std::mem::take(&mut seen)).await,
            Ok(Event::Init | Event::Delete(_)) => {}
            // Metadata only, so the error cannot quote a value.
            Err(error) => tracing::warn!(error = %error, "watch on Secrets of buckets interrupted"),
        }
    }
}

fn note(seen: &mut Listed, secret: &Meta) {
    let key = (secret.namespace().unwrap_or_default(), secret.name_any());
    seen.insert(key, secret.resource_version().unwrap_or_default());
}

impl Restorer {
    /// Looks at the claims whose bucket has a Secret that they have not seen.
    async fn follow(&self, wakes: &Wakes, seen: &Listed) {
        if seen.is_empty() {
            return;
        }
        for subject in renewed(&self.all().await, seen) {
            super::wake_after(wakes, subject, super::Urgency::Certain, super::SETTLE);
        }
    }
}
