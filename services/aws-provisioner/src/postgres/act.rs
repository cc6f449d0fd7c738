//! Does what was planned, and learns from what succeeded.

mod create;

use worker::{Call, Step, TurnError, Work};

use crate::aws::rds::{Instance, Modification, OptIn, PendingAction};
use crate::aws::{self, Clients};
use crate::error::Error;
use crate::facts;
use crate::password;
use crate::tags::Tags;
use crate::touched::Touched;

use super::desired::Desired;
use super::known::{self, Known};
use super::message::Wait;
use super::observed::Observed;
use super::plan::Plan;
use super::problem::Problem;

/// The means to act in one turn.
pub(super) struct Actor<'a, 'w> {
    pub(super) clients: &'a Clients,
    pub(super) desired: &'a Desired,
    pub(super) touched: &'a Touched,
    pub(super) work: &'a mut Work<'w>,
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
        facts::waiting(self.work);
        wait.into()
    }

    /// What works is not called unfinished because a change of it must wait (W-34).
    fn wait_for_change(&mut self, wait: Wait) -> Step {
        let step = self.wait(wait);
        if Known::of(self.work).is_published { step.of_a_change() } else { step }
    }

    /// It has begun to do something else since it was listed.
    fn busy(&self) -> Wait {
        Wait::Status { status: "busy".to_owned(), age: Known::of(self.work).age }
    }

    fn outcome(&self) -> Wait {
        Wait::Outcome { age: Known::of(self.work).age }
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
            Call::Unknown => Ok(Some(self.wait_for_change(self.outcome()))),
            Call::Refused(error) if error.kind == aws::Kind::State => {
                Ok(Some(self.wait_for_change(self.busy())))
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
            Call::Unknown => Ok(self.wait_for_change(self.outcome())),
            Call::Refused(error) if error.kind != aws::Kind::State => Err(error.into()),
            // AWS does it itself, or not now: the instance works, and it is asked for again in an hour.
            Call::Done(()) | Call::Refused(_) => {
                known::maintained(self.work, &action.action, opt_in.as_str());
                Ok(Step::Again)
            }
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
                password::store(self.work, Some(username), &password).await?;
                Ok(Step::Again)
            }
            // Nobody holds it, so the next turn sets another.
            Call::Unknown => Ok(self.wait(self.outcome())),
            Call::Refused(error) => Err(error.into()),
        }
    }
}

/// An instance that is found is where we look from now on; it may be one whose creation had no answer.
pub(super) fn learn(work: &mut Work<'_>, desired: &Desired, found: &Instance) {
    if !desired.target.owner.owns(&found.tags) {
        return;
    }
    facts::pin(work, &desired.target.place, &desired.target.id);
    if facts::is_open(work, known::CREATE) {
        known::created(work, &desired.settings);
        work.resolve_intent();
    }
}
