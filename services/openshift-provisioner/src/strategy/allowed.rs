//! The allow-list: which fields of a strategy count, and which values they may have.

use serde_json::Value;

use crate::quantity;

const POD: &str = "deploymentSpec.template.spec";
/// Parts of the pod that say where it runs and nothing about what it may do.
const SCHEDULING: [&str; 5] =
    ["nodeSelector", "tolerations", "affinity", "priorityClassName", "topologySpreadConstraints"];

/// Whether the leaf at `path` may have this value; if not, why.
pub(super) fn check(path: &str, value: &Value, image: &str) -> Result<(), String> {
    let in_pod = path.strip_prefix(POD).and_then(|rest| rest.strip_prefix('.'));
    if let Some(field) = in_pod {
        return pod(field, value, image);
    }
    match path {
        "deploymentSpec.replicas" => only(value, &Value::from(1), "one volume serves one pod"),
        "serviceSpec.type" => {
            only(value, &Value::from("ClusterIP"), "databases are not exposed outside the cluster")
        }
        "pvcSpec.accessModes[0]" => {
            only(value, &Value::from("ReadWriteOnce"), "one pod uses the volume")
        }
        "pvcSpec.storageClassName" => Ok(()),
        "pvcSpec.resources.requests.storage" => amount(value),
        _ if path.starts_with("secretData") => {
            Err("passwords are generated and kept in the credential Secret only".to_owned())
        }
        _ => not_allowed(),
    }
}

fn pod(field: &str, value: &Value, image: &str) -> Result<(), String> {
    if SCHEDULING.iter().any(|part| is_within(field, part)) {
        return Ok(());
    }
    match field.strip_prefix("containers[0].") {
        // It tells people which container is meant; there is only one.
        Some("name") => Ok(()),
        Some("image") => version_of(value, image),
        Some(rest) if rest.starts_with("resources.requests.") => amount(value),
        Some(rest) if rest.starts_with("resources.limits.") => amount(value),
        _ => not_allowed(),
    }
}

fn not_allowed() -> Result<(), String> {
    Err("a strategy may not set this; it may set the container's resources and image tag, \
         scheduling, and the volume's size and class"
        .to_owned())
}

/// Whether the path is that part or inside it.
fn is_within(path: &str, part: &str) -> bool {
    let rest = path.strip_prefix(part);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn only(value: &Value, accepted: &Value, why: &str) -> Result<(), String> {
    if value == accepted { Ok(()) } else { Err(format!("only {accepted} is possible: {why}")) }
}

fn amount(value: &Value) -> Result<(), String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match quantity::parse(&text) {
        Some(amount) if amount >= 0 => Ok(()),
        _ => Err(format!("{value} is no quantity such as 500m or 2Gi")),
    }
}

fn version_of(value: &Value, image: &str) -> Result<(), String> {
    let configured = repository(image);
    let asked = value.as_str().unwrap_or_default();
    if repository(asked) == configured && asked != configured {
        return Ok(());
    }
    Err(format!("only another tag or digest of {configured} is possible"))
}

/// An image without its tag and digest.
fn repository(image: &str) -> &str {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    match named.rsplit_once(':') {
        // A colon before a slash is the port of a registry.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_digests_are_no_part_of_a_repository() {
        let table = [
            ("quay.io/a/b:1", "quay.io/a/b"),
            ("quay.io/a/b@sha256:00", "quay.io/a/b"),
            ("quay.io/a/b:1@sha256:00", "quay.io/a/b"),
            ("localhost:5000/b", "localhost:5000/b"),
            ("localhost:5000/b:1", "localhost:5000/b"),
            ("b", "b"),
        ];
        for (image, expected) in table {
            assert_eq!(repository(image), expected);
        }
    }
}
