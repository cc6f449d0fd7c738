//! One turn of one claim, by kind. Each kind observes, plans and acts in a module of its own.

use proto::{Desired, Kind, Provider};
use worker::{Provisioner, Step, TurnError, Work};

use crate::aws::{Aws, CREDENTIALS_REJECTED};
use crate::blobstorage::BlobStorage;
use crate::error::Error;
use crate::network::Network;
use crate::postgres::Postgres;
use crate::redis::Redis;

/// The provisioner of AWS.
pub struct Provision {
    aws: Aws,
    blobstorage: BlobStorage,
    postgres: Postgres,
    redis: Redis,
    network: Network,
}

impl Provision {
    /// `simulated`: nothing real answers behind the connections.
    pub fn new(aws: Aws, simulated: bool) -> Self {
        Self {
            blobstorage: BlobStorage::new(aws.clone(), simulated),
            postgres: Postgres::new(aws.clone(), simulated),
            redis: Redis::new(aws.clone(), simulated),
            network: Network::new(aws.clone(), simulated),
            aws,
        }
    }
}

impl Provisioner for Provision {
    const PROVIDER: Provider = Provider::Aws;

    async fn turn(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let turn = match (work.item.identity.kind, work.item.desired) {
            (Kind::BlobStorage, Desired::Present) => self.blobstorage.provision(work).await,
            (Kind::BlobStorage, Desired::Paused | Desired::Released) => {
                self.blobstorage.look(work).await
            }
            (Kind::BlobStorage, Desired::Absent) => self.blobstorage.deprovision(work).await,
            (Kind::Postgres, Desired::Present) => self.postgres.provision(work).await,
            (Kind::Postgres, Desired::Paused | Desired::Released) => self.postgres.look(work).await,
            (Kind::Postgres, Desired::Absent) => self.postgres.deprovision(work).await,
            (Kind::Redis, Desired::Present) => self.redis.provision(work).await,
            (Kind::Redis, Desired::Paused | Desired::Released) => self.redis.look(work).await,
            (Kind::Redis, Desired::Absent) => self.redis.deprovision(work).await,
            (Kind::Network, Desired::Present) => self.network.provision(work).await,
            (Kind::Network, Desired::Paused | Desired::Released) => self.network.look(work).await,
            (Kind::Network, Desired::Absent) => self.network.deprovision(work).await,
            (kind, desired) => unserved(kind, desired, work),
        };
        if matches!(&turn, Err(TurnError::Failed(failure)) if failure.reason == CREDENTIALS_REJECTED)
        {
            self.aws.forget_credentials().await;
        }
        turn
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
