//! A pod that uses a claim's Secret, as an application does.

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, PostParams};
use serde_json::json;
use stack::{PATIENCE, Tenant, eventually};

use crate::cluster::Cluster;
use crate::images;
use crate::pods::is_ready;

/// A pod whose environment is a Secret.
pub struct Client<'a> {
    cluster: &'a Cluster,
    namespace: String,
    pod: String,
}

impl<'a> Client<'a> {
    /// A pod that logs in to a Postgres.
    pub async fn of_postgres(
        cluster: &'a Cluster,
        tenant: &Tenant,
        secret: &str,
    ) -> anyhow::Result<Self> {
        Self::start(cluster, tenant, &images::postgres()?, secret).await
    }

    /// A pod that logs in to a Redis.
    pub async fn of_redis(
        cluster: &'a Cluster,
        tenant: &Tenant,
        secret: &str,
    ) -> anyhow::Result<Self> {
        Self::start(cluster, tenant, &images::redis()?, secret).await
    }

    /// Starts it and waits until it runs.
    pub(crate) async fn start(
        cluster: &'a Cluster,
        tenant: &Tenant,
        image: &str,
        secret: &str,
    ) -> anyhow::Result<Self> {
        let name = format!("client-of-{secret}");
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": name},
            "spec": {
                "automountServiceAccountToken": false,
                "terminationGracePeriodSeconds": 0,
                "securityContext": {
                    "runAsNonRoot": true,
                    "runAsUser": 12_345,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [{
                    "name": "client",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["sleep", "infinity"],
                    "envFrom": [{"secretRef": {"name": secret}}],
                    "securityContext": {
                        "allowPrivilegeEscalation": false,
                        "readOnlyRootFilesystem": true,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }],
            },
        }))?;
        let api: Api<Pod> = Api::namespaced(tenant.client.clone(), &tenant.namespace);
        api.create(&PostParams::default(), &pod).await?;
        eventually(&format!("the pod {name} runs"), tenant.patience, async || {
            Ok(api.get(&name).await.map(|pod| is_ready(&pod).then_some(()))?)
        })
        .await?;
        Ok(Self { cluster, namespace: tenant.namespace.clone(), pod: name })
    }

    /// Runs a shell script in it, with what the Secret holds in variables, and returns what it printed.
    pub async fn run(&self, script: &str) -> anyhow::Result<String> {
        let exec = ["exec", "--namespace", &self.namespace, &self.pod, "--", "sh", "-c", script];
        Ok(self.cluster.kubectl(&exec).await?.trim().to_owned())
    }

    /// Runs SQL, by a login with the Secret of a Postgres.
    pub async fn sql(&self, sql: &str) -> anyhow::Result<String> {
        let login = "PGPASSWORD=$password PGCONNECT_TIMEOUT=5 psql -h $host -p $port -U $username -d $database";
        self.answer(&format!("{login} -v ON_ERROR_STOP=1 -tAqc \"{sql}\"")).await
    }

    /// Runs a command of Redis, by a login with the Secret of a Redis.
    pub async fn redis(&self, command: &str) -> anyhow::Result<String> {
        let login = "REDISCLI_AUTH=$password redis-cli -e -h $uri -p $port";
        self.answer(&format!("{login} {command}")).await
    }

    /// A database may be starting, and kube-proxy opens its Service up to a second after it is ready.
    async fn answer(&self, script: &str) -> anyhow::Result<String> {
        eventually("the database answers", PATIENCE, async || Ok(Some(self.run(script).await?)))
            .await
    }
}
