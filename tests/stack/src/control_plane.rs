//! A Kubernetes control plane whose pods become ready without a node.

use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DynamicObject, PostParams};
use kube::runtime::{conditions, wait::await_condition};
use serde_json::json;
use tokio::sync::Mutex;

use crate::apiserver::ApiServer;
use crate::audit::{self, ApiCall};
use crate::child::Child;
use crate::etcd::Etcd;
use crate::kubeconfig::Kubeconfig;
use crate::objects;
use crate::steps::Steps;
use crate::volumes::{self, Volumes};
use crate::wait::{PATIENCE, within};
use crate::{controller_manager, kwok, repository, scheduler};

/// etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, with our CRDs.
pub struct ControlPlane {
    admin: Kubeconfig,
    url: String,
    folder: PathBuf,
    server: Mutex<ApiServer>,
    _volumes: Volumes,
    _others: [Child; 3],
    _etcd: Etcd,
}

impl ControlPlane {
    /// Starts everything in a folder and waits until a pod could be scheduled.
    pub async fn start(folder: &Path, steps: Steps) -> anyhow::Result<Self> {
        let etcd = steps.step("starting etcd", Etcd::start(folder)).await?;
        let server = ApiServer::start(folder, &etcd.url);
        let server = steps.step("starting kube-apiserver", server).await?;
        let admin = server.admin()?;
        let client = admin.client().await?;
        let what = "installing the custom resource definitions";
        steps.step(what, install_crds(&client)).await?;
        // After the definitions: the garbage collector looks for new kinds only every 30 s.
        let others = async {
            let others = [
                controller_manager::start(folder, &admin)?,
                scheduler::start(folder, &admin)?,
                kwok::start(folder, &admin)?,
            ];
            furnish(&client).await?;
            Ok((others, Volumes::start(admin.clone())?))
        };
        let what = "starting kube-controller-manager, kube-scheduler and kwok";
        let (others, volumes) = steps.step(what, Box::pin(others)).await?;
        let (url, folder) = (server.url(), folder.to_owned());
        Ok(Self {
            admin,
            url,
            folder,
            server: Mutex::new(server),
            _volumes: volumes,
            _others: others,
            _etcd: etcd,
        })
    }

    /// The administrator's kubeconfig.
    pub fn admin(&self) -> &Kubeconfig {
        &self.admin
    }

    /// Writes a kubeconfig for a token.
    pub fn kubeconfig(
        &self,
        path: PathBuf,
        token: &str,
        namespace: &str,
    ) -> anyhow::Result<Kubeconfig> {
        Kubeconfig::write(path, &self.url, &self.folder.join("ca.crt"), token, namespace)
    }

    /// Kills the API server; what it stored stays. Only where no other test uses it.
    pub async fn kill_apiserver(&self) {
        self.server.lock().await.kill();
    }

    /// Kills the API server and starts it again on the same port and etcd. Only where no other test uses it.
    pub async fn restart_apiserver(&self) -> anyhow::Result<()> {
        self.server.lock().await.restart().await
    }

    /// What ServiceAccounts asked of the API server so far, and was answered.
    pub fn calls(&self) -> Vec<ApiCall> {
        audit::read(&self.folder)
    }
}

/// A node that exists in name only, and a default class of volumes.
async fn furnish(client: &kube::Client) -> anyhow::Result<()> {
    let node: Node = serde_json::from_value(json!({
        "metadata": {
            "name": "kwok",
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"kubernetes.io/hostname": "kwok", "kubernetes.io/os": "linux"},
        },
    }))?;
    Api::all(client.clone()).create(&PostParams::default(), &node).await?;
    let class: StorageClass = serde_json::from_value(json!({
        "metadata": {
            "name": volumes::CLASS,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": volumes::PROVISIONER,
        "allowVolumeExpansion": true,
    }))?;
    Api::all(client.clone()).create(&PostParams::default(), &class).await?;
    until_usable(client, "default").await?;
    let is_ready = |node: Option<&Node>| {
        let status = node.and_then(|node| node.status.as_ref());
        let conditions = status.and_then(|status| status.conditions.as_ref());
        conditions
            .is_some_and(|all| all.iter().any(|it| it.type_ == "Ready" && it.status == "True"))
    };
    let nodes: Api<Node> = Api::all(client.clone());
    within(
        PATIENCE,
        "kwok makes its node ready".to_owned(),
        await_condition(nodes, "kwok", is_ready),
    )
    .await
}

/// Pods are refused in a namespace until the controller manager has made this account.
pub(crate) async fn until_usable(client: &kube::Client, namespace: &str) -> anyhow::Result<()> {
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), namespace);
    let is_made = |account: Option<&ServiceAccount>| account.is_some();
    let what = format!("kube-controller-manager makes a ServiceAccount in {namespace}");
    within(PATIENCE, what, await_condition(accounts, "default", is_made)).await
}

async fn install_crds(client: &kube::Client) -> anyhow::Result<()> {
    define(client, objects::read_folder(&repository().join("crds/manifests"))?).await
}

/// Makes kinds known, and waits until they are served.
pub(crate) async fn define(
    client: &kube::Client,
    definitions: Vec<DynamicObject>,
) -> anyhow::Result<()> {
    for definition in &definitions {
        objects::apply(client, "", definition).await?;
    }
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    for definition in definitions {
        let name = definition.metadata.name.unwrap_or_default();
        let is_served = conditions::is_crd_established();
        let wait = await_condition(api.clone(), &name, is_served);
        within(PATIENCE, format!("kube-apiserver serves {name}"), wait).await?;
    }
    Ok(())
}
