//! X04: what services may write, by the API server's own refusals to their own tokens. RBAC allows each of these calls.

mod claims;
mod secrets;
mod workloads;

use kube::api::{Api, DynamicObject, PostParams};
use kube::core::GroupVersionKind;
use kube::discovery::pinned_kind;
use serde_json::{Value, json};
use stack::{Stack, eventually};

pub(crate) const UID: &str = "6d6f2f0e-0000-4000-8000-000000000001";
pub(crate) const OTHER_UID: &str = "6d6f2f0e-0000-4000-8000-000000000002";

/// What our services write on every object of a claim.
pub(crate) fn labels(uid: &str, kind: &str) -> Value {
    json!({
        "app.kubernetes.io/managed-by": "cloud-resource-operator",
        "integreatly.org/claim-uid": uid, "integreatly.org/claim-kind": kind,
    })
}

pub(crate) fn owner(uid: &str) -> Value {
    json!([{
        "apiVersion": "integreatly.org/v1alpha1", "kind": "Postgres", "name": "orders", "uid": uid,
        "controller": true,
    }])
}

/// A copy with other values at these paths; `null` removes.
pub(crate) fn with(object: &Value, changes: &[(&str, Value)]) -> Value {
    let mut object = object.clone();
    for (path, value) in changes {
        let mut place = &mut object;
        for step in path.split('/') {
            place = match step.parse::<usize>() {
                Ok(index) => &mut place[index],
                Err(_) => &mut place[step.replace('~', "/")],
            };
        }
        *place = value.clone();
    }
    object
}

/// Objects of one kind, as one service may write them.
pub(crate) async fn api(
    client: &kube::Client,
    admin: &kube::Client,
    object: &Value,
    namespace: &str,
) -> Api<DynamicObject> {
    let types = serde_json::from_value(object.clone()).unwrap();
    let gvk = GroupVersionKind::try_from(&types).unwrap();
    let (resource, _) = pinned_kind(admin, &gvk).await.unwrap();
    Api::namespaced_with(client.clone(), namespace, &resource)
}

/// What the API server says of a creation that nothing comes of; `None` when it would do it.
pub(crate) async fn refusal(api: &Api<DynamicObject>, object: &Value) -> Option<String> {
    let params = PostParams { dry_run: true, ..PostParams::default() };
    let object = serde_json::from_value(object.clone()).unwrap();
    said(api.create(&params, &object).await)
}

/// The message of a refusal.
pub(crate) fn said<T>(answer: kube::Result<T>) -> Option<String> {
    match answer {
        Ok(_) => None,
        Err(kube::Error::Api(status)) => Some(status.message.clone()),
        Err(error) => Some(error.to_string()),
    }
}

/// Policies count a moment after they are there.
pub(crate) async fn until_refused(
    stack: &Stack,
    api: &Api<DynamicObject>,
    object: &Value,
    message: &str,
) {
    eventually(message, stack.patience, async || {
        let said = refusal(api, object).await.unwrap_or_default();
        anyhow::ensure!(said.contains(message), "{said}");
        Ok(Some(()))
    })
    .await
    .unwrap();
}
