//! An IAM user with one inline policy and one key: how a workload gets at what its claim has made.
//!
//! Whoever has one embeds [`Put`] among its own calls, [`User`] among what it observes, and [`Known`] among what its
//! record knows.

mod act;
mod delete;
pub mod keys;
pub mod known;
pub mod plan;

pub use act::Actor;
pub use delete::{Removal, remove};
pub use known::Known;
pub use plan::{KeyPlan, Put};

use worker::{Step, Work};

use crate::aws::Error;
use crate::aws::iam::Iam;
use crate::tags::{Owner, Tags};
use crate::waiting::LOOK_AGAIN;
use act::call;

/// Which user is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which<'a> {
    /// Its name.
    pub name: &'a str,
    /// Name of its inline policy.
    pub policy: &'static str,
}

/// A user that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Its tags.
    pub tags: Tags,
    /// Our inline policy.
    pub policy: Option<String>,
    /// Ids of its keys.
    pub keys: Vec<String>,
}

impl User {
    /// One of our name that is somebody else's is left untouched.
    pub fn check_owner(&self, owner: &Owner, name: &str) -> Result<(), crate::Error> {
        if owner.owns(&self.tags) {
            return Ok(());
        }
        Err(crate::Error::NotOwned { what: "IAM user", name: name.to_owned() })
    }
}

/// The step that waits for a user that may have been made.
pub fn hidden() -> Step {
    Step::Wait {
        after: LOOK_AGAIN,
        reason: "UserNotVisibleYet",
        message: "waiting until AWS shows the IAM user that was asked for".to_owned(),
    }
}

/// The step that waits for a key that may have been made.
pub fn key_hidden() -> Step {
    Step::Wait {
        after: LOOK_AGAIN,
        reason: "KeyNotVisibleYet",
        message: "waiting until AWS shows the access key that was asked for".to_owned(),
    }
}

/// The user with its policy and keys, if it exists.
pub async fn observe(iam: &Iam, which: Which<'_>) -> Result<Option<User>, Error> {
    let Some(tags) = iam.user_tags(which.name).await? else { return Ok(None) };
    let (policy, keys) = rest(iam, which).await?;
    Ok(Some(User { tags, policy, keys }))
}

/// The same, without another look at tags that were seen to be these a short while ago.
pub async fn observe_settled(
    iam: &Iam,
    which: Which<'_>,
    owner: &Owner,
    tags: &Tags,
    work: &mut Work<'_>,
) -> Result<Option<User>, Error> {
    if known::has_tags(work, tags) {
        let (policy, keys) = rest(iam, which).await?;
        // Without keys it may be gone.
        if !keys.is_empty() {
            return Ok(Some(User { tags: tags.clone(), policy, keys }));
        }
    }
    let user = observe(iam, which).await?;
    if let Some(user) = user.as_ref().filter(|user| owner.owns(&user.tags)) {
        known::shown(work);
        known::seen(work, &user.tags, tags);
    }
    Ok(user)
}

async fn rest(iam: &Iam, which: Which<'_>) -> Result<(Option<String>, Vec<String>), Error> {
    tokio::try_join!(iam.user_policy(which.name, which.policy), iam.access_keys(which.name))
}
