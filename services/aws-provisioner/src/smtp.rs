//! SMTP credentials of SES: an IAM user that may send mail, and the password that SES derives from its key.
//!
//! The user's key is minted, turned into the password at once, and forgotten: with the password nobody can call
//! anything else of AWS.

mod password;
mod region;
pub(crate) mod strategy;

use std::time::Duration;

use proto::Field;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::time::Instant;
use worker::{Step, TurnError, Work};

use crate::aws::iam::AccessKey;
use crate::aws::{self, Aws, Clients};
use crate::error::Error;
use crate::facts;
use crate::listing::at_most;
use crate::naming::external_name;
use crate::place::Place;
use crate::policy;
use crate::strategy::Read;
use crate::tags::{self, Owner, Tags};
use crate::user::{self, KeyPlan, Removal, User, Which, keys};
use strategy::Strategy;

/// Name of the user's inline policy, and of the password in the credential Secret.
const POLICY: &str = "send-mail";
const PASSWORD: &str = "smtpPassword";
/// STARTTLS; ports 25 and 465 are often closed.
const PORT: &str = "587";
/// More steps than any plan has.
const STEPS: usize = 6;
/// What an account may send in a day that has not left the sandbox: SES version 1 tells it by nothing else.
const SANDBOX: f64 = 200.0;
const QUOTA_KEPT: Duration = Duration::from_hours(1);

/// Provisions SMTP credentials.
pub struct Smtp {
    aws: Aws,
    simulated: bool,
}

/// Which user is meant.
struct Target {
    name: String,
    place: Place,
    owner: Owner,
}

/// What it shall be.
struct Desired {
    target: Target,
    tags: Tags,
    access: Value,
    notes: Vec<String>,
}

impl Target {
    fn user(&self) -> Which<'_> {
        Which { name: &self.name, policy: POLICY }
    }
}

impl Smtp {
    /// `simulated`: nothing real answers behind the connections.
    pub fn new(aws: Aws, simulated: bool) -> Self {
        Self { aws, simulated }
    }

    /// Brings the user and its key to what the strategy says.
    pub async fn provision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let (desired, clients) = self.desired(work).await?;
        let target = &desired.target;
        let mut held = keys::held(work).await?;
        facts::pin(work, &target.place, &target.name);
        work.remember().await?;
        let mut found = observe(&clients, &desired, work).await?;
        for _ in 0..STEPS {
            let next = desired.next(found.as_ref(), &held, work)?;
            let mut actor = user::Actor { iam: &clients.iam, which: target.user(), work };
            match next {
                KeyPlan::Put(puts) => {
                    for put in puts {
                        actor.put(&put, &mut found).await?;
                    }
                }
                KeyPlan::Mint => {
                    let kept = |key: &AccessKey| kept(key, &target.place.region);
                    if !actor.mint(&mut found, &mut held, kept).await? {
                        return Ok(user::key_hidden());
                    }
                }
                KeyPlan::Wait => return Ok(user::key_hidden()),
                KeyPlan::Nothing => {
                    work.record.placement.observed = true;
                    work.resolve_intent();
                    return Ok(self.ready(&desired));
                }
            }
        }
        Ok(Step::Again)
    }

    /// Looks whether the user is there, and changes nothing.
    pub async fn look(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let strategy = strategy_of(work).map(|read| read.strategy).unwrap_or_default();
        let (target, clients) = self.target(work, &strategy).await?;
        let found = user::observe(&clients.iam, target.user()).await?;
        if found.is_some_and(|user| target.owner.owns(&user.tags)) {
            facts::pin(work, &target.place, &target.name);
            work.record.placement.observed = true;
        }
        Ok(Step::Paused)
    }

    /// Makes the user not exist.
    pub async fn deprovision(&self, work: &mut Work<'_>) -> Result<Step, TurnError> {
        let strategy = strategy_of(work).map(|read| read.strategy).unwrap_or_default();
        let (target, clients) = match self.target(work, &strategy).await {
            Ok(found) => found,
            Err(error) => return Ok(facts::unseen(work, error)?),
        };
        let removal = user::remove(&clients.iam, target.user(), &target.owner, work).await?;
        let message = match removal {
            Removal::Hidden => return Ok(user::hidden()),
            Removal::Gone => "deletion complete".to_owned(),
            Removal::Foreign => format!(
                "IAM user {} is not owned by this claim and was left untouched",
                target.name
            ),
        };
        work.resolve_intent();
        Ok(Step::Absent { message })
    }

    async fn desired(&self, work: &Work<'_>) -> Result<(Desired, Clients), Error> {
        let Read { strategy, ignored } = strategy_of(work)?;
        let (target, clients) = self.target(work, &strategy).await?;
        let access = policy::send_mail(&strategy.arns(&target.place)?);
        let tags = tags::desired(work.item)?;
        let is_new = !work.record.placement.observed;
        let mut notes = Vec::from_iter(quota_note(&clients, &target.place, is_new).await?);
        if !ignored.is_empty() {
            notes.push(format!("unknown strategy fields are ignored: {}", ignored.join(", ")));
        }
        Ok((Desired { target, tags, access, notes }, clients))
    }

    async fn target(
        &self,
        work: &Work<'_>,
        strategy: &Strategy,
    ) -> Result<(Target, Clients), Error> {
        let (item, placement) = (work.item, &work.record.placement);
        let (place, clients) = self.aws.reach(placement, strategy.region.as_deref()).await?;
        let name = placement.identifier.clone();
        let target = Target {
            name: name.unwrap_or_else(|| external_name(&item.cluster.id, &item.identity)),
            place,
            owner: Owner::of(item),
        };
        Ok((target, clients))
    }

    fn ready(&self, desired: &Desired) -> Step {
        let literal = |text: &str| Field::Literal(text.to_owned());
        let notes = desired.notes.iter().map(String::as_str);
        let message: Vec<_> = std::iter::once("creation successful").chain(notes).collect();
        Step::Ready {
            message: message.join("; "),
            fields: vec![
                ("username", Field::Credential(keys::KEY_ID.to_owned())),
                ("password", Field::Credential(PASSWORD.to_owned())),
                ("host", literal(&region::host(&desired.target.place.region))),
                ("port", literal(PORT)),
                ("tls", literal("true")),
            ],
            simulated: self.simulated,
        }
    }
}

impl Desired {
    fn next(
        &self,
        found: Option<&User>,
        held: &[String],
        work: &Work<'_>,
    ) -> Result<KeyPlan, Error> {
        let puts = user::plan::puts(found, &self.tags, &self.access)?;
        Ok(match found {
            Some(user) if puts.is_empty() => {
                user::plan::key_plan(user, held, &user::Known::of(work).key)
            }
            _ => KeyPlan::Put(puts),
        })
    }
}

fn strategy_of(work: &Work<'_>) -> Result<Read<Strategy>, Error> {
    Ok(Strategy::read(&work.item.strategy.clone().unwrap_or_default())?)
}

/// The user; one of our name that is somebody else's is left untouched.
async fn observe(
    clients: &Clients,
    desired: &Desired,
    work: &mut Work<'_>,
) -> Result<Option<User>, Error> {
    let target = &desired.target;
    let (which, owner) = (target.user(), &target.owner);
    let found = user::observe_settled(&clients.iam, which, owner, &desired.tags, work).await?;
    if let Some(user) = &found {
        user.check_owner(&target.owner, &target.name)?;
    }
    Ok(found)
}

/// What is kept of a key: the secret half is forgotten.
fn kept(key: &AccessKey, region: &str) -> keys::Values {
    let password = password::derive(&key.secret, region);
    [
        (keys::KEY_ID.to_owned(), key.id.clone()),
        (PASSWORD.to_owned(), password.expose_secret().to_owned()),
    ]
}

/// What the user should know of what the account may send: no answer of SES is worth keeping credentials from anybody.
/// Fails for new ones where there is no SES.
async fn quota_note(
    clients: &Clients,
    place: &Place,
    is_new: bool,
) -> Result<Option<String>, Error> {
    let not_before = at_most(QUOTA_KEPT, Instant::now());
    let region = &place.region;
    match clients.ses.daily_quota(place, not_before).await {
        Ok(quota) if quota == SANDBOX => Ok(Some(format!(
            "the account seems to be in the SES sandbox of {region}: mail goes to verified addresses only"
        ))),
        Ok(_) => Ok(None),
        Err(error) if is_new && is_out_of_reach(error.kind) && !region::is_known(region) => {
            Err(Error::NoSes { region: region.clone() })
        }
        Err(error) => {
            Ok(Some(format!("whether the account is in the SES sandbox is not known: {error}")))
        }
    }
}

fn is_out_of_reach(kind: aws::Kind) -> bool {
    matches!(kind, aws::Kind::Unsent | aws::Kind::Unknown)
}
