//! From the ConfigMap of a bucket to the keys of the connection Secret: pure.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use proto::Field;

use crate::readiness::IN_PROGRESS;

/// Keys of the ConfigMap, and where their values go. The last two are no keys of the Go operator.
const ADDRESS: [(&str, &str); 4] = [
    ("BUCKET_NAME", "bucketName"),
    ("BUCKET_REGION", "bucketRegion"),
    ("BUCKET_HOST", "bucketHost"),
    ("BUCKET_PORT", "bucketPort"),
];
/// Keys of the Secret that only secret-writer reads.
const KEYS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "credentialKeyID"), ("AWS_SECRET_ACCESS_KEY", "credentialSecretKey")];

/// The keys of the connection Secret, or what is missing. `owner` is the `ObjectBucketClaim`.
pub fn fields(
    owner: &ObjectMeta,
    address: Option<&ConfigMap>,
) -> Result<Vec<(&'static str, Field)>, String> {
    let name = owner.name.as_deref().unwrap_or_default();
    let address = address.ok_or_else(|| {
        format!(
            "{IN_PROGRESS}: the bucket's ConfigMap {name} is missing; its provisioner writes it"
        )
    })?;
    if !is_of(&address.metadata, owner) {
        return Err(format!(
            "{IN_PROGRESS}: the ConfigMap {name} is not of the ObjectBucketClaim; delete it, so that the \
             provisioner writes its own"
        ));
    }
    let value = |key: &str| address.data.as_ref().and_then(|data| data.get(key)).cloned();
    if value("BUCKET_NAME").is_none_or(|name| name.is_empty()) {
        return Err(format!("{IN_PROGRESS}: the ConfigMap {name} holds no BUCKET_NAME"));
    }
    let literal = |(from, to)| (to, value(from).unwrap_or_default());
    // The Go operator's keys are there even when the provisioner knows no region.
    let is_told = |(key, text): &(&str, String)| *key == "bucketRegion" || !text.is_empty();
    let literals = ADDRESS.map(literal).into_iter().filter(is_told);
    let literals = literals.map(|(key, text)| (key, Field::Literal(text)));
    let keys = KEYS.map(|(from, to)| (to, Field::Bucket(from.to_owned())));
    Ok(literals.chain(keys).collect())
}

fn is_of(metadata: &ObjectMeta, owner: &ObjectMeta) -> bool {
    let mut owners = metadata.owner_references.iter().flatten();
    owners.any(|it| it.kind == "ObjectBucketClaim" && Some(&it.uid) == owner.uid.as_ref())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config_map(data: &Value, owner: &str) -> ConfigMap {
        let owner = json!({
            "apiVersion": "objectbucket.io/v1alpha1", "kind": "ObjectBucketClaim",
            "name": "files-x", "uid": owner,
        });
        let address = json!({"metadata": {"ownerReferences": [owner]}, "data": data});
        serde_json::from_value(address).unwrap()
    }

    fn read(data: &Value, owner: &str) -> Result<Vec<(&'static str, Field)>, String> {
        let obc = ObjectMeta {
            name: Some("files-x".to_owned()),
            uid: Some("o-1".to_owned()),
            ..ObjectMeta::default()
        };
        fields(&obc, Some(&config_map(data, owner)))
    }

    #[test]
    fn a_bucket_has_the_go_operators_keys_and_its_endpoint_and_no_secret() {
        let literal = |text: &str| Field::Literal(text.to_owned());
        let key = |text: &str| Field::Bucket(text.to_owned());
        let data = json!({
            "BUCKET_NAME": "files-1", "BUCKET_HOST": "s3.storage.svc", "BUCKET_PORT": "443",
            "BUCKET_REGION": "", "BUCKET_SUBREGION": "",
        });
        let expected = [
            ("bucketName", literal("files-1")),
            ("bucketRegion", literal("")),
            ("bucketHost", literal("s3.storage.svc")),
            ("bucketPort", literal("443")),
            ("credentialKeyID", key("AWS_ACCESS_KEY_ID")),
            ("credentialSecretKey", key("AWS_SECRET_ACCESS_KEY")),
        ];
        assert_eq!(read(&data, "o-1").unwrap(), expected);
        assert_eq!(read(&json!({"BUCKET_NAME": "b"}), "o-1").unwrap().len(), 4);
    }

    #[test]
    fn a_config_map_that_is_missing_empty_or_somebody_elses_is_waited_for() {
        let none = fields(&ObjectMeta::default(), None).unwrap_err();
        assert!(none.contains("is missing"), "{none}");
        let empty = read(&json!({"BUCKET_NAME": ""}), "o-1").unwrap_err();
        assert!(empty.contains("BUCKET_NAME"), "{empty}");
        let theirs = read(&json!({"BUCKET_NAME": "evil"}), "o-2").unwrap_err();
        assert!(theirs.contains("is not of the ObjectBucketClaim"), "{theirs}");
    }
}
