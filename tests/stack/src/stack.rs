//! What one test, or `make run`, has for itself.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Namespace, Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, RoleBinding};
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use proto::Service;
use serde_json::{Value, json};

use crate::child::free_port;
use crate::claim::Claim;
use crate::control_plane::{ControlPlane, apply, read_objects};
use crate::kubeconfig::Kubeconfig;
use crate::nats::Nats;
use crate::proxy::Proxy;
use crate::repository;
use crate::services::{Services, Setup, logs};

/// Which namespaces the services watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The stack's own namespace only: a test beside others.
    Namespace,
    /// All of the control plane: `make run`.
    Cluster,
}

/// A namespace, a nats-server, an AWS account and the four services.
pub struct Stack {
    /// The administrator's client.
    pub client: kube::Client,
    /// The namespace of claims, and of the operator.
    pub namespace: String,
    /// The bus.
    pub nats: Nats,
    /// AWS.
    pub aws: Proxy,
    services: BTreeMap<&'static str, Services>,
    folder: PathBuf,
    /// How long waiters wait.
    pub patience: Duration,
}

impl Stack {
    /// Prepares everything but starts no service yet.
    pub async fn prepare(
        plane: &ControlPlane,
        aws_port: u16,
        namespace: &str,
        scope: Scope,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let folder = folder.join(namespace);
        std::fs::create_dir_all(&folder)?;
        let client = plane.client().await?;
        make_namespace(&client, namespace).await?;
        let nats = Nats::start(&folder).await?;
        let account = format!("{:012}", rand_digits(namespace));
        let aws = Proxy::start(aws_port, &account).await?;
        let mut stack = Self {
            client,
            namespace: namespace.to_owned(),
            nats,
            aws,
            services: BTreeMap::new(),
            folder,
            patience: Duration::from_secs(60),
        };
        for object in read_objects(&repository().join("deploy/config"))? {
            stack.apply(object).await?;
        }
        stack.set_up_services(plane, scope).await?;
        Ok(stack)
    }

    /// Prepares everything and starts one replica of each service.
    pub async fn start(
        plane: &ControlPlane,
        aws_port: u16,
        namespace: &str,
        scope: Scope,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let mut stack = Self::prepare(plane, aws_port, namespace, scope, folder).await?;
        stack.start_services().await?;
        Ok(stack)
    }

    /// Starts one replica of each service and waits until all are ready.
    pub async fn start_services(&mut self) -> anyhow::Result<()> {
        for service in Service::ALL {
            self.service(service).start()?;
        }
        for service in Service::ALL {
            for replica in self.service(service).replicas() {
                replica.ready().await?;
            }
        }
        Ok(())
    }

    /// All replicas of a service.
    pub fn service(&mut self, service: Service) -> &mut Services {
        self.services.get_mut(service.as_str()).expect("every service is set up")
    }

    /// Where logs are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    async fn set_up_services(&mut self, plane: &ControlPlane, scope: Scope) -> anyhow::Result<()> {
        let mut ports = BTreeMap::new();
        for service in Service::ALL {
            ports.insert(service.as_str(), free_port()?);
        }
        let logs = logs(&self.folder)?;
        for service in Service::ALL {
            let kubeconfig = self.account(plane, service, scope).await?;
            let setup = Setup {
                service,
                keys: self.nats.keys(service),
                nats_url: self.nats.url(),
                kubeconfig,
                env: self.environment(service, scope, &ports),
                logs: logs.clone(),
                grpc_port: ports[service.as_str()],
            };
            self.services.insert(service.as_str(), Services::new(setup));
        }
        Ok(())
    }

    /// The service's ServiceAccount, its roles bound as far as the scope goes, and a token of it.
    async fn account(
        &self,
        plane: &ControlPlane,
        service: Service,
        scope: Scope,
    ) -> anyhow::Result<Option<Kubeconfig>> {
        let file = repository().join(format!("deploy/rbac/{service}.yaml"));
        let mut roles = Vec::new();
        for object in crate::control_plane::read_file(&file)? {
            let kind = object.types.as_ref().map(|types| types.kind.clone()).unwrap_or_default();
            if kind == "ClusterRole" {
                roles.push(object.metadata.name.clone().unwrap_or_default());
                apply(&self.client, &object).await?;
            } else {
                self.apply(object).await?;
            }
        }
        for role in &roles {
            self.bind(service, role, scope).await?;
        }
        if roles.is_empty() {
            return Ok(None);
        }
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), &self.namespace);
        let lifetime =
            TokenRequestSpec { expiration_seconds: Some(24 * 3600), ..TokenRequestSpec::default() };
        let request = TokenRequest { spec: lifetime, ..TokenRequest::default() };
        let answer = accounts
            .create_token_request(service.as_str(), &PostParams::default(), &request)
            .await?;
        let token = answer.status.context("a token was made")?.token;
        let path = self.folder.join(format!("{service}.kubeconfig"));
        Ok(Some(plane.kubeconfig(path, &token)?))
    }

    async fn bind(&self, service: Service, role: &str, scope: Scope) -> anyhow::Result<()> {
        let subjects = json!([
            {"kind": "ServiceAccount", "name": service.as_str(), "namespace": self.namespace}
        ]);
        let role_ref = json!({
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role,
        });
        let cluster_wide = scope == Scope::Cluster || role.ends_with("-cluster");
        let name =
            if cluster_wide { format!("{role}-{}", self.namespace) } else { role.to_owned() };
        let binding = json!({
            "metadata": {"name": name}, "subjects": subjects, "roleRef": role_ref,
        });
        if cluster_wide {
            let binding: ClusterRoleBinding = serde_json::from_value(binding)?;
            Api::all(self.client.clone()).create(&PostParams::default(), &binding).await?;
        } else {
            let binding: RoleBinding = serde_json::from_value(binding)?;
            let api = Api::namespaced(self.client.clone(), &self.namespace);
            api.create(&PostParams::default(), &binding).await?;
        }
        Ok(())
    }

    fn environment(
        &self,
        service: Service,
        scope: Scope,
        ports: &BTreeMap<&'static str, u16>,
    ) -> Vec<(String, String)> {
        let watched = if scope == Scope::Cluster { String::new() } else { self.namespace.clone() };
        let url = |service: Service| format!("http://127.0.0.1:{}", ports[service.as_str()]);
        let variables: Vec<(&str, String)> = match service {
            Service::Watcher => vec![
                ("WATCH_NAMESPACE", watched),
                ("OPERATOR_NAMESPACE", self.namespace.clone()),
                ("POD_NAME", "$REPLICA".to_owned()),
                ("CLUSTER_ID", format!("local-{}", self.namespace)),
                ("CLUSTER_REGION", "eu-west-1".to_owned()),
                ("AWS_PROVISIONER_URL", url(Service::AwsProvisioner)),
                ("OPENSHIFT_PROVISIONER_URL", url(Service::OpenshiftProvisioner)),
                ("SECRET_WRITER_URL", url(Service::SecretWriter)),
            ],
            Service::OpenshiftProvisioner => {
                vec![("WATCH_NAMESPACE", watched), ("SIMULATED", "true".to_owned())]
            }
            Service::SecretWriter => vec![("WATCH_NAMESPACE", watched)],
            // The environment of the caller is not passed on, so nothing here can reach a real account.
            Service::AwsProvisioner => vec![
                ("AWS_ENDPOINT_URL", self.aws.url()),
                ("REQUIRE_ENDPOINT", "true".to_owned()),
                ("AWS_REGION", "eu-west-1".to_owned()),
                ("AWS_ACCESS_KEY_ID", "local".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
                ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
                ("SIMULATED", "true".to_owned()),
            ],
        };
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Applies an object of this namespace as the administrator.
    pub async fn apply(&self, mut object: DynamicObject) -> anyhow::Result<()> {
        object.metadata.namespace = Some(self.namespace.clone());
        apply(&self.client, &object).await
    }

    /// The API of a claim's kind.
    pub fn claims(&self, claim: &Claim) -> Api<DynamicObject> {
        let gvk = GroupVersionKind::gvk("integreatly.org", "v1alpha1", claim.kind);
        let resource = ApiResource::from_gvk_with_plural(&gvk, &claim.plural());
        Api::namespaced_with(self.client.clone(), &self.namespace, &resource)
    }

    /// The live state of an object of this namespace.
    pub async fn live(&self, object: &DynamicObject) -> anyhow::Result<DynamicObject> {
        let gvk = GroupVersionKind::try_from(&object.types.clone().unwrap_or_default())?;
        let (resource, _) = kube::discovery::pinned_kind(&self.client, &gvk).await?;
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), &self.namespace, &resource);
        Ok(api.get(object.metadata.name.as_deref().unwrap_or_default()).await?)
    }

    /// Creates a claim.
    pub async fn create(&self, claim: &Claim) -> anyhow::Result<DynamicObject> {
        Ok(self.claims(claim).create(&PostParams::default(), &claim.object()).await?)
    }

    /// Changes a claim by a merge patch.
    pub async fn patch(&self, claim: &Claim, patch: Value) -> anyhow::Result<()> {
        let params = PatchParams::default();
        self.claims(claim).patch(&claim.name, &params, &Patch::Merge(patch)).await?;
        Ok(())
    }

    /// Asks for the deletion of a claim.
    pub async fn delete(&self, claim: &Claim) -> anyhow::Result<()> {
        self.claims(claim).delete(&claim.name, &DeleteParams::default()).await?;
        Ok(())
    }

    /// Changes a key of a ConfigMap.
    pub async fn configure(&self, config_map: &str, key: &str, value: &str) -> anyhow::Result<()> {
        let api: Api<k8s_openapi::api::core::v1::ConfigMap> =
            Api::namespaced(self.client.clone(), &self.namespace);
        let patch = json!({"data": {key: value}});
        api.patch(config_map, &PatchParams::default(), &Patch::Merge(patch)).await?;
        Ok(())
    }

    /// Waits until a claim satisfies a condition; fails with its status when it does not in time.
    pub async fn until(
        &self,
        claim: &Claim,
        what: &str,
        is_it: impl Fn(&DynamicObject) -> bool,
    ) -> anyhow::Result<DynamicObject> {
        let api = self.claims(claim);
        let name = claim.name.clone();
        let condition = |object: Option<&DynamicObject>| object.is_some_and(&is_it);
        let wait = kube::runtime::wait::await_condition(api.clone(), &name, condition);
        if let Ok(found) = tokio::time::timeout(self.patience, wait).await {
            return found?.with_context(|| format!("{name} vanished"));
        }
        let status = api.get_opt(&name).await?.map(|object| object.data["status"].clone());
        let patience = self.patience;
        anyhow::bail!("{} {name} is not {what} after {patience:?}: {status:#?}", claim.kind)
    }

    /// Waits until a claim is complete.
    pub async fn until_complete(&self, claim: &Claim) -> anyhow::Result<DynamicObject> {
        self.until(claim, "complete", |object| object.data["status"]["phase"] == "complete").await
    }

    /// Waits until the Ready condition of a claim has this reason.
    pub async fn until_reason(&self, claim: &Claim, reason: &str) -> anyhow::Result<DynamicObject> {
        self.until(claim, reason, |object| {
            condition(object, "Ready").is_some_and(|ready| ready["reason"] == reason)
        })
        .await
    }

    /// Waits until a claim is gone.
    pub async fn until_gone(&self, claim: &Claim) -> anyhow::Result<()> {
        eventually(&format!("{} {} gone", claim.kind, claim.name), self.patience, async || {
            Ok(self.claims(claim).get_opt(&claim.name).await?.is_none().then_some(()))
        })
        .await
    }

    /// The values of a Secret.
    pub async fn secret(&self, name: &str) -> anyhow::Result<Option<BTreeMap<String, String>>> {
        let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
        let Some(secret) = api.get_opt(name).await? else { return Ok(None) };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let data = secret.data.unwrap_or_default();
        Ok(Some(data.into_iter().map(|(key, value)| (key, text(value.0))).collect()))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for services in self.services.values_mut() {
            for replica in services.replicas() {
                let process = replica.process();
                eprintln!("---- {}\n{}", process.log().display(), process.tail());
            }
        }
    }
}

/// A condition of a claim.
fn condition<'a>(object: &'a DynamicObject, kind: &str) -> Option<&'a Value> {
    object.data["status"]["conditions"].as_array()?.iter().find(|it| it["type"] == kind)
}

/// Polls until there is a value. For what has no watch; a poll is itself a round trip.
pub async fn eventually<T, F: Future<Output = anyhow::Result<Option<T>>>>(
    what: &str,
    patience: Duration,
    mut poll: impl FnMut() -> F,
) -> anyhow::Result<T> {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        match poll().await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => anyhow::ensure!(
                tokio::time::Instant::now() < deadline,
                "{what}: not within {patience:?}"
            ),
            Err(error) if tokio::time::Instant::now() > deadline => {
                return Err(error.context(format!("{what}: not within {patience:?}")));
            }
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn make_namespace(client: &kube::Client, name: &str) -> anyhow::Result<()> {
    let api: Api<Namespace> = Api::all(client.clone());
    let namespace: Namespace = serde_json::from_value(json!({
        "metadata": {
            "name": name,
            // What we put into tenants' namespaces must fit the strictest profile.
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    }))?;
    api.create(&PostParams::default(), &namespace).await?;
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), name);
    let made = |account: Option<&ServiceAccount>| account.is_some();
    let wait = kube::runtime::wait::await_condition(accounts, "default", made);
    tokio::time::timeout(Duration::from_secs(30), wait).await??;
    Ok(())
}

/// An account number that differs from namespace to namespace.
fn rand_digits(namespace: &str) -> u64 {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(namespace.as_bytes());
    let bytes: [u8; 8] = hash[..8].try_into().expect("a hash has 32 bytes");
    u64::from_be_bytes(bytes) % 1_000_000_000_000
}
