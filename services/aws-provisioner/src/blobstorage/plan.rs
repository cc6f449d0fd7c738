//! The next step, as a value: from what is desired, observed and known. Pure.

use std::time::Duration;

use worker::Step;

use crate::error::Error;
use crate::policy;
use crate::tags::{self, Tags};

use super::desired::{Desired, Target};
use super::known::Known;
use super::observed::{Bucket, Observed, User};
use super::strategy::Credentials;

/// How long until something that AWS may not show yet is looked for again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

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
    /// Make the user with these tags.
    CreateUser(Tags),
    /// Add these tags to the user.
    UserTags(Tags),
    /// Replace the user's inline policy.
    UserPolicy(String),
    /// Delete a key that nobody holds.
    DeleteKey(String),
    /// Delete the user and all that is its own.
    DeleteUser,
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
        let (reason, message) = match wait {
            Wait::Bucket => {
                ("BucketNotVisibleYet", "waiting until AWS shows the bucket that was asked for")
            }
            Wait::Key => {
                ("KeyNotVisibleYet", "waiting until AWS shows the access key that was asked for")
            }
        };
        Self::Wait { after: LOOK_AGAIN, reason, message: message.to_owned() }
    }
}

/// The next step for a bucket that shall exist.
pub fn plan(desired: &Desired, observed: &Observed, known: &Known) -> Result<Plan, Error> {
    let Some(bucket) = &observed.bucket else { return missing(&desired.target, known) };
    let target = &desired.target;
    check_bucket(target, bucket, known)?;
    if let Some(user) = &observed.user
        && !target.owner.owns(&user.tags)
    {
        return Err(Error::NotOwned { what: "IAM user", name: target.user.clone() });
    }
    let mut puts = bucket_puts(desired, bucket)?;
    match target.credentials {
        Credentials::Keyless => puts.extend(observed.user.as_ref().map(|_| Put::DeleteUser)),
        Credentials::Keys => puts.extend(user_puts(desired, observed.user.as_ref())?),
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

fn user_puts(desired: &Desired, user: Option<&User>) -> Result<Vec<Put>, Error> {
    let mut puts = Vec::new();
    match user {
        None => puts.push(Put::CreateUser(desired.tags.clone())),
        Some(user) if tags::merge(&user.tags, &desired.tags)?.is_some() => {
            puts.push(Put::UserTags(desired.tags.clone()));
        }
        Some(_) => {}
    }
    let access = policy::access(&desired.target.arn());
    let observed = user.and_then(|user| serde_json::from_str(user.policy.as_ref()?).ok());
    if !observed.is_some_and(|observed| policy::is_same(&observed, &access)) {
        puts.push(Put::UserPolicy(access.to_string()));
    }
    Ok(puts)
}

/// A key that is held and listed is all that is needed. Otherwise a listed key that nobody holds is lost, because
/// AWS showed its secret only once.
fn key_plan(user: &User, held: &[String], known: &Known) -> Plan {
    if user.keys.iter().any(|key| held.contains(key)) {
        return Plan::Nothing;
    }
    if known.key.may_be_hidden && known.key.id.as_ref().is_some_and(|key| held.contains(key)) {
        return Plan::Nothing;
    }
    if !user.keys.is_empty() {
        return Plan::Put(user.keys.iter().cloned().map(Put::DeleteKey).collect());
    }
    if known.key.may_be_hidden { Plan::Wait(Wait::Key) } else { Plan::Mint }
}

#[cfg(test)]
mod tests;
