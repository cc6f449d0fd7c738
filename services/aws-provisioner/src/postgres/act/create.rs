//! Makes the instance.

use bus::Bus;
use proto::Kind;
use worker::{Call, Outcome, TurnError};

use crate::aws;
use crate::error::Error;
use crate::network::reference::{self, Reference};
use crate::password;

use super::super::known;
use super::super::message::Wait;
use super::super::observed::Observed;
use super::super::problem::Problem;
use super::Actor;

/// Why an instance was not made.
enum Unmade {
    /// The network closed meanwhile: why.
    Network(String),
    Bus(bus::Error),
    Aws(aws::Error),
}

impl Outcome for Unmade {
    fn is_unknown(&self) -> bool {
        matches!(self, Self::Aws(error) if error.is_unknown())
    }
}

impl Actor<'_, '_> {
    /// Makes the instance in the network as it is after the intent was stored: whoever takes the network down looks
    /// at intents after it has closed the network. `Some` when something must show first.
    pub(super) async fn create(
        &mut self,
        version: String,
        observed: &mut Observed,
    ) -> Result<Option<Wait>, TurnError> {
        let network = match self.network().await? {
            Ok(network) => network,
            Err(why) => return Ok(Some(Wait::Network(why))),
        };
        self.check_region(&network)?;
        known::pin(self.work, &self.desired.target);
        let password = password::of_new(self.work, Some(self.desired.username())).await?;
        let (rds, bus, cluster) = (&self.clients.rds, self.work.bus, &self.work.item.cluster.id);
        let desired = self.desired;
        let creation = async {
            let network = usable(bus, cluster).await?;
            let new = desired.new_instance(version, &network);
            rds.create(&new, &password).await.map_err(Unmade::Aws)
        };
        let made = self.work.call(known::CREATE, creation).await;
        self.touched.touch(&self.work.item.identity.uid);
        match made? {
            Call::Done(mut instance) => {
                known::created(self.work, &desired.settings);
                instance.tags.extend(desired.tags.clone());
                observed.has_password = true;
                observed.instance = Some(instance);
                Ok(None)
            }
            Call::Unknown => Ok(Some(Wait::Hidden)),
            // An earlier call of ours, or somebody else's: a listing tells whose.
            Call::Refused(Unmade::Aws(error)) if error.kind == aws::Kind::AlreadyExists => {
                Ok(Some(Wait::Hidden))
            }
            Call::Refused(Unmade::Network(why)) => Ok(Some(Wait::Network(why))),
            Call::Refused(Unmade::Bus(error)) => Err(TurnError::Interrupted(error.into())),
            Call::Refused(Unmade::Aws(error)) => Err(error.into()),
        }
    }

    async fn network(&self) -> Result<Result<Reference, String>, TurnError> {
        let network = reference::read(self.work.bus, &self.work.item.cluster.id, Kind::Postgres);
        network.await.map_err(|error| TurnError::Interrupted(error.into()))
    }

    fn check_region(&self, network: &Reference) -> Result<(), Error> {
        let region = &self.desired.target.place.region;
        if *region == network.region {
            return Ok(());
        }
        let (region, network) = (region.clone(), network.region.clone());
        Err(Problem::NetworkElsewhere { region, network }.into())
    }
}

async fn usable(bus: &Bus, cluster: &str) -> Result<Reference, Unmade> {
    let network = reference::read(bus, cluster, Kind::Postgres).await.map_err(Unmade::Bus)?;
    network.map_err(Unmade::Network)
}
