//! A Kubernetes control plane whose pods become ready without a node.

use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::discovery::{ApiCapabilities, ApiResource, Scope};
use serde::Deserialize as _;
use serde_json::json;
use tokio::sync::Mutex;

use crate::apiserver::ApiServer;
use crate::child::{Child, Spawn};
use crate::kubeconfig::Kubeconfig;
use crate::{repository, tools};

/// etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, with our CRDs.
pub struct ControlPlane {
    admin: Kubeconfig,
    url: String,
    folder: PathBuf,
    server: Mutex<ApiServer>,
    _others: Vec<Child>,
}

impl ControlPlane {
    /// Starts everything in a folder and waits until a pod could be scheduled.
    pub async fn start(folder: &Path, progress: impl Fn(&str)) -> anyhow::Result<Self> {
        progress("etcd and kube-apiserver");
        let server = ApiServer::start(folder).await?;
        let admin = server.admin()?;
        progress("kube-controller-manager, kube-scheduler and kwok");
        let others = vec![
            controller_manager(folder, &admin)?,
            scheduler(folder, &admin)?,
            kwok(folder, &admin)?,
        ];
        let client = admin.client().await?;
        furnish(&client).await?;
        progress("custom resource definitions");
        install_crds(&client).await?;
        let url = server.url();
        let folder = folder.to_owned();
        Ok(Self { admin, url, folder, server: Mutex::new(server), _others: others })
    }

    /// The administrator's kubeconfig.
    pub fn admin(&self) -> &Kubeconfig {
        &self.admin
    }

    /// The administrator's client. Belongs to the runtime of the caller.
    pub async fn client(&self) -> anyhow::Result<kube::Client> {
        self.admin.client().await
    }

    /// A kubeconfig for a token.
    pub fn kubeconfig(&self, path: PathBuf, token: &str) -> anyhow::Result<Kubeconfig> {
        Kubeconfig::write(path, &self.url, &self.folder.join("ca.crt"), token)
    }

    /// Kills the API server and starts it again on the same port and etcd.
    pub async fn restart_apiserver(&self) -> anyhow::Result<()> {
        self.server.lock().await.restart().await
    }
}

fn controller_manager(folder: &Path, admin: &Kubeconfig) -> anyhow::Result<Child> {
    let binary = tools()?.join("kube-controller-manager");
    Spawn::new("kube-controller-manager", binary, folder)
        .args(["--kubeconfig", &admin.path().to_string_lossy(), "--leader-elect=false"])
        .args(["--service-account-private-key-file", "sa.key", "--root-ca-file", "ca.crt"])
        .args(["--enable-hostpath-provisioner", "--secure-port", "0"])
        .args(["--kube-api-qps", "500", "--kube-api-burst", "1000"])
        .start()
}

fn scheduler(folder: &Path, admin: &Kubeconfig) -> anyhow::Result<Child> {
    let config = json!({
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "leaderElection": {"leaderElect": false},
        "clientConnection": {"kubeconfig": admin.path(), "qps": 500, "burst": 1000},
    });
    std::fs::write(folder.join("scheduler.json"), config.to_string())?;
    Spawn::new("kube-scheduler", tools()?.join("kube-scheduler"), folder)
        .args(["--config", "scheduler.json", "--secure-port", "0"])
        .start()
}

fn kwok(folder: &Path, admin: &Kubeconfig) -> anyhow::Result<Child> {
    let stages = tools()?.join("../stages");
    let kubeconfig = admin.path().to_string_lossy();
    let mut spawn = Spawn::new("kwok", tools()?.join("kwok"), folder).args([
        "--kubeconfig",
        &kubeconfig,
        "--manage-all-nodes",
    ]);
    for stage in [
        "node/fast/node-initialize.yaml",
        "node/heartbeat/node-heartbeat.yaml",
        "pod/fast/pod-ready.yaml",
        "pod/fast/pod-complete.yaml",
        "pod/fast/pod-delete.yaml",
    ] {
        spawn = spawn.args(["--config", &stages.join(stage).to_string_lossy()]);
    }
    spawn.start()
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
            "name": "standard",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "kubernetes.io/host-path",
        "allowVolumeExpansion": true,
    }))?;
    Api::all(client.clone()).create(&PostParams::default(), &class).await?;
    // Pods are refused until the controller manager has made this account.
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
    let made = kube::runtime::wait::await_condition(
        accounts,
        "default",
        |account: Option<&ServiceAccount>| account.is_some(),
    );
    tokio::time::timeout(Duration::from_secs(30), made).await??;
    Ok(())
}

async fn install_crds(client: &kube::Client) -> anyhow::Result<()> {
    use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let mut names = Vec::new();
    for object in read_objects(&repository().join("crds/manifests"))? {
        apply(client, &object).await?;
        names.push(object.metadata.name.unwrap_or_default());
    }
    for name in names {
        let established = kube::runtime::conditions::is_crd_established();
        let wait = kube::runtime::wait::await_condition(api.clone(), &name, established);
        tokio::time::timeout(Duration::from_secs(30), wait).await??;
    }
    Ok(())
}

/// Every object in the YAML files of a folder, in the order of their names.
pub fn read_objects(folder: &Path) -> anyhow::Result<Vec<DynamicObject>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let objects: Vec<Vec<DynamicObject>> =
        files.iter().map(|file| read_file(file)).collect::<anyhow::Result<_>>()?;
    Ok(objects.concat())
}

/// Every object in a YAML file.
pub(crate) fn read_file(file: &Path) -> anyhow::Result<Vec<DynamicObject>> {
    let text = std::fs::read_to_string(file)?;
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| Ok(DynamicObject::deserialize(document)?))
        .collect()
}

/// Applies an object as the administrator.
pub(crate) async fn apply(client: &kube::Client, object: &DynamicObject) -> anyhow::Result<()> {
    let types = object.types.clone().unwrap_or_default();
    let gvk = kube::core::GroupVersionKind::try_from(&types)?;
    let (resource, capabilities) = resource_of(client, &gvk).await?;
    let api: Api<DynamicObject> = match (&capabilities.scope, &object.metadata.namespace) {
        (Scope::Namespaced, Some(namespace)) => {
            Api::namespaced_with(client.clone(), namespace, &resource)
        }
        (Scope::Namespaced, None) => Api::default_namespaced_with(client.clone(), &resource),
        (Scope::Cluster, _) => Api::all_with(client.clone(), &resource),
    };
    let name = object.metadata.name.clone().unwrap_or_default();
    let params = PatchParams::apply("administrator").force();
    api.patch(&name, &params, &Patch::Apply(object)).await?;
    Ok(())
}

async fn resource_of(
    client: &kube::Client,
    gvk: &kube::core::GroupVersionKind,
) -> anyhow::Result<(ApiResource, ApiCapabilities)> {
    Ok(kube::discovery::pinned_kind(client, gvk).await?)
}
