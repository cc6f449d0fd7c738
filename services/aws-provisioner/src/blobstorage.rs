//! A bucket on S3, with an IAM user of its own.
//!
//! One turn: [`observe`](mod@observe) what is there, [`plan`](mod@plan) the next step as a value, [`act`]. What a call
//! that succeeded has changed is learned without looking again, so a turn goes on until nothing is left to do, or
//! something must be waited for.

pub mod act;
pub mod delete;
pub mod desired;
pub mod known;
pub mod observe;
pub mod observed;
pub mod plan;
pub mod strategy;

use proto::Field;
use worker::{Step, TurnError, Work};

use crate::aws::{Aws, Clients};
use crate::error::Error;
use crate::facts;
use crate::strategy::Read;
use crate::user::keys;
use act::Actor;
use desired::{Desired, Target};
use known::Known;
use observe::observe;
use plan::{Plan, plan};
use strategy::Strategy;

/// More steps than any plan has.
const STEPS: usize = 8;

/// Provisions buckets.
pub struct BlobStorage {
    aws: Aws,
    simulated: bool,
}

impl BlobStorage {
    /// `simulated`: nothing real answers behind the connections.
    pub fn new(aws: Aws, simulated: bool) -> Self {
        Self { aws, simulated }
    }

    /// Brings the bucket to what its strategy says.
    pub async fn provision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let Read { strategy, ignored } = strategy_of(work)?;
        let held = keys::held(work).await?;
        // Keys that secret-writer has lost were keys all the same.
        let has_keys = !held.is_empty() || Known::of(work).user.exists;
        let (target, clients) = self.target(work, &strategy, has_keys).await?;
        let desired = Desired::new(target, work.item, &strategy)?;
        let target = &desired.target;
        remember_place(work, target).await?;
        let mut observed = observe(&clients, &desired, held, work).await?;
        let mut actor = Actor { clients: &clients, desired: &desired, work };
        for _ in 0..STEPS {
            let wait = match plan(&desired, &observed, &Known::of(actor.work))? {
                Plan::Nothing => {
                    settle(actor.work, target);
                    return Ok(self.ready(target, &ignored));
                }
                Plan::Wait(wait) => Some(wait),
                Plan::CreateBucket => actor.create_bucket(&mut observed).await?,
                Plan::Mint => actor.mint(&mut observed).await?,
                Plan::Put(puts) => {
                    actor.put_all(puts, &mut observed).await?;
                    None
                }
            };
            if let Some(wait) = wait {
                return Ok(wait.into());
            }
        }
        Ok(Step::Again)
    }

    /// Looks whether the bucket is there, and changes nothing.
    pub async fn look(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let strategy = strategy_of(work).map(|read| read.strategy).unwrap_or_default();
        let (target, clients) = self.target(work, &strategy, false).await?;
        let tags = observe::bucket_tags(&clients, &target).await?;
        if tags.is_some_and(|tags| target.owner.owns(&tags)) {
            remember_observed(work, &target);
        }
        Ok(Step::Paused)
    }

    /// Makes it not exist, or keeps it on purpose.
    pub async fn deprovision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        // A strategy that cannot be read is no reason to lose data, nor to keep the claim.
        let strategy = strategy_of(work).map(|read| read.strategy).unwrap_or_default();
        let (target, clients) = match self.target(work, &strategy, true).await {
            Ok(found) => found,
            Err(error) => return Ok(facts::unseen(work, error)?),
        };
        delete::turn(&clients, &target, strategy.delete_strategy.force_bucket_deletion, work).await
    }

    async fn target(
        &self,
        work: &Work<'_>,
        strategy: &Strategy,
        has_keys: bool,
    ) -> Result<(Target, Clients), Error> {
        let session = self.aws.session().await;
        let wanted = strategy.wanted_region();
        let (place, clients) = session.reach(&work.record.placement, wanted).await?;
        let has_role = session.caller(Some(&place.region)).await?.is_role && !has_keys;
        let target = Target::new(work.item, &work.record.placement, strategy, place, has_role);
        Ok((target, clients))
    }

    fn ready(&self, target: &Target, ignored: &[String]) -> Step {
        let literal = |text: &str| Field::Literal(text.to_owned());
        let credential = |key: &str| match target.credentials {
            strategy::Credentials::Keys => Field::Credential(key.to_owned()),
            strategy::Credentials::Keyless => Field::Literal(String::new()),
        };
        Step::Ready {
            message: message(target, ignored),
            fields: vec![
                ("bucketName", literal(&target.name)),
                ("bucketRegion", literal(&target.place.region)),
                ("credentialKeyID", credential(keys::KEY_ID)),
                ("credentialSecretKey", credential(keys::SECRET_KEY)),
            ],
            simulated: self.simulated,
        }
    }
}

/// The Go operator's text, and what else the user should know.
fn message(target: &Target, ignored: &[String]) -> String {
    let mut parts = vec!["successfully created and tagged".to_owned()];
    if target.credentials == strategy::Credentials::Keyless {
        parts.push(format!("keyless: the workload's role needs access to {}", target.arn()));
    }
    if !ignored.is_empty() {
        parts.push(format!("unknown strategy fields are ignored: {}", ignored.join(", ")));
    }
    parts.join("; ")
}

fn strategy_of(work: &Work<'_>) -> Result<Read<Strategy>, Error> {
    Ok(Strategy::read(&work.item.strategy.clone().unwrap_or_default())?)
}

/// Place and name are stored before anything is made, so that whoever comes next looks there. A name from the strategy
/// is stored only when its bucket has turned out to be ours: a slip of the pen shall not last for life.
async fn remember_place(work: &mut Work<'_>, target: &Target) -> Result<(), TurnError> {
    let known = work.record.placement.identifier.clone();
    pin(work, target);
    if target.is_adoption {
        work.record.placement.identifier = known;
    }
    Ok(work.remember().await?)
}

/// Seen as desired: nothing is unresolved any more.
fn settle(work: &mut Work<'_>, target: &Target) {
    remember_observed(work, target);
    work.resolve_intent();
}

fn remember_observed(work: &mut Work<'_>, target: &Target) {
    pin(work, target);
    work.record.placement.observed = true;
}

fn pin(work: &mut Work<'_>, target: &Target) {
    let placement = &mut work.record.placement;
    placement.region.clone_from(&target.place.region);
    placement.account.clone_from(&target.place.account);
    placement.identifier = Some(target.name.clone());
}
