//! What is known of the cluster: id, region, tags. From configuration, or from OpenShift's Infrastructure object.

use std::collections::BTreeMap;
use std::time::Duration;

use kube::Client;
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use proto::Defaults;
use serde_json::Value;
use tokio::sync::watch;

use crate::config::Config;
use crate::deadline::{READ_TIMEOUT, in_time};
use crate::error::Error;
use crate::seen::Seen;

const RETRY: Duration = Duration::from_secs(1);
/// An API server that has just started refuses everybody until it has read the roles; one that refuses for longer
/// means it.
const REFUSALS: u32 = 10;

/// Facts about the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// `None`: nothing can be made on AWS, since names and tags need it.
    pub(crate) id: Option<String>,
    /// Another id that was configured after the first was used.
    pub(crate) refused_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) defaults: Option<Defaults>,
    pub(crate) tag_prefix: String,
    pub(crate) tags: BTreeMap<String, String>,
}

/// The facts as they were looked up last.
pub(crate) struct Cluster {
    api: Api<DynamicObject>,
    config: Config,
    facts: watch::Sender<Facts>,
    seen: Seen,
}

impl Cluster {
    /// Looks the facts up until there is an answer: without tags and id nothing may be published.
    pub(crate) async fn look_up(client: &Client, config: &Config, seen: Seen) -> Self {
        let gvk = GroupVersionKind::gvk("config.openshift.io", "v1", "Infrastructure");
        let resource = ApiResource::from_gvk_with_plural(&gvk, "infrastructures");
        let api = Api::all_with(client.clone(), &resource);
        let (facts, _) = watch::channel(Facts::default());
        let cluster = Self { api, config: config.clone(), facts, seen };
        let mut refusals = 0;
        while let Err(error) = cluster.refresh().await {
            tracing::warn!(error = %error, "the cluster is not known yet");
            refusals += u32::from(error.code() == Some(403));
            if refusals == REFUSALS {
                cluster.learn(&Value::Null);
                break;
            }
            tokio::time::sleep(RETRY).await;
        }
        cluster
    }

    /// Looks the facts up again: an administrator may change tags. Whether something changed; what is known stays when
    /// there is no answer.
    pub(crate) async fn refresh(&self) -> Result<bool, Error> {
        let found =
            in_time("read the Infrastructure object", READ_TIMEOUT, self.api.get("cluster"));
        match found.await {
            Ok(object) => Ok(self.learn(&object.data["status"])),
            // This is not OpenShift.
            Err(error) if error.code() == Some(404) => Ok(self.learn(&Value::Null)),
            Err(error) => Err(error),
        }
    }

    fn learn(&self, status: &Value) -> bool {
        let next = Facts::merge(&self.config, status);
        self.facts.send_if_modified(|facts| std::mem::replace(facts, next.clone()) != next)
    }

    pub(crate) fn facts(&self) -> Facts {
        self.facts.borrow().clone().keeping(self.seen.cluster_id())
    }

    /// Region of a network that was asked for and is not known to be gone.
    pub(crate) fn network(&self) -> Option<String> {
        self.seen.network()
    }

    pub(crate) fn remember_network(&self, region: Option<&str>) {
        self.seen.set_network(region);
    }

    /// Something on AWS will carry this id: it can never change.
    pub(crate) fn use_id(&self, id: &str) {
        self.seen.use_cluster_id(id);
    }
}

impl Facts {
    /// Configuration wins over what OpenShift says; elsewhere there is no such object.
    fn merge(config: &Config, status: &Value) -> Self {
        let text = |value: &Value| value.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
        let set = |value: &Option<String>| value.clone().filter(|it| !it.is_empty());
        let aws = &status["platformStatus"]["aws"];
        let tags = aws["resourceTags"].as_array().into_iter().flatten();
        Self {
            id: set(&config.cluster_id).or_else(|| text(&status["infrastructureName"])),
            refused_id: None,
            region: set(&config.cluster_region).or_else(|| text(&aws["region"])),
            defaults: Some(config.defaults),
            tag_prefix: config.tag_key_prefix.clone(),
            tags: tags.filter_map(|tag| Some((text(&tag["key"])?, text(&tag["value"])?))).collect(),
        }
    }

    /// The id that was used first stays.
    fn keeping(mut self, used: Option<String>) -> Self {
        if used.is_some() && self.id != used {
            self.refused_id = std::mem::replace(&mut self.id, used);
        }
        self
    }

    /// What an item says of the cluster.
    pub(crate) fn cluster(&self) -> proto::Cluster {
        proto::Cluster {
            id: self.id.clone().unwrap_or_default(),
            defaults: self.defaults.unwrap_or(Defaults::Secure),
            tag_prefix: self.tag_prefix.clone(),
            tags: self.tags.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::*;

    fn config(extra: &[&str]) -> Config {
        let base = ["watcher", "--keys-dir", "keys", "--grpc-plaintext"];
        Config::parse_from(base.iter().chain(extra))
    }

    #[test]
    fn openshift_says_what_configuration_does_not() {
        let status = json!({
            "infrastructureName": "mycluster-abc12",
            "platformStatus": {"aws": {
                "region": "eu-west-1",
                "resourceTags": [{"key": "team", "value": "shop"}],
            }},
        });
        let facts = Facts::merge(&config(&[]), &status);
        assert_eq!(facts.id.as_deref(), Some("mycluster-abc12"));
        assert_eq!(facts.region.as_deref(), Some("eu-west-1"));
        assert_eq!(facts.tags["team"], "shop");
        let facts = Facts::merge(&config(&["--cluster-id", "mine"]), &status);
        assert_eq!(facts.id.as_deref(), Some("mine"));
    }

    #[test]
    fn plain_kubernetes_has_no_id_unless_told() {
        assert_eq!(Facts::merge(&config(&[]), &Value::Null).id, None);
    }

    #[test]
    fn w23_a_cluster_id_that_was_used_stays() {
        let facts = Facts::merge(&config(&["--cluster-id", "new"]), &Value::Null);
        assert_eq!(facts.clone().keeping(None), facts);
        assert_eq!(facts.clone().keeping(Some("new".into())), facts);
        let kept = facts.keeping(Some("old".into()));
        assert_eq!((kept.id.as_deref(), kept.refused_id.as_deref()), (Some("old"), Some("new")));
    }
}
