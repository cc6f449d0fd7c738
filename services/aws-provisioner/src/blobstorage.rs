//! A bucket on S3, with an IAM user of its own.
//!
//! One turn: [`observe`](mod@observe) what is there, [`plan`](mod@plan) the next step as a value, [`act`]. What a call
//! that succeeded has changed is learned without looking again, so a turn goes on until nothing is left to do, or
//! something must be waited for.

pub mod act;
pub mod delete;
pub mod desired;
pub mod keys;
pub mod known;
pub mod observe;
pub mod observed;
pub mod plan;
pub mod strategy;

use proto::Field;
use worker::{Step, TurnError, Work};

use crate::aws::{Aws, Clients};
use crate::error::Error;
use crate::strategy::Read;
use act::Actor;
use desired::Desired;
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
        let (desired, clients) = self.desired(work, &strategy, !held.is_empty()).await?;
        if !desired.is_adoption {
            remember_place(work, &desired).await?;
        }
        let looks_for_user = Known::of(work).has_user;
        let mut observed = observe(&clients, &desired, looks_for_user, held).await?;
        if observed.user.is_some() {
            known::user_seen(work);
        }
        let mut actor = Actor { clients: &clients, desired: &desired, work };
        for _ in 0..STEPS {
            let wait = match plan(&desired, &observed, &Known::of(actor.work))? {
                Plan::Nothing => {
                    settle(actor.work, &desired);
                    return Ok(self.ready(&desired, &ignored));
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
        let (desired, clients) = self.desired(work, &strategy, false).await?;
        let tags = observe::bucket_tags(&clients, &desired).await?;
        if tags.is_some_and(|tags| desired.owner.owns(&tags)) {
            remember_observed(work, &desired);
        }
        Ok(Step::Paused)
    }

    /// Makes it not exist, or keeps it on purpose.
    pub async fn deprovision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        // A strategy that cannot be read is no reason to lose data, nor to keep the claim.
        let strategy = strategy_of(work).map(|read| read.strategy).unwrap_or_default();
        let (desired, clients) = self.desired(work, &strategy, true).await?;
        delete::turn(&clients, &desired, work).await
    }

    async fn desired(
        &self,
        work: &Work<'_>,
        strategy: &Strategy,
        has_keys: bool,
    ) -> Result<(Desired, Clients), Error> {
        let caller = self.aws.caller(strategy.wanted_region()).await?;
        let place = caller.place(&work.record.placement, strategy.wanted_region())?;
        let clients = self.aws.clients(&place).await;
        let has_role = caller.is_role && !has_keys;
        let desired = Desired::new(work.item, &work.record.placement, strategy, place, has_role)?;
        Ok((desired, clients))
    }

    fn ready(&self, desired: &Desired, ignored: &[String]) -> Step {
        let literal = |text: &str| Field::Literal(text.to_owned());
        let credential = |key: &str| match desired.credentials {
            strategy::Credentials::Keys => Field::Credential(key.to_owned()),
            strategy::Credentials::Keyless => Field::Literal(String::new()),
        };
        Step::Ready {
            message: message(desired, ignored),
            fields: vec![
                ("bucketName", literal(&desired.name)),
                ("bucketRegion", literal(&desired.place.region)),
                ("credentialKeyID", credential(keys::KEY_ID)),
                ("credentialSecretKey", credential(keys::SECRET_KEY)),
            ],
            simulated: self.simulated,
        }
    }
}

/// The Go operator's text, and what else the user should know.
fn message(desired: &Desired, ignored: &[String]) -> String {
    let mut parts = vec!["successfully created and tagged".to_owned()];
    if desired.credentials == strategy::Credentials::Keyless {
        parts.push(format!("keyless: the workload's role needs access to {}", desired.arn()));
    }
    if !ignored.is_empty() {
        parts.push(format!("unknown strategy fields are ignored: {}", ignored.join(", ")));
    }
    parts.join("; ")
}

fn strategy_of(work: &Work<'_>) -> Result<Read<Strategy>, Error> {
    Ok(Strategy::read(&work.item.strategy.clone().unwrap_or_default())?)
}

/// Name and place are stored before anything is made, so that whoever comes next looks there.
async fn remember_place(work: &mut Work<'_>, desired: &Desired) -> Result<(), TurnError> {
    pin(work, desired);
    Ok(work.remember().await?)
}

/// Seen as desired: nothing is unresolved any more.
fn settle(work: &mut Work<'_>, desired: &Desired) {
    remember_observed(work, desired);
    work.resolve_intent();
}

fn remember_observed(work: &mut Work<'_>, desired: &Desired) {
    pin(work, desired);
    work.record.placement.observed = true;
}

fn pin(work: &mut Work<'_>, desired: &Desired) {
    let placement = &mut work.record.placement;
    placement.region.clone_from(&desired.place.region);
    placement.account.clone_from(&desired.place.account);
    placement.identifier = Some(desired.name.clone());
}
