//! Does what was planned, and learns from what succeeded.

mod create;

use worker::{Call, Step, TurnError, Work};

use crate::aws::elasticache::{Modification, Update};
use crate::aws::{self, Clients};
use crate::error::Error;
use crate::facts;
use crate::password;
use crate::tags::{self, Tags};
use crate::touched::Touched;

use super::desired::Desired;
use super::known::{self, Known};
use super::message::Wait;
use super::observe::arn;
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
        match plan {
            Plan::Create(version) => {
                Ok(self.create(version, observed).await?.map(|wait| self.wait(wait)))
            }
            Plan::Wait(wait) => Ok(Some(self.wait(wait))),
            Plan::Tag(tags) => self.tag(tags, observed).await,
            Plan::Modify(modification, how) => self.modify(&modification, how, observed).await,
            Plan::Update(update) => self.update(&update).await.map(Some),
            Plan::RotateToken => self.rotate_token().await.map(Some),
            Plan::Ready(_) => Ok(Some(Step::Again)),
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

    fn touch(&self) {
        self.touched.touch(&self.work.item.identity.uid);
    }

    /// It has begun to do something else since it was listed.
    fn busy(&self) -> Wait {
        Wait::Status { status: "busy".to_owned(), age: Known::of(self.work).age }
    }

    fn outcome(&self) -> Wait {
        Wait::Outcome { age: Known::of(self.work).age }
    }

    /// Adds tags, which is safe to repeat.
    async fn tag(
        &mut self,
        tags: Tags,
        observed: &mut Observed,
    ) -> Result<Option<Step>, TurnError> {
        let Some(group) = &observed.group else { return Ok(Some(Step::Again)) };
        let arn = arn(&self.desired.target, group);
        match self.clients.elasticache.add_tags(&arn, &tags).await {
            Ok(()) => {
                known::tagged(self.work, &self.desired.tags);
                observed.tags.get_or_insert_default().extend(tags);
                Ok(None)
            }
            Err(error) if error.kind == aws::Kind::State => {
                Ok(Some(self.wait_for_change(self.busy())))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Changes the group. `Some` when the outcome must show first.
    async fn modify(
        &mut self,
        modification: &Modification,
        how: &str,
        observed: &mut Observed,
    ) -> Result<Option<Step>, TurnError> {
        let modify = self.clients.elasticache.modify(&self.desired.target.id, modification);
        let modified = self.work.call(known::MODIFY, modify).await;
        self.touch();
        match modified? {
            Call::Done(changed) => {
                known::modified(self.work, how, &modification.settings);
                // What only members have is not in the answer; what was asked for is remembered.
                observed.group = Some(changed);
                Ok(None)
            }
            Call::Unknown => Ok(Some(self.wait_for_change(self.outcome()))),
            Call::Refused(error) if error.kind == aws::Kind::State => {
                Ok(Some(self.wait_for_change(self.busy())))
            }
            Call::Refused(error) => Err(error.into()),
        }
    }

    /// Begins to apply a service update.
    async fn update(&mut self, update: &Update) -> Result<Step, TurnError> {
        let apply = self.clients.elasticache.apply(update);
        let applied = self.work.call(known::UPDATE, apply).await;
        self.touch();
        match applied? {
            Call::Unknown => Ok(self.wait_for_change(self.outcome())),
            Call::Refused(error) if error.kind != aws::Kind::State => Err(error.into()),
            // AWS does it itself, or not now: the group works, and it is asked for again in an hour.
            Call::Done(()) | Call::Refused(_) => {
                known::updated(self.work, &update.name);
                Ok(Step::Again)
            }
        }
    }

    /// Gives the group another token, and hands it to secret-writer once AWS has accepted it: what is kept is always a
    /// token that the group has. Applications that know the one before it go on.
    async fn rotate_token(&mut self) -> Result<Step, TurnError> {
        let id = &self.desired.target.id;
        let token = password::generate().ok_or_else(|| Problem::PasswordLost(id.clone()));
        let token = token.map_err(Error::from)?;
        let set = self.clients.elasticache.rotate_token(id, &token);
        let set = self.work.call(known::ROTATE_TOKEN, set).await;
        self.touch();
        match set? {
            Call::Done(()) => {
                password::store(self.work, None, &token).await?;
                Ok(Step::Again)
            }
            // Nobody holds it, so the next turn sets another.
            Call::Unknown => Ok(self.wait(self.outcome())),
            Call::Refused(error) if error.kind == aws::Kind::State => Ok(self.wait(self.busy())),
            Call::Refused(error) => Err(error.into()),
        }
    }
}

/// A group whose tags say that it is ours is where we look from now on; it may be one whose creation had no answer.
/// `tags`: they were read.
pub(super) fn learn(work: &mut Work<'_>, desired: &Desired, tags: Option<&Tags>) {
    let Some(tags) = tags.filter(|tags| desired.target.owner.owns(tags)) else { return };
    known::owned(work);
    if matches!(tags::merge(tags, &desired.tags), Ok(None)) {
        known::tagged(work, &desired.tags);
    }
    facts::pin(work, &desired.target.place, &desired.target.id);
    if facts::is_open(work, known::CREATE) {
        known::created(work);
        work.resolve_intent();
    }
}
