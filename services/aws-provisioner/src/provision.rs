//! One turn of one claim, by kind. Each kind observes, plans and acts in a module of its own.

use proto::{Desired, Kind, Provider};
use worker::{Provisioner, Step, TurnError, Work};

use crate::aws::{Aws, CREDENTIALS_REJECTED};
use crate::blobstorage::BlobStorage;
use crate::config::Config;
use crate::error::Error;
use crate::postgres::Postgres;

/// The provisioner of AWS.
pub struct Provision {
    aws: Aws,
    blobstorage: BlobStorage,
    /// `None`: databases are not served.
    postgres: Option<Postgres>,
}

impl Provision {
    /// Serves what the configuration says.
    pub fn new(aws: Aws, config: &Config) -> Self {
        let postgres = || Postgres::new(aws.clone(), config.simulated);
        Self {
            blobstorage: BlobStorage::new(aws.clone(), config.simulated),
            postgres: config.preview_databases.then(postgres),
            aws,
        }
    }
}

impl Provisioner for Provision {
    const PROVIDER: Provider = Provider::Aws;

    async fn turn(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let (kind, desired) = (work.item.identity.kind, work.item.desired);
        let turn = match (kind, desired) {
            (Kind::BlobStorage, Desired::Present) => self.blobstorage.provision(work).await,
            (Kind::BlobStorage, Desired::Paused | Desired::Released) => {
                self.blobstorage.look(work).await
            }
            (Kind::BlobStorage, Desired::Absent) => self.blobstorage.deprovision(work).await,
            (Kind::Postgres, _) => self.postgres(work).await,
            (kind, desired) => unserved(kind, desired, work),
        };
        if matches!(&turn, Err(TurnError::Failed(failure)) if failure.reason == CREDENTIALS_REJECTED)
        {
            self.aws.forget_credentials().await;
        }
        turn
    }
}

impl Provision {
    async fn postgres(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let (kind, desired) = (work.item.identity.kind, work.item.desired);
        match (&self.postgres, desired) {
            (None, _) => unserved(kind, desired, work),
            (Some(postgres), Desired::Present) => postgres.provision(work).await,
            (Some(postgres), Desired::Absent) => postgres.deprovision(work).await,
            (Some(postgres), Desired::Paused | Desired::Released) => postgres.look(work).await,
        }
    }
}

/// A claim that was refused owns nothing, so its deletion is done. One with a resource waits for a version that
/// knows the kind.
fn unserved(kind: Kind, desired: Desired, work: &Work<'_>) -> Result<Step, TurnError> {
    let owns_nothing = work.record.placement.identifier.is_none() && work.record.intent.is_none();
    if desired == Desired::Absent && owns_nothing {
        return Ok(Step::Absent { message: "nothing was provisioned".to_owned() });
    }
    Err(Error::UnsupportedKind(kind).into())
}
