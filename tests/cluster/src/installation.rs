//! One cluster with one release of the chart, for all tests.

use std::ops::Deref;
use std::time::{Duration, Instant};

use stack::{Steps, Tenant};
use tokio::sync::{OnceCell, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::cluster::Cluster;
use crate::localstack::LocalStack;
use crate::release::{NAMESPACE, Release};

static SHARED: OnceCell<RwLock<Installation>> = OnceCell::const_new();

/// A cluster on which the operator is installed.
pub struct Installation {
    /// Kubernetes.
    pub cluster: Cluster,
    /// From `helm install` with default values until all pods were ready.
    pub ready_after: Duration,
    /// Whether no test has changed anything.
    is_as_used: bool,
}

impl Installation {
    /// Starts a cluster and installs the chart with default values.
    pub async fn start(steps: Steps) -> anyhow::Result<Self> {
        let cluster = Cluster::start(steps).await?;
        let client = cluster.client().await?;
        // Makes the namespace as strict as that of claims.
        Tenant::make(&client, NAMESPACE).await?;
        steps.step("starting LocalStack", LocalStack::start(&cluster)).await?;
        let started = Instant::now();
        let install = async {
            let release = Release::new(&cluster);
            release.install(&[]).await?;
            release.until_settled().await
        };
        let installed = steps.step("helm install, until all pods are ready", install).await;
        installed.map_err(|error| error.context(kept(&cluster)))?;
        Ok(Self { cluster, ready_after: started.elapsed(), is_as_used: false })
    }

    async fn shared() -> anyhow::Result<&'static RwLock<Self>> {
        let start = async || anyhow::Ok(RwLock::new(Self::start(Steps::Shown).await?));
        SHARED.get_or_try_init(start).await
    }

    /// It with default values and AWS, beside other tests that change nothing of it.
    pub async fn used() -> anyhow::Result<Shared<RwLockReadGuard<'static, Self>>> {
        let shared = Self::shared().await?.read().await;
        if shared.is_as_used {
            return Ok(Shared(shared));
        }
        drop(shared);
        let mut alone = Self::shared().await?.write().await;
        alone.restore().await?;
        Ok(Shared(alone.downgrade()))
    }

    /// It alone, to be changed, with default values and AWS in the beginning.
    pub async fn changed() -> anyhow::Result<Shared<RwLockWriteGuard<'static, Self>>> {
        let mut alone = Self::shared().await?.write().await;
        alone.restore().await?;
        alone.is_as_used = false;
        Ok(Shared(alone))
    }

    async fn restore(&mut self) -> anyhow::Result<()> {
        if self.is_as_used {
            return Ok(());
        }
        let release = self.release();
        let restored = async {
            // What a test that failed has left may refuse to be changed.
            if release.replace(&LocalStack::VALUES).await.is_err() {
                release.uninstall().await?;
                self.forget_stored().await?;
                release.install(&LocalStack::VALUES).await?;
            }
            release.until_settled().await
        };
        restored.await.map_err(|error: anyhow::Error| error.context(kept(&self.cluster)))?;
        self.is_as_used = true;
        Ok(())
    }

    /// Deletes the volumes of NATS, which outlive it.
    pub async fn forget_stored(&self) -> anyhow::Result<()> {
        let namespace = format!("--namespace={NAMESPACE}");
        let volumes = ["delete", "pvc", "--selector=app.kubernetes.io/name=nats", &namespace];
        self.cluster.kubectl(&volumes).await.map(drop)
    }

    /// What Helm does with it.
    pub fn release(&self) -> Release<'_> {
        Release::new(&self.cluster)
    }

    /// A namespace of claims.
    pub async fn tenant(&self, name: &str) -> anyhow::Result<Tenant> {
        Tenant::make(&self.cluster.client().await?, name).await
    }
}

/// The installation as long as a test needs it. Keeps evidence when the test fails.
pub struct Shared<G: Deref<Target = Installation>>(G);

impl<G: Deref<Target = Installation>> Deref for Shared<G> {
    type Target = Installation;

    fn deref(&self) -> &Installation {
        &self.0
    }
}

impl<G: Deref<Target = Installation>> Drop for Shared<G> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", kept(&self.0.cluster));
        }
    }
}

fn kept(cluster: &Cluster) -> String {
    match cluster.keep_evidence() {
        Ok(folder) => format!("logs, events and claims are in {}", folder.display()),
        Err(error) => format!("no logs, events and claims could be kept: {error:#}"),
    }
}
