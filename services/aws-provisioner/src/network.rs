//! The network of a cluster's databases: one for all of them, a work item of its own.
//!
//! One turn: [`observe`](mod@observe) what is there, [`plan`](mod@plan) the next step as a value, [`act`]. What is safe
//! to repeat is done one after the other in one turn, because what is made has a natural key: a second subnet of a range
//! or a second group of a name is refused. A VPC has none, and a peering is asked for once: those are made under an
//! intent, one per turn. Everything of ours is found by its tags, so a turn goes on wherever the one before it ended.

mod act;
pub mod cidr;
pub mod desired;
#[cfg(test)]
mod fixture;
pub mod known;
pub mod message;
pub mod observe;
pub mod observed;
pub mod plan;
pub mod problem;
pub mod reference;
pub mod strategy;
pub mod teardown;

use worker::{Step, TurnError, Work};

use crate::aws::{Aws, Clients};
use crate::error::Error;
use crate::facts;
use crate::strategy::{Read, StrategyError};
use act::Actor;
use desired::{Desired, Target};
use known::Known;
use observe::observe;
use plan::{Plan, Report, plan};
pub use problem::Problem;
use strategy::Strategy;

/// More steps than any plan has: a VPC with a hundred route tables takes several turns.
const STEPS: usize = 60;

/// Provisions the network.
pub struct Network {
    aws: Aws,
    simulated: bool,
}

impl Network {
    /// `simulated`: nothing real answers behind the connections.
    pub fn new(aws: Aws, simulated: bool) -> Self {
        Self { aws, simulated }
    }

    /// Brings the network to what its item says.
    pub async fn provision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let Read { strategy, ignored } = strategy_of(work)?;
        let (target, clients) = self.target(work, strategy.region.as_deref()).await?;
        let desired = Desired::new(target, work.item, &strategy)?;
        let mut observed = observe(&clients, &desired).await?;
        act::learn(work, &desired, &observed);
        let mut actor = Actor { clients: &clients, desired: &desired, work };
        let mut has_peered = false;
        for _ in 0..STEPS {
            let next = plan(&desired, &observed, &Known::of(actor.work))?;
            if let Plan::Ready(report) = &next {
                known::settled(actor.work, report);
                return Ok(self.ready(report, &ignored));
            }
            let is_unsafe = matches!(next, Plan::Peer { .. } | Plan::MakeVpc(_));
            if is_unsafe && has_peered {
                return Ok(Step::Again);
            }
            has_peered |= is_unsafe;
            if let Some(step) = actor.follow(next, &mut observed).await? {
                return Ok(step);
            }
        }
        Ok(Step::Again)
    }

    /// Looks whether the network is there, and changes nothing.
    pub async fn look(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let region = strategy_of(work).ok().and_then(|read| read.strategy.region);
        let (target, clients) = self.target(work, region.as_deref()).await?;
        if let Some(vpc) = observe::own_vpc(&clients.ec2, &target).await? {
            facts::pin(work, &target.place, &target.name);
            known::seen(work, &vpc.id);
        }
        Ok(Step::Paused)
    }

    /// Makes it not exist.
    pub async fn deprovision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        // A strategy that cannot be read is no reason to keep a network.
        let region = strategy_of(work).ok().and_then(|read| read.strategy.region);
        let (target, clients) = match self.target(work, region.as_deref()).await {
            // Nothing was ever made without a region.
            Ok(found) => found,
            Err(error) => return Ok(facts::unseen(work, error)?),
        };
        teardown::turn(&clients, &target, work).await
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

    /// A network has no connection details: databases read its record.
    fn ready(&self, report: &Report, ignored: &[String]) -> Step {
        let message = report.message(ignored);
        Step::Ready { message, fields: Vec::new(), simulated: self.simulated }
    }
}

fn strategy_of(work: &Work<'_>) -> Result<Read<Strategy>, Error> {
    let tier = work.item.strategy.as_ref();
    let tier = tier.ok_or_else(|| StrategyError {
        path: ".".to_owned(),
        problem: "there is none".to_owned(),
    })?;
    Ok(Strategy::read(tier)?)
}
