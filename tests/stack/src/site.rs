//! What stacks share: the control plane and the doubles of AWS.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::control_plane::ControlPlane;
use crate::doubles::Doubles;
use crate::folder::Folder;
use crate::steps::Steps;

/// A control plane and doubles of AWS, with a folder for all that runs on them.
pub struct Site {
    /// Kubernetes.
    pub plane: ControlPlane,
    /// AWS.
    pub doubles: Doubles,
    /// Data and logs.
    pub folder: Folder,
}

impl Site {
    /// Starts both.
    pub async fn start(folder: Folder, steps: Steps) -> anyhow::Result<Arc<Self>> {
        let plane = ControlPlane::start(folder.path(), steps).await?;
        let doubles = steps.step("starting moto", Doubles::start(folder.path())).await?;
        Ok(Arc::new(Self { plane, doubles, folder }))
    }

    /// One for a test that does to it what others would not bear, such as restarting the API server.
    pub async fn alone() -> anyhow::Result<Arc<Self>> {
        Self::start(Folder::for_test()?, Steps::Quiet).await
    }

    /// The one that all tests of this binary share; ends with the process.
    pub async fn shared() -> anyhow::Result<Arc<Self>> {
        static SITE: OnceCell<Arc<Site>> = OnceCell::const_new();
        Ok(SITE.get_or_try_init(Self::alone).await?.clone())
    }
}
