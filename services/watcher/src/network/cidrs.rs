//! Ranges of addresses that the cluster uses: from configuration, and from OpenShift's Network object.

use kube::Client;
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;

use crate::deadline::{READ_TIMEOUT, in_time};
use crate::error::Error;

/// All of them, sorted, so that equal clusters have equal items.
pub(super) async fn of_cluster(
    client: &Client,
    configured: &[String],
) -> Result<Vec<String>, Error> {
    let gvk = GroupVersionKind::gvk("config.openshift.io", "v1", "Network");
    let resource = ApiResource::from_gvk_with_plural(&gvk, "networks");
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let found = in_time("read the Network object", READ_TIMEOUT, api.get("cluster")).await;
    let listed = match found {
        Ok(object) => listed(&object.data["spec"]),
        // This is not OpenShift.
        Err(error) if error.code() == Some(404) => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut all: Vec<String> = configured.iter().cloned().chain(listed).collect();
    all.sort();
    all.dedup();
    Ok(all)
}

/// Every range of pods and services, of both families.
fn listed(spec: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let pods = spec["clusterNetwork"].as_array().into_iter().flatten();
    let services = spec["serviceNetwork"].as_array().into_iter().flatten();
    pods.filter_map(|pool| text(&pool["cidr"])).chain(services.filter_map(text)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_range_of_the_cluster_counts_of_both_families() {
        let spec = json!({
            "clusterNetwork": [{"cidr": "10.128.0.0/14", "hostPrefix": 23}, {"cidr": "fd01::/48"}],
            "serviceNetwork": ["172.30.0.0/16", "fd02::/112"],
        });
        let expected = ["10.128.0.0/14", "fd01::/48", "172.30.0.0/16", "fd02::/112"];
        assert_eq!(listed(&spec), expected);
        assert!(listed(&Value::Null).is_empty());
    }
}
