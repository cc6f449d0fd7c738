//! What is known of the cluster: id, region, tags. From configuration, or from OpenShift's Infrastructure object.

use std::collections::BTreeMap;

use kube::Client;
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use proto::{Cluster, Defaults};
use serde_json::Value;

use crate::config::Config;

/// Facts about the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// `None`: nothing can be made on AWS, since names and tags need it.
    pub(crate) id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) defaults: Option<Defaults>,
    pub(crate) tag_prefix: String,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Facts {
    /// Configuration wins over what OpenShift says; elsewhere there is no such object.
    pub(crate) async fn look_up(client: &Client, config: &Config) -> Self {
        let gvk = GroupVersionKind::gvk("config.openshift.io", "v1", "Infrastructure");
        let resource = ApiResource::from_gvk_with_plural(&gvk, "infrastructures");
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
        let found = api.get("cluster").await.ok();
        let status = found.as_ref().map_or(&Value::Null, |object| &object.data["status"]);
        Self::merge(config, status)
    }

    fn merge(config: &Config, status: &Value) -> Self {
        let text = |value: &Value| value.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
        let set = |value: &Option<String>| value.clone().filter(|it| !it.is_empty());
        let aws = &status["platformStatus"]["aws"];
        let tags = aws["resourceTags"].as_array().into_iter().flatten();
        Self {
            id: set(&config.cluster_id).or_else(|| text(&status["infrastructureName"])),
            region: set(&config.cluster_region).or_else(|| text(&aws["region"])),
            defaults: Some(config.defaults),
            tag_prefix: config.tag_key_prefix.clone(),
            tags: tags.filter_map(|tag| Some((text(&tag["key"])?, text(&tag["value"])?))).collect(),
        }
    }

    /// What an item says of the cluster.
    pub(crate) fn cluster(&self) -> Cluster {
        Cluster {
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
}
