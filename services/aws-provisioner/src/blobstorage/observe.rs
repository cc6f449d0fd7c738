//! Looks at what is there, and changes nothing.

use worker::Work;

use crate::aws::{Clients, Error};
use crate::tags::Tags;
use crate::user;

use super::desired::{Desired, Target};
use super::known::Known;
use super::observed::{Bucket, Observed};
use super::strategy::Credentials;

/// What is there. `held` are the ids of the keys that secret-writer holds.
pub async fn observe(
    clients: &Clients,
    desired: &Desired,
    held: Vec<String>,
    work: &mut Work<'_>,
) -> Result<Observed, Error> {
    let target = &desired.target;
    let looks_for_user = Known::of(work).user.exists;
    let user = async {
        match target.credentials {
            // Without keys the operator may lack every permission on users.
            Credentials::Keyless if !looks_for_user => Ok(None),
            _ => {
                let (iam, owner) = (&clients.iam, &target.owner);
                user::observe_settled(iam, target.user(), owner, &desired.tags, work).await
            }
        }
    };
    let (bucket, user) = tokio::try_join!(observe_bucket(clients, target), user)?;
    Ok(Observed { bucket, user, held })
}

/// The tags of the bucket, if it exists.
pub async fn bucket_tags(clients: &Clients, target: &Target) -> Result<Option<Tags>, Error> {
    clients.s3.tags(target.bucket()).await
}

async fn observe_bucket(clients: &Clients, target: &Target) -> Result<Option<Bucket>, Error> {
    let (s3, bucket) = (&clients.s3, target.bucket());
    let Some(tags) = s3.tags(bucket).await? else { return Ok(None) };
    let (blocks_public_access, is_encrypted, policy) = tokio::try_join!(
        s3.blocks_public_access(bucket),
        s3.is_encrypted(bucket),
        s3.policy(bucket),
    )?;
    Ok(Some(Bucket { tags, blocks_public_access, is_encrypted, policy }))
}
