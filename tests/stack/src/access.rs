//! ServiceAccounts, roles and bindings of the four services, from `deploy/rbac`, and tokens for them.

use std::path::PathBuf;

use anyhow::Context as _;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, DynamicObject, PostParams};
use serde_json::Value;

use crate::repository;
use crate::{control_plane::ControlPlane, kubeconfig::Kubeconfig, objects};

/// Which namespaces the services watch, and are allowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The stack's own namespace only: a test beside others.
    Namespace,
    /// All of the control plane: `make run`.
    Cluster,
}

impl Scope {
    fn bindings(self) -> &'static str {
        match self {
            Self::Namespace => "one-namespace.yaml",
            Self::Cluster => "all-namespaces.yaml",
        }
    }
}

/// Applies ServiceAccounts, roles and bindings for an operator in this namespace.
pub(crate) async fn grant(
    client: &kube::Client,
    namespace: &str,
    scope: Scope,
) -> anyhow::Result<()> {
    let folder = repository().join("deploy/rbac");
    let mut all = objects::read_folder(&folder)?;
    for file in ["operator.yaml", scope.bindings()] {
        all.extend(objects::read_file(&folder.join("bindings").join(file))?);
    }
    for object in all {
        objects::apply(client, namespace, &bound_in(namespace, object)).await?;
    }
    Ok(())
}

/// Subjects are of this namespace; names of cluster-wide bindings carry it, for several stacks share a control plane.
fn bound_in(namespace: &str, mut object: DynamicObject) -> DynamicObject {
    let subjects = object.data.get_mut("subjects").and_then(Value::as_array_mut);
    for subject in subjects.into_iter().flatten() {
        subject["namespace"] = namespace.into();
    }
    if objects::kind(&object) == "ClusterRoleBinding" {
        object.metadata.name = object.metadata.name.map(|name| format!("{name}-{namespace}"));
    }
    object
}

/// A kubeconfig with a token of a ServiceAccount.
pub(crate) async fn kubeconfig(
    plane: &ControlPlane,
    client: &kube::Client,
    namespace: &str,
    account: &str,
    path: PathBuf,
) -> anyhow::Result<Kubeconfig> {
    plane.kubeconfig(path, &token(client, namespace, account).await?, namespace)
}

/// A token of a ServiceAccount that is valid for a day.
pub(crate) async fn token(
    client: &kube::Client,
    namespace: &str,
    account: &str,
) -> anyhow::Result<String> {
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), namespace);
    let spec =
        TokenRequestSpec { expiration_seconds: Some(24 * 3600), ..TokenRequestSpec::default() };
    let request = TokenRequest { spec, ..TokenRequest::default() };
    let params = PostParams::default();
    let answer = accounts.create_token_request(account, &params, &request).await;
    let answer = answer.with_context(|| format!("no token of the ServiceAccount {account}"))?;
    Ok(answer.status.context("a token was made")?.token)
}
