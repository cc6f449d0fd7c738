//! ServiceAccounts, roles, bindings and admission policies of the four services, from the chart, and tokens for them.

use std::path::PathBuf;

use anyhow::Context as _;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, PostParams};

use crate::chart::render;
use crate::{control_plane::ControlPlane, kubeconfig::Kubeconfig, objects};

/// Kinds that say who may do what.
const GRANTS: [&str; 7] = [
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];

/// Which namespaces the services watch, and are allowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The stack's own namespace only: a test beside others.
    Namespace,
    /// All of the control plane: `make run`.
    Cluster,
}

/// Applies accounts, rights and policies for an operator in this namespace.
pub(crate) async fn grant(
    client: &kube::Client,
    namespace: &str,
    scope: Scope,
) -> anyhow::Result<()> {
    // What some tests turn on at a service.
    let mut values = ["mappingNamespace=claim", "openshift.credentialsRequest.enabled=true"]
        .map(str::to_owned)
        .to_vec();
    if scope == Scope::Namespace {
        values.push(format!("watchNamespaces={{{namespace}}}"));
    }
    for object in render(namespace, &values)? {
        if GRANTS.contains(&objects::kind(&object)) {
            objects::apply(client, namespace, &object).await?;
        }
    }
    Ok(())
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
