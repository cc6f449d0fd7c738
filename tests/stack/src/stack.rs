//! What one test, or `make run`, has for itself.

pub(crate) mod environment;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

use proto::Service;
use serde_json::json;
use sha2::{Digest as _, Sha256};

pub(crate) use environment::REGION;

use crate::access::{self, Scope};
use crate::kubeconfig::Kubeconfig;
use crate::nats::Nats;
use crate::proxy::Proxy;
use crate::services::{Services, Setup};
use crate::site::Site;
use crate::tenant::Tenant;
use crate::{cluster_vpc, objects, repository};

/// Where a stack lives on its site.
#[derive(Clone, Debug)]
pub struct Place {
    /// The namespace of the operator, and of claims.
    pub namespace: String,
    /// Which namespaces it serves.
    pub scope: Scope,
    /// Data and logs.
    pub folder: PathBuf,
}

/// A namespace, a nats-server, an AWS account and the four services.
pub struct Stack {
    /// The bus.
    pub nats: Nats,
    /// AWS.
    pub aws: Proxy,
    tenant: Tenant,
    site: Arc<Site>,
    services: BTreeMap<&'static str, Services>,
}

impl Stack {
    /// A stack for one test, with one replica of each service, ready. The name becomes its namespace.
    pub async fn start(name: &str) -> anyhow::Result<Self> {
        let mut stack = Self::prepare(name).await?;
        stack.start_services().await?;
        Ok(stack)
    }

    /// A stack for one test whose services are not started yet.
    pub async fn prepare(name: &str) -> anyhow::Result<Self> {
        Self::on(Site::shared().await?, name).await
    }

    /// A stack for one test on a control plane of its own, whose services are not started yet. The test may restart
    /// the API server.
    pub async fn alone(name: &str) -> anyhow::Result<Self> {
        Self::on(Site::alone().await?, name).await
    }

    async fn on(site: Arc<Site>, name: &str) -> anyhow::Result<Self> {
        let folder = site.folder.path().join(name);
        Self::at(site, Place { namespace: name.to_owned(), scope: Scope::Namespace, folder }).await
    }

    /// A stack somewhere, whose services are not started yet.
    pub async fn at(site: Arc<Site>, place: Place) -> anyhow::Result<Self> {
        let Place { namespace, scope, folder } = place;
        std::fs::create_dir_all(&folder)?;
        let client = site.plane.admin().client().await?;
        let tenant = Tenant::make(&client, &namespace).await?;
        access::grant(&client, &namespace, scope).await?;
        for object in objects::read_folder(&repository().join("deploy/config"))? {
            tenant.apply(&object).await?;
        }
        let nats = Nats::start(&folder).await?;
        let account = account(&namespace);
        let cluster_id = environment::cluster_id(&namespace);
        cluster_vpc::make(site.doubles.moto.port(), &account, &cluster_id).await?;
        let aws = Proxy::start(&site.doubles, &account).await?;
        let mut stack = Self { nats, aws, tenant, site, services: BTreeMap::new() };
        stack.set_up(scope, folder).await?;
        Ok(stack)
    }

    async fn set_up(&mut self, scope: Scope, folder: PathBuf) -> anyhow::Result<()> {
        let ports = environment::Ports::free()?;
        for service in Service::ALL {
            let file = folder.join(format!("{service}.kubeconfig"));
            let kubeconfig = match service {
                Service::AwsProvisioner => None,
                _ => Some(
                    access::kubeconfig(
                        &self.site.plane,
                        &self.client,
                        &self.namespace,
                        service.as_str(),
                        file,
                    )
                    .await?,
                ),
            };
            let env = environment::of(self, service, scope, &ports);
            let (folder, grpc_port) = (folder.clone(), ports.of(service));
            let setup = Setup { service, kubeconfig, env, folder, grpc_port };
            self.services.insert(service.as_str(), Services::new(setup));
        }
        Ok(())
    }

    /// Starts one replica of each service and waits until all are ready.
    pub async fn start_services(&mut self) -> anyhow::Result<()> {
        for service in Service::ALL {
            self.service(service).start()?;
        }
        for service in Service::ALL {
            self.service(service).ready().await?;
        }
        Ok(())
    }

    /// Asks every service to stop; true when all drained in time.
    pub async fn stop_services(&mut self) -> bool {
        let stops = self.services.values_mut().map(Services::stop);
        futures::future::join_all(stops).await.into_iter().all(|drained| drained)
    }

    /// All replicas of a service.
    pub fn service(&mut self, service: Service) -> &mut Services {
        self.services.get_mut(service.as_str()).expect("every service is set up")
    }

    /// The control plane and the doubles of AWS that it shares with others.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Makes another namespace; from now on, claims are there.
    pub async fn move_to(&mut self, namespace: &str) -> anyhow::Result<()> {
        self.tenant = self.tenant.with_namespace(namespace).await?;
        Ok(())
    }

    /// Makes a ServiceAccount in this namespace, with no rights but what it is granted elsewhere.
    pub async fn account(&self, name: &str) -> anyhow::Result<Kubeconfig> {
        let account = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name},
        });
        self.apply(&serde_json::from_value(account)?).await?;
        let path = self.site.folder.path().join(format!("{name}.kubeconfig"));
        access::kubeconfig(&self.site.plane, &self.client, &self.namespace, name, path).await
    }
}

/// Claims are made in the namespace of the stack; the operator's too, unless they were moved.
impl Deref for Stack {
    type Target = Tenant;

    fn deref(&self) -> &Tenant {
        &self.tenant
    }
}

impl DerefMut for Stack {
    fn deref_mut(&mut self) -> &mut Tenant {
        &mut self.tenant
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
                eprintln!("---- {}\n{}", process.log().display(), process.tail(30));
            }
        }
    }
}

/// An AWS account number that differs from namespace to namespace.
fn account(namespace: &str) -> String {
    let hash = Sha256::digest(namespace.as_bytes());
    let bytes: [u8; 8] = hash[..8].try_into().expect("a hash has 32 bytes");
    format!("{:012}", u64::from_be_bytes(bytes) % 1_000_000_000_000)
}
