//! Pure: the `CredentialsRequest` as it should be. What it asks for is generated from the list of calls to AWS.

use kube::api::DynamicObject;
use serde_json::Value;

pub(super) const GROUP: &str = "cloudcredential.openshift.io";
pub(super) const VERSION: &str = "v1";
pub(super) const KIND: &str = "CredentialsRequest";
pub(super) const PLURAL: &str = "credentialsrequests";
/// The Go operator's, of the request and of the Secret: who follows it keeps its key.
pub(super) const NAME: &str = "cloud-resources-aws-credentials";

const MANIFEST: &str = include_str!("../../../../deploy/aws/credentials-request.json");

/// The request in this namespace, which answers into a Secret of the same name beside it.
pub(super) fn request(namespace: &str) -> Value {
    let mut request: Value = serde_json::from_str(MANIFEST).expect("it is generated");
    request["metadata"]["namespace"] = namespace.into();
    request["spec"]["secretRef"]["namespace"] = namespace.into();
    request
}

/// Whether all that we want is there; what others have added does not matter.
pub(super) fn is_kept(wanted: &Value, found: &DynamicObject) -> bool {
    serde_json::to_value(found).is_ok_and(|found| contains(&found, wanted))
}

fn contains(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, wanted)| found.get(key).is_some_and(|found| contains(found, wanted))),
        _ => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(change: impl FnOnce(&mut Value)) -> DynamicObject {
        let mut found = request("ops");
        change(&mut found);
        serde_json::from_value(found).unwrap()
    }

    #[test]
    fn w46_keys_of_the_operator_are_in_its_own_namespace_and_nowhere_else() {
        let request = request("ops");
        assert_eq!(request["metadata"]["namespace"], "ops");
        assert_eq!(request["spec"]["secretRef"], json!({"name": NAME, "namespace": "ops"}));
    }

    #[test]
    fn it_is_what_the_cloud_credential_operator_reads() {
        let request = request("ops");
        assert_eq!(request["apiVersion"], format!("{GROUP}/{VERSION}"));
        assert_eq!((&request["kind"], &request["metadata"]["name"]), (&json!(KIND), &json!(NAME)));
        let provider = &request["spec"]["providerSpec"];
        assert_eq!(provider["kind"], "AWSProviderSpec");
        let entries = provider["statementEntries"].as_array().unwrap();
        assert!(!entries.is_empty());
        for entry in entries {
            let fields: Vec<&String> = entry.as_object().unwrap().keys().collect();
            let known = ["action", "effect", "policyCondition", "resource"];
            assert!(fields.iter().all(|field| known.contains(&field.as_str())), "{fields:?}");
            assert!(entry["resource"].is_string() && entry["action"].is_array());
        }
    }

    #[test]
    fn what_others_add_stays_and_what_they_change_does_not() {
        let is_kept = |change: fn(&mut Value)| is_kept(&request("ops"), &found(change));
        assert!(is_kept(|_| ()));
        assert!(is_kept(|it| it["metadata"]["finalizers"] = json!(["cloudcredential"])));
        assert!(is_kept(|it| it["spec"]["providerSpec"]["stsIAMRoleARN"] = json!("arn")));
        assert!(is_kept(|it| it["status"] = json!({"provisioned": true})));
        assert!(!is_kept(|it| it["spec"]["secretRef"]["name"] = json!("other")));
        assert!(!is_kept(|it| {
            it["spec"]["providerSpec"]["statementEntries"][0]["action"] = json!(["s3:*"]);
        }));
        assert!(!is_kept(|it| it["metadata"]["labels"] = Value::Null));
    }
}
