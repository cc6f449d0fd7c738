//! The watch on the metadata of our Secrets, one for each namespace that we serve.

use futures::StreamExt as _;
use futures::stream::select_all;
use k8s_openapi::api::core::v1::Secret;
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt as _, watcher as watch};
use kube::{Api, Client, ResourceExt as _};
use service::Gate;

use crds::names::{MANAGED_BY, MANAGED_BY_VALUE};

use super::audit::{Listed, Sighting};
use super::{Restorer, Wakes, subject_of};
use crate::secret::labels_of;
use service::config::Scope;

pub(super) type Meta = PartialObjectMeta<Secret>;

/// One scope's watch, and the list that it is reading, if it is.
struct Watched {
    scope: Scope,
    listing: Listed,
    is_listed: bool,
}

/// Watches until dropped. The gate opens when every scope was listed.
pub(super) async fn run(
    restorer: Restorer,
    client: Client,
    scopes: Vec<Scope>,
    wakes: Wakes,
    gate: Gate,
) {
    let streams = scopes.iter().enumerate().map(|(index, scope)| {
        watch(api(&client, scope), selector()).default_backoff().map(move |it| (index, it)).boxed()
    });
    let mut events = select_all(streams);
    let listing = |scope| Watched { scope, listing: Listed::new(), is_listed: false };
    let mut watched: Vec<Watched> = scopes.into_iter().map(listing).collect();
    while let Some((index, event)) = events.next().await {
        match event {
            Ok(event) => watched[index].learn(&restorer, &wakes, event).await,
            Err(error) => {
                // Metadata only, so the error cannot quote a value.
                tracing::warn!(error = %error, "watch on Secrets interrupted");
            }
        }
        gate.set(watched.iter().all(|watched| watched.is_listed));
    }
}

impl Watched {
    async fn learn(&mut self, restorer: &Restorer, wakes: &Wakes, event: Event<Meta>) {
        match event {
            Event::Init => self.listing.clear(),
            Event::InitApply(secret) => {
                let key = (secret.namespace().unwrap_or_default(), secret.name_any());
                self.listing.insert(key, secret.resource_version().unwrap_or_default());
            }
            Event::InitDone => {
                self.is_listed = true;
                let listing = std::mem::take(&mut self.listing);
                restorer.audit(wakes, &self.scope, &listing).await;
            }
            Event::Apply(secret) => {
                let version = secret.resource_version().unwrap_or_default();
                see(restorer, wakes, &secret, Sighting::Version(version));
            }
            Event::Delete(secret) => see(restorer, wakes, &secret, Sighting::Gone),
        }
    }
}

fn see(restorer: &Restorer, wakes: &Wakes, secret: &Meta, sighting: Sighting) {
    if let Some(subject) = labels_of(secret).and_then(subject_of) {
        restorer.see(wakes, subject, secret.name_any(), sighting);
    }
}

pub(super) fn api(client: &Client, scope: &Scope) -> Api<Meta> {
    match scope {
        Scope::Cluster => Api::all(client.clone()),
        Scope::Namespace(name) => Api::namespaced(client.clone(), name),
    }
}

fn selector() -> watcher::Config {
    watcher::Config::default().labels(&format!("{MANAGED_BY}={MANAGED_BY_VALUE}"))
}
