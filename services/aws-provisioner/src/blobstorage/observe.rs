//! Looks at what is there, and changes nothing.

use crate::aws::iam::Iam;
use crate::aws::{Clients, Error};
use crate::tags::Tags;

use super::desired::Target;
use super::observed::{Bucket, Observed, User};
use super::strategy::Credentials;

/// Name of the inline policy.
pub const USER_POLICY: &str = "bucket-access";

/// What is there. `held` are the ids of the keys that secret-writer holds.
pub async fn observe(
    clients: &Clients,
    target: &Target,
    looks_for_user: bool,
    held: Vec<String>,
) -> Result<Observed, Error> {
    let user = async {
        match target.credentials {
            // Without keys the operator may lack every permission on users.
            Credentials::Keyless if !looks_for_user => Ok(None),
            _ => observe_user(&clients.iam, &target.user).await,
        }
    };
    let (bucket, user) = tokio::try_join!(observe_bucket(clients, target), user)?;
    Ok(Observed { bucket, user, held })
}

/// The tags of the bucket, if it exists.
pub async fn bucket_tags(clients: &Clients, target: &Target) -> Result<Option<Tags>, Error> {
    let bucket = target.bucket();
    if !clients.s3.exists(bucket).await? {
        return Ok(None);
    }
    clients.s3.tags(bucket).await.map(Some)
}

async fn observe_bucket(clients: &Clients, target: &Target) -> Result<Option<Bucket>, Error> {
    let (s3, bucket) = (&clients.s3, target.bucket());
    if !s3.exists(bucket).await? {
        return Ok(None);
    }
    let (tags, blocks_public_access, is_encrypted, policy) = tokio::try_join!(
        s3.tags(bucket),
        s3.blocks_public_access(bucket),
        s3.is_encrypted(bucket),
        s3.policy(bucket),
    )?;
    Ok(Some(Bucket { tags, blocks_public_access, is_encrypted, policy }))
}

/// The user with its policy and keys, if it exists.
pub async fn observe_user(iam: &Iam, name: &str) -> Result<Option<User>, Error> {
    let Some(tags) = iam.user_tags(name).await? else { return Ok(None) };
    let (policy, keys) =
        tokio::try_join!(iam.user_policy(name, USER_POLICY), iam.access_keys(name))?;
    Ok(Some(User { tags, policy, keys }))
}
