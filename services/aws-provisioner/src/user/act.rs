//! Does what was planned, and learns from what succeeded.

use worker::{Call, TurnError, Work};

use crate::aws;
use crate::aws::iam::Iam;
use crate::error::Error;

use super::keys::{self, Values};
use super::known::{self, CREATE_ACCESS_KEY};
use super::plan::Put;
use super::{User, Which};

/// The means to act on one user in one turn.
pub struct Actor<'a, 'w> {
    /// Users.
    pub iam: &'a Iam,
    /// The one that is meant.
    pub which: Which<'a>,
    /// The turn.
    pub work: &'a mut Work<'w>,
}

impl Actor<'_, '_> {
    /// Makes one call that is safe to repeat.
    pub async fn put(&mut self, put: &Put, user: &mut Option<User>) -> Result<(), TurnError> {
        if matches!(put, Put::Create(_)) {
            // Whoever deletes it must know that it may be there though AWS does not show it.
            known::asked(self.work);
            self.work.remember().await?;
        }
        call(self.iam, self.which, user.as_ref(), put).await?;
        known::learn(self.work, put);
        put.learn(user);
        Ok(())
    }

    /// Mints a key and hands what is kept of it to secret-writer. False when its outcome must show first.
    pub async fn mint(
        &mut self,
        user: &mut Option<User>,
        held: &mut Vec<String>,
        kept: impl FnOnce(&aws::iam::AccessKey) -> Values,
    ) -> Result<bool, TurnError> {
        let create = self.iam.create_access_key(self.which.name);
        let key = match self.work.call(CREATE_ACCESS_KEY, create).await? {
            Call::Done(key) => key,
            Call::Unknown => return Ok(false),
            Call::Refused(error) => return Err(error.into()),
        };
        known::key_created(self.work, &key.id);
        let stored =
            keys::store(self.work, &key.id, kept(&key), held.first().map(String::as_str)).await;
        user.get_or_insert_default().keys.push(key.id.clone());
        match stored {
            Ok(()) => {
                held.push(key.id);
                Ok(true)
            }
            // It may be kept: the next turn asks, and deletes the key if it is not.
            Err(None) => Err(Error::SecretWriterSilent.into()),
            Err(Some(refusal)) => {
                self.put(&Put::DeleteKey(key.id), user).await?;
                Err(Error::CredentialsRefused(refusal).into())
            }
        }
    }
}

/// Sends one call that is safe to repeat.
pub async fn call(
    iam: &Iam,
    which: Which<'_>,
    observed: Option<&User>,
    put: &Put,
) -> Result<(), Error> {
    let Which { name, policy } = which;
    match put {
        Put::Create(tags) => iam.create_user(name, tags).await?,
        Put::Tag(tags) => iam.tag_user(name, tags).await?,
        Put::Policy(document) => iam.put_user_policy(name, policy, document).await?,
        Put::DeleteKey(id) => iam.delete_access_key(name, id).await?,
        Put::Delete => delete(iam, which, observed).await?,
    }
    Ok(())
}

/// Keys and policy first: AWS deletes no user that has any.
async fn delete(iam: &Iam, which: Which<'_>, observed: Option<&User>) -> Result<(), Error> {
    for key in observed.iter().flat_map(|user| &user.keys) {
        iam.delete_access_key(which.name, key).await?;
    }
    iam.delete_user_policy(which.name, which.policy).await?;
    iam.delete_user(which.name).await.map_err(|error| match error.kind {
        aws::Kind::InUse => Error::UserInUse { name: which.name.to_owned() },
        _ => error.into(),
    })
}
