//! A PostgreSQL instance on RDS.
//!
//! One turn: [`observe`] what is there, [`plan`](mod@plan) the next step as a value, [`act`]. The answer to a call
//! counts as a look, so a turn goes on until nothing is left to do, or something must be waited for; it makes one call
//! at most that is not safe to repeat.

mod act;
pub mod compare;
pub mod delete;
pub mod desired;
pub mod drift;
#[cfg(test)]
pub(crate) mod fixture;
pub mod known;
pub mod message;
pub mod observe;
pub mod observed;
pub mod plan;
pub mod problem;
pub mod strategy;
pub mod version;

use proto::{Field, Kind};
use worker::{Step, TurnError, Work};

use crate::aws::rds::Instance;
use crate::aws::{Aws, Clients};
use crate::error::Error;
use crate::facts;
use crate::network::reference::obstacle;
use crate::password;
use crate::strategy::Read;
use crate::touched::Touched;
use act::Actor;
use desired::{Desired, POSTGRES, Target};
use known::Known;
use message::Report;
use observe::observe;
use plan::{Plan, plan};
pub use problem::Problem;
use strategy::Strategy;

/// More steps than any plan has.
const STEPS: usize = 6;

/// Provisions databases.
pub struct Postgres {
    aws: Aws,
    simulated: bool,
    touched: Touched,
}

impl Postgres {
    /// `simulated`: nothing real answers behind the connections.
    pub fn new(aws: Aws, simulated: bool) -> Self {
        Self { aws, simulated, touched: Touched::default() }
    }

    /// Brings the instance to what its strategy says.
    pub async fn provision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let Read { strategy, ignored } = strategy_of(work)?;
        let (target, clients) = self.target(work, strategy.region.as_deref()).await?;
        let mut desired = Desired::new(target, work.item, &strategy)?;
        desired.notes.extend(obstacle(work, Kind::Postgres).await?);
        let mut observed = observe(&self.touched, &clients, &desired, work).await?;
        let mut actor =
            Actor { clients: &clients, desired: &desired, touched: &self.touched, work };
        let mut has_acted = false;
        for _ in 0..STEPS {
            let next = plan(&desired, &observed, &Known::of(actor.work))?;
            if has_acted && !matches!(next, Plan::Wait(_) | Plan::Ready(_) | Plan::Tag(_)) {
                return Ok(Step::Again);
            }
            if let (Plan::Ready(report), Some(instance)) = (&next, &observed.instance) {
                settle(actor.work, report, instance);
                return Ok(self.ready(instance, report, &ignored));
            }
            has_acted |= !matches!(next, Plan::Tag(_));
            if let Some(step) = actor.follow(next, &mut observed).await? {
                return Ok(step);
            }
        }
        Ok(Step::Again)
    }

    /// Looks whether the instance is there, and changes nothing.
    pub async fn look(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let region = strategy_of(work).ok().and_then(|read| read.strategy.region);
        let (target, clients) = self.target(work, region.as_deref()).await?;
        let not_before = self.touched.not_before(&work.item.identity.uid);
        let instance = observe::instance(&clients.rds, &target, not_before).await?;
        if instance.is_some_and(|instance| target.owner.owns(&instance.tags)) {
            facts::pin(work, &target.place, &target.id);
            work.record.placement.observed = true;
        }
        Ok(Step::Paused)
    }

    /// Makes it not exist.
    pub async fn deprovision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        // A strategy that cannot be read is no reason to lose data, nor to keep the claim.
        let strategy = strategy_of(work).ok().map(|read| read.strategy);
        let region = strategy.as_ref().and_then(|it| it.region.clone());
        let (target, clients) = match self.target(work, region.as_deref()).await {
            // Nothing was ever made without a region.
            Ok(found) => found,
            Err(error) => return Ok(facts::unseen(work, error)?),
        };
        let policy = delete::Policy::new(strategy.as_ref(), &target, &work.item.item_id);
        delete::turn(&clients.rds, &target, &policy, &self.touched, work).await
    }

    async fn target(
        &self,
        work: &Work<'_>,
        region: Option<&str>,
    ) -> Result<(Target, Clients), Error> {
        let placement = &work.record.placement;
        let (place, clients) = self.aws.reach(placement, region).await?;
        Ok((Target::new(work.item, placement, place), clients))
    }

    /// The Go operator's keys.
    fn ready(&self, instance: &Instance, report: &Report, ignored: &[String]) -> Step {
        let endpoint = instance.endpoint.as_ref();
        let literal = Field::Literal;
        let host = endpoint.map(|it| it.host.clone()).unwrap_or_default();
        let port = endpoint.map(|it| it.port.to_string()).unwrap_or_default();
        // An instance without a named database has this one.
        let database = instance.database.clone().unwrap_or_else(|| POSTGRES.to_owned());
        Step::Ready {
            message: report.message(ignored),
            fields: vec![
                ("username", Field::Credential(password::USER.to_owned())),
                ("password", Field::Credential(password::PASSWORD.to_owned())),
                ("host", literal(host)),
                ("port", literal(port)),
                ("database", literal(database)),
            ],
            simulated: self.simulated,
        }
    }
}

fn strategy_of(work: &Work<'_>) -> Result<Read<Strategy>, Error> {
    let tier = work.item.strategy.clone();
    let defaults = work.item.cluster.defaults;
    match tier {
        Some(tier) => Ok(Strategy::read(&tier, defaults)?),
        // Only a tombstone has none.
        None => Err(crate::strategy::StrategyError {
            path: ".".to_owned(),
            problem: "there is none".to_owned(),
        }
        .into()),
    }
}

/// Seen as desired: nothing is unresolved any more.
fn settle(work: &mut Work<'_>, report: &Report, instance: &Instance) {
    let open: Vec<_> = report.pending.iter().map(|change| change.field).collect();
    known::keep_asked(work, &open);
    known::settled(work, instance);
}
