//! The four services as processes of this machine, for a cluster that is elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use kube::config::Kubeconfig as File;
use proto::Service;

use crate::access::token;
use crate::kubeconfig::Kubeconfig;
use crate::nats::Nats;
use crate::services::{Services, Setup};
use crate::stack::environment::{Ports, keys_and_bus};

/// What has no meaning, or another, for a process outside the cluster.
const NOT_PASSED_ON: [&str; 2] = ["KUBECONFIG", "PATH"];

/// A nats-server and the services, each with a token of its own ServiceAccount.
pub struct Away {
    services: BTreeMap<&'static str, Services>,
    _nats: Nats,
}

impl Away {
    /// Starts them for the current kubeconfig's cluster, where `make cluster/prepare` made accounts in this namespace.
    /// They have this process's environment: settings, and credentials for AWS.
    pub async fn start(folder: &Path, namespace: &str) -> anyhow::Result<Self> {
        let client = kube::Client::try_default().await.context("failed to use the kubeconfig")?;
        let (nats, ports) = (Nats::start(folder).await?, Ports::free()?);
        let mut services = BTreeMap::new();
        for service in Service::ALL {
            let kubeconfig = match service {
                Service::AwsProvisioner => None,
                _ => {
                    let token = token(&client, namespace, service.as_str()).await?;
                    Some(as_somebody(folder, service, token)?)
                }
            };
            let mut env = passed_on();
            env.extend(keys_and_bus(&nats, service));
            if service == Service::Watcher {
                env.extend(ports.urls());
                env.push(("OPERATOR_NAMESPACE".to_owned(), namespace.to_owned()));
            }
            let (folder, grpc_port) = (folder.to_owned(), ports.of(service));
            let mut all = Services::new(Setup { service, kubeconfig, env, folder, grpc_port });
            all.start()?;
            services.insert(service.as_str(), all);
        }
        for all in services.values_mut() {
            all.ready().await?;
        }
        Ok(Self { services, _nats: nats })
    }

    /// Starts what has ended anew, and says why it had.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        for all in self.services.values_mut() {
            for reason in all.revive()? {
                println!("started again: {reason}");
            }
        }
        Ok(())
    }

    /// Asks every service to stop.
    pub async fn stop(mut self) {
        futures::future::join_all(self.services.values_mut().map(Services::stop)).await;
    }
}

#[allow(clippy::disallowed_methods, reason = "it is the services' to read")]
fn passed_on() -> Vec<(String, String)> {
    std::env::vars().filter(|(name, _)| !NOT_PASSED_ON.contains(&name.as_str())).collect()
}

/// The current kubeconfig with the token of a ServiceAccount in place of who uses it.
fn as_somebody(folder: &Path, service: Service, token: String) -> anyhow::Result<Kubeconfig> {
    let mut file = File::read()?;
    let current = file.current_context.clone().context("the kubeconfig has no current context")?;
    let context = file.contexts.iter().find(|it| it.name == current);
    let user = context.and_then(|it| it.context.as_ref()?.user.clone()).unwrap_or_default();
    file.auth_infos.retain(|it| it.name == user);
    for named in &mut file.auth_infos {
        let auth =
            kube::config::AuthInfo { token: Some(token.clone().into()), ..Default::default() };
        named.auth_info = Some(auth);
    }
    let path = folder.join(format!("{service}.kubeconfig"));
    Kubeconfig::store(path, &serde_json::to_value(&file)?)
}
