//! The claim for a bucket that `NooBaa`, Rook and others serve in the cluster: the little of it that we use.

use std::collections::BTreeMap;

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a strategy asks for an `ObjectBucketClaim`.
pub const BUCKET_CLAIM_PATH: &str = "strategy.objectBucketClaim";

/// A bucket that is asked for. Its provisioner answers with a Secret and a ConfigMap of the same name.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(group = "objectbucket.io", version = "v1alpha1", kind = "ObjectBucketClaim", namespaced)]
#[kube(status = "ObjectBucketClaimStatus", schema = "disabled", derive = "PartialEq")]
#[kube(doc = "A bucket that is asked for.")]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectBucketClaimSpec {
    /// Which provisioner makes the bucket, and how; cannot be changed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub storage_class_name: String,
    /// The bucket's name begins with this; the provisioner adds the rest.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub generate_bucket_name: String,
    /// What only the provisioner understands.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub additional_config: BTreeMap<String, String>,
}

/// How far its provisioner is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectBucketClaimStatus {
    /// `Pending`, `Bound`, `Failed` or `Released`; empty until a provisioner has seen it.
    pub phase: String,
}

/// Whether the strategy of a tier asks for an `ObjectBucketClaim`. `null` and `""` ask for nothing.
pub fn asks_for_bucket(strategy: &str) -> bool {
    let tier: Value = serde_json::from_str(strategy).unwrap_or_default();
    let asked = &tier["strategy"]["objectBucketClaim"];
    !asked.is_null() && asked != ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strategy_that_names_it_asks_for_a_bucket() {
        let table = [
            (r#"{"region":"","strategy":{"objectBucketClaim":{"storageClassName":"a"}}}"#, true),
            (r#"{"strategy":{"objectBucketClaim":{}}}"#, true),
            (r#"{"strategy":{"objectBucketClaim":false}}"#, true),
            (r#"{"strategy":{"objectBucketClaim":null}}"#, false),
            (r#"{"strategy":{"objectBucketClaim":""}}"#, false),
            (r#"{"strategy":{}}"#, false),
            (r#"{"strategy":"objectBucketClaim"}"#, false),
            (r#"{"objectBucketClaim":{}}"#, false),
            ("", false),
            ("{", false),
        ];
        for (strategy, expected) in table {
            assert_eq!(asks_for_bucket(strategy), expected, "{strategy}");
        }
    }

    #[test]
    fn what_is_not_asked_is_not_written() {
        let spec = ObjectBucketClaimSpec::default();
        assert_eq!(serde_json::to_string(&spec).unwrap(), "{}");
    }
}
