//! The next step, as a value: from what is desired, observed and known. Pure.

use worker::Step;

use crate::error::Error;
use crate::policy;
use crate::tags::{self, Tags};
use crate::user::{self, KeyPlan, User};
use crate::waiting::LOOK_AGAIN;

use super::desired::{Desired, Target};
use super::known::Known;
use super::observed::{Bucket, Observed};
use super::strategy::Credentials;

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Make the bucket: under an intent, so that it is recognised before it is tagged.
    CreateBucket,
    /// Mint a key: under an intent, because a repeat would make another.
    Mint,
    /// Calls that are safe to repeat, in this order.
    Put(Vec<Put>),
    /// Something must show first.
    Wait(Wait),
    /// It is as desired.
    Nothing,
}

/// A call that is safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// Replace the bucket's tags.
    BucketTags(Tags),
    /// Block all public access.
    BlockPublicAccess,
    /// Encrypt by default.
    Encrypt,
    /// Replace the bucket's policy.
    BucketPolicy(String),
    /// Something about its user.
    User(user::Put),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A bucket that may have been made.
    Bucket,
    /// A key that may have been made.
    Key,
}

impl From<Wait> for Step {
    fn from(wait: Wait) -> Self {
        match wait {
            Wait::Bucket => Self::Wait {
                after: LOOK_AGAIN,
                reason: "BucketNotVisibleYet",
                message: "waiting until AWS shows the bucket that was asked for".to_owned(),
            },
            Wait::Key => user::key_hidden(),
        }
    }
}

/// The next step for a bucket that shall exist.
pub fn plan(desired: &Desired, observed: &Observed, known: &Known) -> Result<Plan, Error> {
    let Some(bucket) = &observed.bucket else { return missing(&desired.target, known) };
    let target = &desired.target;
    check_bucket(target, bucket, known)?;
    if let Some(user) = &observed.user {
        user.check_owner(&target.owner, &target.user)?;
    }
    let mut puts = bucket_puts(desired, bucket)?;
    match target.credentials {
        Credentials::Keyless => {
            puts.extend(observed.user.as_ref().map(|_| Put::User(user::Put::Delete)));
        }
        Credentials::Keys => {
            let access = policy::access(&target.arn());
            let of_user = user::plan::puts(observed.user.as_ref(), &desired.tags, &access)?;
            puts.extend(of_user.into_iter().map(Put::User));
        }
    }
    if !puts.is_empty() {
        return Ok(Plan::Put(puts));
    }
    match (target.credentials, &observed.user) {
        (Credentials::Keys, Some(user)) => Ok(key_plan(user, &observed.held, known)),
        _ => Ok(Plan::Nothing),
    }
}

/// Not ours is left untouched. Without tags it is ours only if we were about to make it.
pub fn check_bucket(target: &Target, bucket: &Bucket, known: &Known) -> Result<(), Error> {
    let was_just_made = bucket.tags.is_empty() && known.bucket.is_untagged_ours;
    if target.owner.owns(&bucket.tags) || was_just_made {
        return Ok(());
    }
    Err(Error::NotOwned { what: "bucket", name: target.name.clone() })
}

fn missing(target: &Target, known: &Known) -> Result<Plan, Error> {
    let name = || target.name.clone();
    if known.bucket.may_be_hidden {
        Ok(Plan::Wait(Wait::Bucket))
    } else if known.bucket.was_observed {
        Err(Error::Gone { name: name() })
    } else if target.is_adoption {
        Err(Error::NothingToAdopt { name: name() })
    } else {
        Ok(Plan::CreateBucket)
    }
}

/// Tags first: they make it ours for whoever comes next.
fn bucket_puts(desired: &Desired, bucket: &Bucket) -> Result<Vec<Put>, Error> {
    let mut puts = Vec::new();
    puts.extend(tags::merge(&bucket.tags, &desired.tags)?.map(Put::BucketTags));
    if !bucket.blocks_public_access {
        puts.push(Put::BlockPublicAccess);
    }
    if !bucket.is_encrypted {
        puts.push(Put::Encrypt);
    }
    let tls_only = policy::tls_only(bucket.policy.as_deref(), &desired.target.arn())
        .map_err(|_| Error::UnreadablePolicy { name: desired.target.name.clone() })?;
    puts.extend(tls_only.map(|document| Put::BucketPolicy(document.to_string())));
    Ok(puts)
}

fn key_plan(user: &User, held: &[String], known: &Known) -> Plan {
    match user::plan::key_plan(user, held, &known.user.key) {
        KeyPlan::Nothing => Plan::Nothing,
        KeyPlan::Put(puts) => Plan::Put(puts.into_iter().map(Put::User).collect()),
        KeyPlan::Wait => Plan::Wait(Wait::Key),
        KeyPlan::Mint => Plan::Mint,
    }
}

#[cfg(test)]
mod tests;
