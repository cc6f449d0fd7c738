//! A replication group on ElastiCache, with the engine Redis or Valkey.
//!
//! One turn: [`observe`](mod@observe) what is there, [`plan`](mod@plan) the next step as a value, [`act`]. The answer
//! to a call counts as a look, so a turn goes on until nothing is left to do, or something must be waited for; it makes
//! one call at most that is not safe to repeat.

mod act;
pub mod compare;
pub mod delete;
pub mod desired;
pub mod drift;
#[cfg(test)]
mod fixture;
pub mod known;
pub mod message;
pub mod observe;
pub mod observed;
pub mod plan;
pub mod problem;
pub mod strategy;
pub mod version;
pub mod window;

use proto::{Field, Kind};
use worker::{Step, TurnError, Work};

use crate::aws::elasticache::Group;
use crate::aws::{Aws, Clients};
use crate::error::Error;
use crate::facts;
use crate::network::reference::obstacle;
use crate::password::PASSWORD;
use crate::strategy::Read;
use crate::touched::Touched;
use act::Actor;
use desired::{Desired, Target};
use known::Known;
use message::Report;
use observe::observe;
use observed::Observed;
use plan::{Plan, plan};
pub use problem::Problem;
use strategy::Strategy;

/// More steps than any plan has.
const STEPS: usize = 6;

/// Provisions caches.
pub struct Redis {
    aws: Aws,
    simulated: bool,
    touched: Touched,
}

impl Redis {
    /// `simulated`: nothing real answers behind the connections.
    pub fn new(aws: Aws, simulated: bool) -> Self {
        Self { aws, simulated, touched: Touched::default() }
    }

    /// Brings the group to what its strategy says.
    pub async fn provision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let Read { strategy, ignored } = strategy_of(work)?;
        let (target, clients) = self.target(work, strategy.region.as_deref()).await?;
        let mut desired = Desired::new(target, work.item, &strategy)?;
        desired.notes.extend(obstacle(work, Kind::Redis).await?);
        let mut observed = observe(&self.touched, &clients, &desired, work).await?;
        if observed.group.is_none() && !Known::of(work).may_be_hidden {
            known::lost(work);
        }
        let mut actor =
            Actor { clients: &clients, desired: &desired, touched: &self.touched, work };
        let mut has_acted = false;
        for _ in 0..STEPS {
            let next = plan(&desired, &observed, &Known::of(actor.work))?;
            if has_acted && !matches!(next, Plan::Wait(_) | Plan::Ready(_) | Plan::Tag(_)) {
                return Ok(Step::Again);
            }
            if let (Plan::Ready(report), Some(group)) = (&next, &observed.group) {
                settle(actor.work, report, group, &observed);
                return Ok(self.ready(group, report, &ignored));
            }
            has_acted |= !matches!(next, Plan::Tag(_));
            if let Some(step) = actor.follow(next, &mut observed).await? {
                return Ok(step);
            }
        }
        Ok(Step::Again)
    }

    /// Looks whether the group is there, and changes nothing.
    pub async fn look(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let region = strategy_of(work).ok().and_then(|read| read.strategy.region);
        let (target, clients) = self.target(work, region.as_deref()).await?;
        let not_before = self.touched.not_before(&work.item.identity.uid);
        let group = observe::group(&clients.elasticache, &target, not_before).await?;
        let tags = match &group {
            Some(group) => observe::tags(&clients.elasticache, &target, group).await?,
            None => None,
        };
        if tags.is_some_and(|tags| target.owner.owns(&tags)) {
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
        delete::turn(&clients.elasticache, &target, &policy, &self.touched, work).await
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

    /// The Go operator's keys, and those that only a group with a token or TLS has. `uri` is a bare host: consumers
    /// put the scheme before it themselves.
    fn ready(&self, group: &Group, report: &Report, ignored: &[String]) -> Step {
        let endpoint = group.endpoint.as_ref();
        let literal = |text: String| Field::Literal(text);
        let host = endpoint.map(|it| it.host.clone()).unwrap_or_default();
        let port = endpoint.map(|it| it.port.to_string()).unwrap_or_default();
        let mut fields = vec![("uri", literal(host)), ("port", literal(port))];
        if group.has_auth {
            fields.push(("password", Field::Credential(PASSWORD.to_owned())));
        }
        if group.has_tls {
            fields.push(("tls", literal("true".to_owned())));
        }
        Step::Ready { message: report.message(ignored), fields, simulated: self.simulated }
    }
}

fn strategy_of(work: &Work<'_>) -> Result<Read<Strategy>, Error> {
    let tier = work.item.strategy.clone();
    match tier {
        Some(tier) => Ok(Strategy::read(&tier, work.item.cluster.defaults)?),
        // Only a tombstone has none.
        None => Err(crate::strategy::StrategyError {
            path: ".".to_owned(),
            problem: "there is none".to_owned(),
        }
        .into()),
    }
}

/// Seen as desired: nothing is unresolved any more.
fn settle(work: &mut Work<'_>, report: &Report, group: &Group, observed: &Observed) {
    let open: Vec<_> = report.pending.iter().map(|change| change.field).collect();
    known::keep_asked(work, &open);
    known::settled(work, group, observed.members.as_deref());
}
