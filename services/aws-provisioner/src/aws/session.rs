//! Credentials as they were read at one moment: who we are with them, and clients that use them. Whoever was given both
//! by one session cannot ask one account and believe to be in another.

use std::collections::BTreeMap;
use std::sync::{Mutex as StdMutex, PoisonError};

use aws_config::SdkConfig;
use proto::Placement;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::clients::{Clients, Gates};
use super::credentials::Mounted;
use super::error::Error;
use super::sts;
use crate::place::{Caller, Place};

/// Credentials as they were read last.
pub struct Session {
    pub(super) mounted: Mounted,
    pub(super) sdk: SdkConfig,
    pub(super) gates: Gates,
    pub(super) path_style: bool,
    pub(super) expected_account: Option<String>,
    pub(super) asked: Mutex<Option<Asked>>,
    pub(super) clients: StdMutex<BTreeMap<String, Clients>>,
}

/// Who we are, as it was asked last.
pub(super) struct Asked {
    region: String,
    answered: Instant,
    answer: Result<Caller, Error>,
}

impl Session {
    /// Who we are; asked until known. `region` is where to ask when the chain names none.
    pub async fn caller(&self, region: Option<&str>) -> Result<Caller, crate::Error> {
        let caller = self.ask(Instant::now(), region).await?;
        match &self.expected_account {
            Some(expected) if *expected != caller.account => {
                let (expected, found) = (expected.clone(), caller.account);
                Err(crate::Error::WrongAccount { expected, found })
            }
            _ => Ok(caller),
        }
    }

    /// Where a claim's resources live, and adapters for there: its pin wins, then the `wanted` region.
    pub async fn reach(
        &self,
        pinned: &Placement,
        wanted: Option<&str>,
    ) -> Result<(Place, Clients), crate::Error> {
        let pin = Some(pinned.region.as_str()).filter(|region| !region.is_empty());
        let place = self.caller(pin.or(wanted)).await?.place(pinned, wanted)?;
        let clients = self.clients(&place);
        Ok((place, clients))
    }

    fn clients(&self, place: &Place) -> Clients {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Clients::new(&self.sdk, &place.region, self.path_style, &self.gates);
        clients.entry(place.region.clone()).or_insert_with(make).clone()
    }

    /// Asks, or takes what somebody else was answered since we `came`, be it an error: turns that wait for an AWS that
    /// hangs wait side by side.
    async fn ask(&self, came: Instant, region: Option<&str>) -> Result<Caller, crate::Error> {
        let mut asked = self.asked.lock().await;
        if let Some(Asked { answer: Ok(caller), .. }) = &*asked {
            return Ok(caller.clone());
        }
        let own = self.sdk.region().map(ToString::to_string);
        let region = own.clone().or(region.map(str::to_owned)).ok_or(crate::Error::NoRegion)?;
        let is_answer = |it: &&Asked| it.answered >= came && it.region == region;
        if let Some(asked) = asked.as_ref().filter(is_answer) {
            return Ok(asked.answer.clone()?);
        }
        let client = sts::client(&self.sdk, &region);
        let answer = sts::caller(&self.gates.sts, &client, own).await;
        *asked = Some(Asked { region, answered: Instant::now(), answer: answer.clone() });
        Ok(answer?)
    }
}
