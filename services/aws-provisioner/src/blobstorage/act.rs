//! Does what was planned, and learns from what succeeded.

use worker::{Call, TurnError, Work};

use crate::aws::{self, Clients};
use crate::user::{self, keys};

use super::desired::Desired;
use super::known::{self, CREATE_BUCKET, Known};
use super::observed::{Bucket, Observed};
use super::plan::{Put, Wait};

/// The means to act in one turn.
pub(super) struct Actor<'a, 'w> {
    pub(super) clients: &'a Clients,
    pub(super) desired: &'a Desired,
    pub(super) work: &'a mut Work<'w>,
}

impl<'w> Actor<'_, 'w> {
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
        let Observed { user, held, .. } = observed;
        let is_known = self.user().mint(user, held, keys::both).await?;
        Ok((!is_known).then_some(Wait::Key))
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
        let (s3, bucket) = (&self.clients.s3, self.desired.target.bucket());
        match &put {
            Put::BucketTags(tags) => s3.put_tags(bucket, tags).await?,
            Put::BlockPublicAccess => s3.block_public_access(bucket).await?,
            Put::Encrypt => s3.encrypt(bucket).await?,
            Put::BucketPolicy(document) => s3.put_policy(bucket, document).await?,
            Put::User(put) => return self.user().put(put, &mut observed.user).await,
        }
        known::learn(self.work, &put);
        observed.learn(&put);
        Ok(())
    }

    fn user(&mut self) -> user::Actor<'_, 'w> {
        user::Actor { iam: &self.clients.iam, which: self.desired.target.user(), work: self.work }
    }
}
