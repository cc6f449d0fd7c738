//! Does what was planned, and learns from what succeeded.

use worker::{Call, TurnError, Work};

use crate::aws::{self, Clients};
use crate::error::Error;

use super::desired::{Desired, Target};
use super::keys;
use super::known::{self, CREATE_ACCESS_KEY, CREATE_BUCKET, Known};
use super::observe::USER_POLICY;
use super::observed::{Bucket, Observed, User};
use super::plan::{Put, Wait};

/// The means to act in one turn.
pub(super) struct Actor<'a, 'w> {
    pub(super) clients: &'a Clients,
    pub(super) desired: &'a Desired,
    pub(super) work: &'a mut Work<'w>,
}

impl Actor<'_, '_> {
    /// Makes the bucket, and tags it at once. `Some` when its outcome must show first.
    pub(super) async fn create_bucket(
        &mut self,
        observed: &mut Observed,
    ) -> Result<Option<Wait>, TurnError> {
        let was_asked_for = Known::of(self.work).bucket.is_untagged_ours;
        let (s3, bucket, new) = (&self.clients.s3, self.desired.target.bucket(), &self.desired.new);
        match self.work.call(CREATE_BUCKET, s3.create(bucket, new)).await? {
            Call::Done(()) => known::bucket_created(self.work),
            Call::Unknown => return Ok(Some(Wait::Bucket)),
            // An earlier call of ours had its effect after all.
            Call::Refused(error) if error.kind == aws::Kind::AlreadyExists && was_asked_for => {
                known::bucket_created(self.work);
            }
            Call::Refused(error) => return Err(error.into()),
        }
        observed.bucket = Some(Bucket::default());
        self.put(Put::BucketTags(self.desired.tags.clone()), observed).await?;
        Ok(None)
    }

    /// Mints a key and hands it to secret-writer. `Some` when its outcome must show first.
    pub(super) async fn mint(
        &mut self,
        observed: &mut Observed,
    ) -> Result<Option<Wait>, TurnError> {
        let create = self.clients.iam.create_access_key(&self.desired.target.user);
        let key = match self.work.call(CREATE_ACCESS_KEY, create).await? {
            Call::Done(key) => key,
            Call::Unknown => return Ok(Some(Wait::Key)),
            Call::Refused(error) => return Err(error.into()),
        };
        known::key_created(self.work, &key.id);
        let held = observed.held.first().map(String::as_str);
        let stored = keys::store(self.work, &key, held).await;
        observed.user.get_or_insert_default().keys.push(key.id.clone());
        match stored {
            Ok(()) => observed.held.push(key.id),
            // It may be kept: the next turn asks, and deletes the key if it is not.
            Err(None) => return Err(Error::SecretWriterSilent.into()),
            Err(Some(refusal)) => {
                self.put(Put::DeleteKey(key.id), observed).await?;
                return Err(Error::CredentialsRefused(refusal).into());
            }
        }
        Ok(None)
    }

    /// Calls that are safe to repeat, one after the other: S3 refuses two changes of one bucket at a time.
    pub(super) async fn put_all(
        &mut self,
        puts: Vec<Put>,
        observed: &mut Observed,
    ) -> Result<(), TurnError> {
        for put in puts {
            self.put(put, observed).await?;
        }
        Ok(())
    }

    async fn put(&mut self, put: Put, observed: &mut Observed) -> Result<(), TurnError> {
        call(self.clients, &self.desired.target, observed.user.as_ref(), &put).await?;
        known::learn(self.work, &put);
        observed.learn(&put);
        Ok(())
    }
}

/// Sends one call that is safe to repeat.
pub async fn call(
    clients: &Clients,
    target: &Target,
    observed: Option<&User>,
    put: &Put,
) -> Result<(), Error> {
    let (s3, iam, bucket, user) = (&clients.s3, &clients.iam, target.bucket(), &target.user);
    match put {
        Put::BucketTags(tags) => s3.put_tags(bucket, tags).await?,
        Put::BlockPublicAccess => s3.block_public_access(bucket).await?,
        Put::Encrypt => s3.encrypt(bucket).await?,
        Put::BucketPolicy(document) => s3.put_policy(bucket, document).await?,
        Put::CreateUser(tags) => iam.create_user(user, tags).await?,
        Put::UserTags(tags) => iam.tag_user(user, tags).await?,
        Put::UserPolicy(document) => iam.put_user_policy(user, USER_POLICY, document).await?,
        Put::DeleteKey(id) => iam.delete_access_key(user, id).await?,
        Put::DeleteUser => delete_user(clients, target, observed).await?,
    }
    Ok(())
}

/// Keys and policy first: AWS deletes no user that has any.
async fn delete_user(
    clients: &Clients,
    target: &Target,
    observed: Option<&User>,
) -> Result<(), Error> {
    let (iam, name) = (&clients.iam, &target.user);
    for key in observed.iter().flat_map(|user| &user.keys) {
        iam.delete_access_key(name, key).await?;
    }
    iam.delete_user_policy(name, USER_POLICY).await?;
    iam.delete_user(name).await.map_err(|error| match error.kind {
        aws::Kind::InUse => Error::UserInUse { name: name.clone() },
        _ => error.into(),
    })
}
