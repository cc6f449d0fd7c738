//! Does what was planned, and learns from what succeeded.

use bus::Bus;
use proto::Kind;
use worker::{Call, Outcome, Step, TurnError, Work};

use crate::aws::rds::{Instance, Modification, NewInstance, OptIn, PendingAction};
use crate::aws::{self, Clients};
use crate::error::Error;
use crate::network::reference::{self, Reference};
use crate::tags::Tags;

use super::desired::Desired;
use super::known::{self, Known};
use super::message::Wait;
use super::observe::Touched;
use super::observed::Observed;
use super::password;
use super::plan::Plan;
use super::problem::Problem;

/// The means to act in one turn.
pub(super) struct Actor<'a, 'w> {
    pub(super) clients: &'a Clients,
    pub(super) desired: &'a Desired,
    pub(super) touched: &'a Touched,
    pub(super) work: &'a mut Work<'w>,
}

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
    /// Does one step. `None` when the next one can be planned at once.
    pub(super) async fn follow(
        &mut self,
        plan: Plan,
        observed: &mut Observed,
    ) -> Result<Option<Step>, TurnError> {
        match (plan, &mut observed.instance) {
            (Plan::Create(version), _) => {
                Ok(self.create(version, observed).await?.map(|wait| self.wait(wait)))
            }
            (Plan::Wait(wait), _) => Ok(Some(self.wait(wait))),
            (Plan::Tag(tags), Some(instance)) => {
                self.tag(&tags, instance).await?;
                Ok(None)
            }
            (Plan::Modify(modification, how), Some(instance)) => {
                self.modify(&modification, how, instance).await
            }
            (Plan::Maintain(action, opt_in), _) => self.maintain(&action, opt_in).await.map(Some),
            (Plan::ResetPassword, Some(instance)) => {
                let named = || self.desired.username().to_owned();
                let username = instance.username.clone().unwrap_or_else(named);
                self.reset_password(&username).await.map(Some)
            }
            // Only an instance that is there is told of, tagged or changed.
            (Plan::Ready(_), _) | (_, None) => Ok(Some(Step::Again)),
        }
    }

    fn wait(&mut self, wait: Wait) -> Step {
        known::waiting(self.work);
        wait.into()
    }

    /// Makes the instance in the network as it is after the intent was stored: whoever takes the network down looks
    /// at intents after it has closed the network. `Some` when something must show first.
    async fn create(
        &mut self,
        version: String,
        observed: &mut Observed,
    ) -> Result<Option<Wait>, TurnError> {
        let network = match self.network().await? {
            Ok(network) => network,
            Err(why) => return Ok(Some(Wait::Network(why))),
        };
        self.check_region(&network)?;
        let password = password::of_new(self.work, self.desired.username()).await?;
        let (rds, bus, cluster) = (&self.clients.rds, self.work.bus, &self.work.item.cluster.id);
        let desired = self.desired;
        let creation = async {
            let network = usable(bus, cluster).await?;
            let new: NewInstance = desired.new_instance(version, &network);
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

    /// Adds tags, which is safe to repeat.
    async fn tag(&mut self, tags: &Tags, instance: &mut Instance) -> Result<(), TurnError> {
        let tagged = self.clients.rds.add_tags(&instance.arn, tags).await;
        self.touched.touch(&self.work.item.identity.uid);
        tagged?;
        instance.tags.extend(tags.clone());
        Ok(())
    }

    /// Changes the instance. `Some` when the outcome must show first.
    async fn modify(
        &mut self,
        modification: &Modification,
        how: &str,
        instance: &mut Instance,
    ) -> Result<Option<Step>, TurnError> {
        let modify = self.clients.rds.modify(&self.desired.target.id, modification);
        let modified = self.work.call(known::MODIFY, modify).await;
        self.touched.touch(&self.work.item.identity.uid);
        match modified? {
            Call::Done(changed) => {
                known::modified(self.work, how, &modification.settings);
                // The answer to a change has no tags on every version of the API.
                let tags = std::mem::take(&mut instance.tags);
                *instance = Instance { tags, ..changed };
                Ok(None)
            }
            Call::Unknown => Ok(Some(self.wait(Wait::Outcome))),
            // It has begun to do something else since it was listed.
            Call::Refused(error) if error.kind == aws::Kind::State => {
                let (status, age) = ("busy".to_owned(), Known::of(self.work).age);
                Ok(Some(self.wait(Wait::Status { status, age })))
            }
            Call::Refused(error) => Err(error.into()),
        }
    }

    /// Does planned maintenance earlier.
    async fn maintain(&mut self, action: &PendingAction, opt_in: OptIn) -> Result<Step, TurnError> {
        let apply = self.clients.rds.apply(action, opt_in);
        let applied = self.work.call(known::MAINTAIN, apply).await;
        self.touched.touch(&self.work.item.identity.uid);
        match applied? {
            Call::Done(()) => {
                known::maintained(self.work, &action.action, opt_in.as_str());
                Ok(Step::Again)
            }
            Call::Unknown => Ok(self.wait(Wait::Outcome)),
            Call::Refused(error) => Err(error.into()),
        }
    }

    /// Gives the instance a new password, and hands it to secret-writer once AWS has accepted it: what is kept is
    /// always a password that the instance has.
    async fn reset_password(&mut self, username: &str) -> Result<Step, TurnError> {
        let id = &self.desired.target.id;
        let password = password::generate().ok_or_else(|| Problem::PasswordLost(id.clone()));
        let password = password.map_err(Error::from)?;
        let set = self.clients.rds.set_password(id, &password);
        let set = self.work.call(known::RESET_PASSWORD, set).await;
        self.touched.touch(&self.work.item.identity.uid);
        match set? {
            Call::Done(()) => {
                password::store(self.work, username, &password).await?;
                Ok(Step::Again)
            }
            // Nobody holds it, so the next turn sets another.
            Call::Unknown => Ok(self.wait(Wait::Outcome)),
            Call::Refused(error) => Err(error.into()),
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

/// An instance that is found may be one whose creation had no answer.
pub(super) fn learn(work: &mut Work<'_>, desired: &Desired, rds_shows: &Instance) {
    let was_asked_for = work.record.intent.as_ref().is_some_and(|it| it.step == known::CREATE);
    if was_asked_for && desired.target.owner.owns(&rds_shows.tags) {
        known::created(work, &desired.settings);
        work.resolve_intent();
    }
}
