//! A bucket that shall not exist: deleted, or kept on purpose. Its user goes in any case.

use std::time::Duration;

use worker::{Call, Step, TurnError, Work};

use crate::aws::s3::Page;
use crate::aws::{self, Clients};
use crate::error::Error;
use crate::tags::Tags;
use crate::user::{self, Removal};

use super::desired::Target;
use super::known::{self, DELETE_BUCKET, Known};
use super::observe::bucket_tags;
use super::plan::Wait;
use super::strategy::Credentials;

const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Pages of 1000 that one turn deletes; between turns it is asked whether the item is still current.
const PAGES: usize = 10;

/// What becomes of the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It does not exist, and that is proven.
    Gone,
    /// AWS may not show it yet.
    Hidden,
    /// It was never ours, or is another claim's by now.
    Foreign,
    /// It is ours.
    Ours,
}

/// One turn of a deletion. `force`: also when the bucket holds objects.
pub async fn turn(
    clients: &Clients,
    target: &Target,
    force: bool,
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    if delete_user(clients, target, work).await? == Removal::Hidden {
        return Ok(user::hidden());
    }
    let tags = bucket_tags(clients, target).await?;
    let name = &target.name;
    match fate(target, tags.as_ref(), &Known::of(work))? {
        Fate::Hidden => Ok(Wait::Bucket.into()),
        Fate::Gone => Ok(absent(work, format!("bucket {name} does not exist"))),
        Fate::Foreign => Ok(absent(
            work,
            format!("bucket {name} is not owned by this claim and was left untouched"),
        )),
        Fate::Ours => {
            known::bucket_seen(work);
            delete_bucket(clients, target, force, work).await
        }
    }
}

/// What becomes of a bucket with these tags (`None`: it was not found). Pure.
pub fn fate(target: &Target, tags: Option<&Tags>, known: &Known) -> Result<Fate, Error> {
    match tags {
        None if known.bucket.may_be_hidden => Ok(Fate::Hidden),
        None => Ok(Fate::Gone),
        Some(tags) if target.owner.may_delete(tags) => Ok(Fate::Ours),
        Some(tags) if target.owner.is_successors(tags) => Ok(Fate::Foreign),
        Some(tags) if tags.is_empty() && known.bucket.is_untagged_ours => Ok(Fate::Ours),
        // It was ours once: somebody must say whose it is now.
        Some(_) if known.bucket.was_observed => {
            Err(Error::NotOwned { what: "bucket", name: target.name.clone() })
        }
        Some(_) => Ok(Fate::Foreign),
    }
}

async fn delete_bucket(
    clients: &Clients,
    target: &Target,
    force: bool,
    work: &mut Work<'_>,
) -> Result<Step, TurnError> {
    let (s3, bucket, name) = (&clients.s3, target.bucket(), &target.name);
    let page = s3.contents(bucket).await?;
    if !page.is_empty() && !force {
        let why = "it holds objects and deleteStrategy.forceBucketDeletion is not true";
        return Ok(absent(work, format!("bucket {name} is kept: {why}")));
    }
    if !empty(clients, target, force, page).await? {
        return Ok(Step::Again);
    }
    match work.call(DELETE_BUCKET, s3.delete(bucket)).await? {
        Call::Done(()) if !s3.exists(bucket).await? => {
            Ok(absent(work, format!("bucket {name} was deleted")))
        }
        Call::Refused(error) if error.kind != aws::Kind::NotEmpty => Err(error.into()),
        Call::Done(()) | Call::Unknown | Call::Refused(_) => Ok(Step::Wait {
            after: LOOK_AGAIN,
            reason: "Deleting",
            message: format!("waiting until AWS shows that bucket {name} is gone"),
        }),
    }
}

/// Deletes what the bucket holds, some pages at a time. True when nothing is left.
async fn empty(
    clients: &Clients,
    target: &Target,
    force: bool,
    mut page: Page,
) -> Result<bool, Error> {
    let (s3, bucket) = (&clients.s3, target.bucket());
    for _ in 0..PAGES {
        if page.is_empty() {
            // Without the force nothing was to be deleted, so nobody's upload is cut off either.
            return Ok(!force || !s3.abort_uploads(bucket).await?);
        }
        if let Some(code) = s3.delete_page(bucket, page).await? {
            return Err(Error::ProtectedObjects { name: target.name.clone(), code });
        }
        page = s3.contents(bucket).await?;
    }
    Ok(false)
}

/// What becomes of its user. One that is not ours is no concern of the bucket.
async fn delete_user(
    clients: &Clients,
    target: &Target,
    work: &mut Work<'_>,
) -> Result<Removal, Error> {
    let was_made = Known::of(work).user.exists;
    match user::remove(&clients.iam, target.user(), &target.owner, work).await {
        // Without keys the operator may lack every permission on users, and then there is none.
        Err(Error::Aws(error))
            if error.kind == aws::Kind::Denied
                && target.credentials == Credentials::Keyless
                && !was_made =>
        {
            Ok(Removal::Gone)
        }
        removal => removal,
    }
}

fn absent(work: &mut Work<'_>, message: String) -> Step {
    work.resolve_intent();
    Step::Absent { message }
}
