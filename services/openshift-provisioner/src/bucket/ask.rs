//! What a strategy asks of an `ObjectBucketClaim`, typed, and the manifest that says so: pure.

use std::collections::BTreeMap;

use crds::{BUCKET_CLAIM_PATH, ObjectBucketClaim, ObjectBucketClaimSpec};
use proto::{Identity, Strategy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use worker::Failure;

use crate::apply::Sight;
use crate::error::quote;
use crate::render::{metadata, sign};
use crate::strategy::{document, invalid, leaves};

/// A provisioner adds a hyphen and a UUID, and a bucket's name has 63 characters at most.
const LONGEST_PREFIX: usize = 26;

/// What the strategy asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// Which provisioner makes the bucket, and how.
    pub storage_class_name: String,
    /// What only that provisioner understands.
    pub additional_config: BTreeMap<String, String>,
    /// Keys that mean nothing here.
    pub ignored: Vec<String>,
}

/// What shall be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// What the strategy asks for.
    pub ask: Ask,
    /// The object.
    pub manifest: ObjectBucketClaim,
}

/// The value of `strategy.objectBucketClaim`.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Written {
    storage_class_name: String,
    additional_config: BTreeMap<String, String>,
}

/// Reads a strategy that asks.
pub fn ask(strategy: &Strategy) -> Result<Ask, Failure> {
    let mut document = document(&strategy.json)?;
    let mut rest = match document.remove("strategy") {
        Some(Value::Object(rest)) => rest,
        _ => Map::new(),
    };
    let asked = rest.remove("objectBucketClaim").unwrap_or_default();
    let written: Written = serde_path_to_error::deserialize(&asked).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => String::new(),
            path => format!(".{path}"),
        };
        refuse(&path, &quote(&error.inner().to_string()))
    })?;
    if asked.get("bucketName").is_some() {
        return Err(refuse(
            ".bucketName",
            "a tier serves many claims, and each has its own bucket",
        ));
    }
    if written.storage_class_name.is_empty() {
        return Err(refuse(".storageClassName", "name the StorageClass of a bucket provisioner"));
    }
    let known = ["storageClassName", "additionalConfig"];
    let own = asked.as_object().into_iter().flat_map(Map::keys);
    let own = own.filter(|key| !known.contains(&key.as_str()));
    let rest = Value::Object(rest);
    let ignored = document.into_iter().map(|(key, _)| key);
    let ignored =
        ignored.chain(leaves::of(&rest).into_iter().map(|it| format!("strategy.{}", it.path)));
    let ignored = ignored.chain(own.map(|key| format!("{BUCKET_CLAIM_PATH}.{key}")));
    Ok(Ask {
        storage_class_name: written.storage_class_name,
        additional_config: written.additional_config,
        ignored: ignored.collect(),
    })
}

fn refuse(path: &str, why: &str) -> Failure {
    invalid(&format!("{BUCKET_CLAIM_PATH}{path}: {why}"))
}

/// The manifest. It has no owner reference: garbage collection must never delete data. The class of one that exists
/// cannot be changed.
pub fn render(claim: &Identity, name: &str, ask: Ask, sight: &Sight<ObjectBucketClaim>) -> Wanted {
    let storage_class_name = match sight {
        Sight::There(found) => found.spec.storage_class_name.clone(),
        Sight::Nothing | Sight::NotServed => ask.storage_class_name.clone(),
    };
    let mut metadata = metadata(claim, name, None);
    let spec = ObjectBucketClaimSpec {
        storage_class_name,
        generate_bucket_name: prefix(&claim.name),
        additional_config: ask.additional_config.clone(),
    };
    sign(&mut metadata, &spec);
    Wanted { ask, manifest: ObjectBucketClaim { metadata, spec, status: None } }
}

/// The claim's name for people, in characters of a bucket's name. Dots would not fit certificates with a wildcard.
fn prefix(name: &str) -> String {
    let mut text = name.replace('.', "-");
    text.truncate(LONGEST_PREFIX);
    text.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use proto::{ErrorClass, Kind};
    use serde_json::json;

    use super::*;
    use crate::fixtures::claim;

    fn read(tier: &Value) -> Result<Ask, Failure> {
        ask(&Strategy { tier: "production".to_owned(), json: tier.to_string() })
    }

    #[test]
    fn class_and_config_are_taken_and_the_rest_is_named() {
        let asked = read(&json!({
            "region": "", "createStrategy": {},
            "strategy": {
                "objectBucketClaim": {
                    "storageClassName": "openshift-storage.noobaa.io",
                    "additionalConfig": {"bucketclass": "gold", "none": ""},
                    "generateBucketName": "mine",
                },
                "pvcSpec": {"storageClassName": "fast"},
            },
        }))
        .unwrap();
        assert_eq!(asked.storage_class_name, "openshift-storage.noobaa.io");
        assert_eq!(asked.additional_config, [("bucketclass".to_owned(), "gold".to_owned())].into());
        let ignored = [
            "createStrategy",
            "strategy.pvcSpec.storageClassName",
            "strategy.objectBucketClaim.generateBucketName",
        ];
        assert_eq!(asked.ignored, ignored);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_path() {
        let class = "storageClassName";
        let table = [
            (json!({}), "strategy.objectBucketClaim.storageClassName: "),
            (json!({class: 7}), "strategy.objectBucketClaim.storageClassName: "),
            (json!({class: ""}), "strategy.objectBucketClaim.storageClassName: "),
            (json!(false), "strategy.objectBucketClaim: "),
            (json!({class: "a", "bucketName": "b"}), "strategy.objectBucketClaim.bucketName: "),
            (
                json!({class: "a", "additionalConfig": {"maxObjects": 1000}}),
                "strategy.objectBucketClaim.additionalConfig.maxObjects: ",
            ),
            (
                json!({class: "a", "additionalConfig": []}),
                "strategy.objectBucketClaim.additionalConfig: ",
            ),
        ];
        for (asked, path) in table {
            let refused = read(&json!({"strategy": {"objectBucketClaim": asked}})).unwrap_err();
            assert_eq!(refused.class, ErrorClass::Invalid);
            assert!(refused.message.starts_with(path), "{}", refused.message);
        }
    }

    #[test]
    fn the_manifest_is_found_again_is_nobodys_property_and_lets_the_provisioner_name_the_bucket() {
        let claim = claim(Kind::BlobStorage);
        let ask = Ask { storage_class_name: "a".to_owned(), ..Ask::default() };
        let made = render(&claim, "orders-x", ask.clone(), &Sight::Nothing).manifest;
        assert!(crate::ownership::is_of(&made.metadata, &claim.uid));
        assert_eq!(made.metadata.owner_references, None);
        assert_eq!(made.spec.generate_bucket_name, "orders");
        let other = Ask { storage_class_name: "b".to_owned(), ..ask };
        let again = render(&claim, "orders-x", other, &Sight::There(Box::new(made.clone())));
        assert_eq!(again.manifest, made, "a class cannot be changed");
    }

    #[test]
    fn odd_names_begin_the_name_of_a_bucket() {
        assert_eq!(prefix("a.b"), "a-b");
        assert_eq!(prefix(&"abc.".repeat(60)), "abc-abc-abc-abc-abc-abc-ab");
        assert_eq!(prefix(&format!("{}.b", "a".repeat(25))), "a".repeat(25));
    }
}
