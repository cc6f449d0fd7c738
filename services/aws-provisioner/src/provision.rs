//! One turn of one claim, by kind. Each kind observes, plans and acts in a module of its own.

use proto::{Desired, Kind, Provider};
use worker::{Provisioner, Step, TurnError, Work};

use crate::aws::Aws;
use crate::blobstorage::BlobStorage;
use crate::config::Simulated;
use crate::network::Network;
use crate::postgres::Postgres;
use crate::redis::Redis;
use crate::smtp::Smtp;
use crate::snapshot::Snapshots;

/// What every kind does with what is desired.
macro_rules! turn {
    ($kind:expr, $work:ident) => {
        match $work.item.desired {
            Desired::Present => $kind.provision($work).await,
            Desired::Paused | Desired::Released => $kind.look($work).await,
            Desired::Absent => $kind.deprovision($work).await,
        }
    };
}

/// The provisioner of AWS.
pub struct Provision {
    aws: Aws,
    blobstorage: BlobStorage,
    postgres: Postgres,
    redis: Redis,
    snapshots: Snapshots,
    smtp: Smtp,
    network: Network,
}

impl Provision {
    /// `simulated`: behind which connections nothing real answers.
    pub fn new(aws: Aws, simulated: &Simulated) -> Self {
        Self {
            blobstorage: BlobStorage::new(aws.clone(), simulated.has(Kind::BlobStorage)),
            postgres: Postgres::new(aws.clone(), simulated.has(Kind::Postgres)),
            redis: Redis::new(aws.clone(), simulated.has(Kind::Redis)),
            snapshots: Snapshots::new(aws.clone()),
            smtp: Smtp::new(aws.clone(), simulated.has(Kind::SmtpCredentialSet)),
            network: Network::new(aws.clone(), simulated.has(Kind::Network)),
            aws,
        }
    }
}

impl Provisioner for Provision {
    const PROVIDER: Provider = Provider::Aws;

    async fn turn(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let used = self.aws.session().await;
        let turn = match work.item.identity.kind {
            Kind::BlobStorage => turn!(self.blobstorage, work),
            Kind::Postgres => turn!(self.postgres, work),
            Kind::Redis => turn!(self.redis, work),
            Kind::PostgresSnapshot | Kind::RedisSnapshot => turn!(self.snapshots, work),
            Kind::SmtpCredentialSet => turn!(self.smtp, work),
            Kind::Network => turn!(self.network, work),
        };
        if let Err(TurnError::Failed(failure)) = &turn {
            self.aws.heed(failure.reason, &used).await;
        }
        turn
    }
}
