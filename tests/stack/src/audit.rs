//! What the services asked of the API server.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;

pub(crate) const FLAGS: [&str; 6] = [
    "--audit-policy-file",
    "audit-policy.json",
    "--audit-log-path",
    "audit.log",
    "--audit-log-mode",
    "blocking",
];

/// One answered request of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCall {
    /// `system:serviceaccount:<namespace>:<service>`.
    pub user: String,
    /// Such as `patch` or `watch`.
    pub verb: String,
    /// Plural, with the subresource after a slash: `postgres/status`.
    pub resource: String,
    /// Empty for cluster-scoped objects and for lists over all namespaces.
    pub namespace: String,
    /// Empty for lists and watches.
    pub name: String,
    /// HTTP status of the answer.
    pub code: u16,
}

impl ApiCall {
    /// Whether it may have changed something.
    pub fn is_write(&self) -> bool {
        !matches!(self.verb.as_str(), "get" | "list" | "watch")
    }
}

/// Only ServiceAccounts, only metadata, one line for each answer.
pub(crate) fn write_policy(folder: &Path) -> anyhow::Result<()> {
    let policy = json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived", "ResponseStarted"],
        "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts"]}, {"level": "None"}],
    });
    Ok(std::fs::write(folder.join("audit-policy.json"), policy.to_string())?)
}

/// Every answered request so far, in order.
pub(crate) fn read(folder: &Path) -> Vec<ApiCall> {
    let text = std::fs::read_to_string(folder.join("audit.log")).unwrap_or_default();
    // The last line may still be on its way.
    text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()).map(call).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    verb: String,
    user: User,
    #[serde(default)]
    object_ref: ObjectRef,
    #[serde(default)]
    response_status: ResponseStatus,
}

#[derive(Deserialize)]
struct User {
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ObjectRef {
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResponseStatus {
    code: u16,
}

fn call(line: Line) -> ApiCall {
    let ObjectRef { mut resource, subresource, namespace, name } = line.object_ref;
    if !subresource.is_empty() {
        resource = format!("{resource}/{subresource}");
    }
    let code = line.response_status.code;
    ApiCall { user: line.user.username, verb: line.verb, resource, namespace, name, code }
}
