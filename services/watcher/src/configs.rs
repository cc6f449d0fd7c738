//! The administrator's `ConfigMaps`, watched.

mod mapping;
mod strategy;

use std::sync::Arc;

use crds::{ClaimKind, names};
use futures::{Stream, StreamExt as _};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::Api;
use kube::runtime::reflector::{ObjectRef, Store, store};
use kube::runtime::{WatchStreamExt as _, watcher};
use proto::{Provider, Strategy};
use service::config::Scope;

use crate::config::Config;
use crate::reconcile::problem::Problem;
use crate::reconcile::provider::Served;
use crate::relist;
use crate::seen::Seen;

/// The word for "in each claim's own namespace".
const CLAIM: &str = "claim";

/// What the `ConfigMaps` say now.
pub(crate) struct Configs {
    stores: Vec<Store<ConfigMap>>,
    seen: Seen,
    mapping_namespace: Option<String>,
    strategy_namespace: String,
}

impl Configs {
    /// Starts the watches; the stream says when anything changed.
    pub(crate) fn watch(
        client: &kube::Client,
        config: &Config,
        seen: Seen,
    ) -> (Self, impl Stream<Item = ()> + Send + 'static) {
        let mapping_namespace = match config.mapping_namespace.as_deref() {
            Some(CLAIM) => None,
            Some(namespace) => Some(namespace.to_owned()),
            None => Some(config.operator_namespace.clone()),
        };
        let strategies = Api::namespaced(client.clone(), config.strategy_namespace());
        let mut watched: Vec<(Api<ConfigMap>, String)> = Provider::ALL
            .iter()
            .map(|provider| (strategies.clone(), names::strategy_config(provider.as_str())))
            .collect();
        let mapping_apis = match &mapping_namespace {
            Some(namespace) => vec![Api::namespaced(client.clone(), namespace)],
            None => config
                .watch
                .scopes()
                .iter()
                .map(|scope| match scope {
                    Scope::Namespace(namespace) => Api::namespaced(client.clone(), namespace),
                    Scope::Cluster => Api::all(client.clone()),
                })
                .collect(),
        };
        watched.extend(mapping_apis.into_iter().map(|api| (api, names::MAPPING_CONFIG.to_owned())));
        let (stores, changes): (Vec<_>, Vec<_>) =
            watched.into_iter().map(|(api, name)| follow(api, &name, seen.clone())).unzip();
        let strategy_namespace = config.strategy_namespace().to_owned();
        let configs = Self { stores, seen, mapping_namespace, strategy_namespace };
        (configs, futures::stream::select_all(changes))
    }

    /// Waits until every watch has listed once: before that, a missing ConfigMap means nothing.
    pub(crate) async fn listed(&self) {
        for store in &self.stores {
            let _ = store.wait_until_ready().await;
        }
    }

    /// Who serves claims of this type and kind, for a claim in this namespace.
    pub(crate) fn provider(
        &self,
        claim_namespace: &str,
        deployment_type: &str,
        kind: ClaimKind,
    ) -> Result<Served, Problem> {
        let namespace = self.mapping_namespace.as_deref().unwrap_or(claim_namespace);
        let found = self.find(namespace, names::MAPPING_CONFIG)?;
        mapping::provider(found.as_deref(), deployment_type, kind)
    }

    /// The strategy of a tier.
    pub(crate) fn strategy(
        &self,
        provider: Provider,
        kind: ClaimKind,
        tier: &str,
    ) -> Result<Strategy, Problem> {
        let name = names::strategy_config(provider.as_str());
        let found = self.find(&self.strategy_namespace, &name)?;
        strategy::of_tier(&name, found.as_deref(), kind.mapping_key(), tier)
    }

    /// The strategy of the network for databases of a tier. Nobody has to write one.
    pub(crate) fn network_strategy(&self, tier: &str) -> Result<Strategy, Problem> {
        let name = names::strategy_config(Provider::Aws.as_str());
        let found = self.find(&self.strategy_namespace, &name)?;
        strategy::of_network(&name, found.as_deref(), tier)
    }

    /// `None`: it was never there, so the built-in defaults hold.
    fn find(&self, namespace: &str, name: &str) -> Result<Option<Arc<ConfigMap>>, Problem> {
        let reference = ObjectRef::new(name).within(namespace);
        let found = self.stores.iter().find_map(|store| store.get(&reference));
        if found.is_none() && self.seen.contains(namespace, name) {
            return Err(Problem::config_gone(namespace, name));
        }
        Ok(found)
    }
}

type Changes = std::pin::Pin<Box<dyn Stream<Item = ()> + Send>>;

/// One watch a name: RBAC can be narrowed to names only for such watches.
fn follow(api: Api<ConfigMap>, name: &str, seen: Seen) -> (Store<ConfigMap>, Changes) {
    let (reader, writer) = store();
    let selected = watcher::Config::default().fields(&format!("metadata.name={name}"));
    let strip = |config: &mut ConfigMap| config.metadata.managed_fields = None;
    let events = relist::watch(api, selected).modify(strip).reflect(writer);
    let changes = events.filter_map(move |event| {
        std::future::ready(match event {
            Ok(watcher::Event::Apply(config) | watcher::Event::InitApply(config)) => {
                see(&config, &seen);
                Some(())
            }
            Ok(watcher::Event::Delete(_) | watcher::Event::InitDone) => Some(()),
            Ok(watcher::Event::Init) => None,
            Err(error) => {
                tracing::debug!(error = %error, "a watch on ConfigMaps was interrupted");
                None
            }
        })
    });
    (reader, Box::pin(changes))
}

fn see(config: &ConfigMap, seen: &Seen) {
    if let (Some(namespace), Some(name)) = (&config.metadata.namespace, &config.metadata.name) {
        seen.add(namespace, name);
    }
}
