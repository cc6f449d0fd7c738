//! Databases are made in the network as it is after the intent was stored: whoever takes the network down looks at
//! intents after it has closed the network.

use bus::Bus;
use proto::Kind;
use worker::{Call, Outcome, TurnError, Work};

use crate::aws;
use crate::error::Error;
use crate::network::reference::{self, Reference};
use crate::place::Place;

/// What came of a creation.
#[derive(Debug)]
pub enum Creation<T> {
    /// It is made.
    Made(T),
    /// It may be there: made by a call of unknown outcome or an earlier one of ours, or somebody else's.
    Hidden,
    /// Not begun: why nothing can be made in the network now.
    NoNetwork(String),
}

/// Why nothing was made.
enum Unmade {
    Network(String),
    Bus(bus::Error),
    Aws(aws::Error),
}

impl Outcome for Unmade {
    fn is_unknown(&self) -> bool {
        matches!(self, Self::Aws(error) if error.is_unknown())
    }
}

/// Why nothing can be made in the network now, if so; fails if the network is in another region.
pub async fn obstacle(
    work: &Work<'_>,
    kind: Kind,
    place: &Place,
) -> Result<Option<String>, TurnError> {
    let network = reference::read(work.bus, &work.item.cluster.id, kind).await;
    match network.map_err(|error| TurnError::Interrupted(error.into()))? {
        Ok(network) if network.region == place.region => Ok(None),
        Ok(network) => {
            let (region, network) = (place.region.clone(), network.region);
            Err(Error::NetworkElsewhere { region, network }.into())
        }
        Err(why) => Ok(Some(why)),
    }
}

/// Makes it under the intent of this step.
pub async fn create<T>(
    work: &mut Work<'_>,
    step: &'static str,
    kind: Kind,
    creation: impl AsyncFnOnce(Reference) -> Result<T, aws::Error>,
) -> Result<Creation<T>, TurnError> {
    let (bus, cluster) = (work.bus, work.item.cluster.id.clone());
    let made = work.call(step, async move {
        creation(usable(bus, &cluster, kind).await?).await.map_err(Unmade::Aws)
    });
    match made.await? {
        Call::Done(made) => Ok(Creation::Made(made)),
        Call::Unknown => Ok(Creation::Hidden),
        Call::Refused(Unmade::Aws(error)) if error.kind == aws::Kind::AlreadyExists => {
            Ok(Creation::Hidden)
        }
        Call::Refused(Unmade::Network(why)) => Ok(Creation::NoNetwork(why)),
        Call::Refused(Unmade::Bus(error)) => Err(TurnError::Interrupted(error.into())),
        Call::Refused(Unmade::Aws(error)) => Err(error.into()),
    }
}

async fn usable(bus: &Bus, cluster: &str, kind: Kind) -> Result<Reference, Unmade> {
    reference::read(bus, cluster, kind).await.map_err(Unmade::Bus)?.map_err(Unmade::Network)
}
