//! The `ObjectBucketClaim` of a `BlobStorage` whose strategy asks for one. Another operator, such as `NooBaa` or Rook,
//! makes the bucket, and a ConfigMap and a Secret of the same name; the Secret is for secret-writer alone.
//!
//! - [`ask`](mod@ask), [`plan`](mod@plan), [`address`]: pure

pub mod address;
pub mod ask;
pub mod plan;

use std::time::Duration;

use crds::conditions::reasons;
use crds::{ObjectBucketClaim, asks_for_bucket, names};
use proto::{Desired, ErrorClass, Kind, Record, WorkItem};
use worker::{Failure, Step, TurnError, Work};

use self::ask::{Wanted, ask, render};
use self::plan::{Plan, plan, settle};
use crate::apply::{Cluster, Sight};
use crate::drift::has_drifted;
use crate::error::{Error, failure};
use crate::provision::{AWAIT_DELETION, create};
use crate::{ownership, placeholder};

/// Changes of an `ObjectBucketClaim` are watched, so this is only the safety net.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Whether an `ObjectBucketClaim` is asked for, or may exist.
pub fn is_concerned(item: &WorkItem, record: &Record) -> bool {
    item.identity.kind == Kind::BlobStorage
        && (is_asked(item)
            || record.placement.identifier.is_some()
            || item.desired == Desired::Absent)
}

fn is_asked(item: &WorkItem) -> bool {
    item.strategy.as_ref().is_some_and(|strategy| asks_for_bucket(&strategy.json))
}

/// One turn: observe, plan, act.
pub(crate) async fn step(cluster: &Cluster, work: &mut Work<'_>) -> Result<Step, TurnError> {
    let sight = observe(cluster, work).await?;
    match work.item.desired {
        Desired::Present => provide(cluster, work, sight).await,
        Desired::Absent => remove(cluster, work, sight).await,
        Desired::Paused | Desired::Released => Ok(Step::Paused),
    }
}

/// Reads what exists under the claim's name, and notes that it was seen.
async fn observe(
    cluster: &Cluster,
    work: &mut Work<'_>,
) -> Result<Sight<ObjectBucketClaim>, Error> {
    let claim = &work.item.identity;
    let name = names::bucket_claim(&claim.name, claim.uid.as_str());
    let sight = cluster.bucket_claim(&claim.namespace, &name).await?;
    work.record.placement.identifier = Some(name);
    if let Sight::There(found) = &sight
        && ownership::is_of(&found.metadata, &claim.uid)
    {
        work.record.placement.observed = true;
        work.resolve_intent();
    }
    Ok(sight)
}

async fn provide(
    cluster: &Cluster,
    work: &mut Work<'_>,
    sight: Sight<ObjectBucketClaim>,
) -> Result<Step, TurnError> {
    let claim = &work.item.identity;
    if let Sight::There(found) = &sight
        && !ownership::is_of(&found.metadata, &claim.uid)
    {
        return Err(taken(found).into());
    }
    let strategy = work.item.strategy.as_ref().filter(|_| is_asked(work.item));
    let name = work.record.placement.identifier.clone().unwrap_or_default();
    let wanted = strategy.map(ask).transpose()?.map(|ask| render(claim, &name, ask, &sight));
    let next = plan(wanted.as_ref(), &name, &sight, work.record.placement.observed);
    act(cluster, work, next, wanted.as_ref(), sight).await
}

async fn act(
    cluster: &Cluster,
    work: &mut Work<'_>,
    next: Plan,
    wanted: Option<&Wanted>,
    sight: Sight<ObjectBucketClaim>,
) -> Result<Step, TurnError> {
    match next {
        Plan::Fail(class, why) => Err(failure(class, why).into()),
        Plan::Placeholder => Ok(placeholder::step(Kind::BlobStorage, Desired::Present)
            .expect("blob storage has a placeholder")),
        Plan::Create(wanted) => {
            create(cluster, work, "kubernetes.create-bucket-claim", &wanted.manifest).await
        }
        Plan::Apply(asked) => {
            let Sight::There(found) = sight else { return Ok(Step::Again) };
            let applied = cluster.apply(&asked.manifest, Some(&*found)).await?;
            if !has_drifted(&asked.manifest, &applied) {
                return Ok(Step::Again);
            }
            // An admission plugin insists on what differs; asking again and again would change nothing.
            let next = settle(wanted, &applied);
            let sight = Sight::There(Box::new(applied));
            Box::pin(act(cluster, work, next, wanted, sight)).await
        }
        Plan::Wait(message) => wait(work, message),
        Plan::Publish => {
            let Sight::There(found) = sight else { return Ok(Step::Again) };
            publish(cluster, work, wanted, &found).await
        }
    }
}

/// What was published before may still work, such as a placeholder that people filled in: then it is only a change
/// that could not be made yet.
fn wait(work: &Work<'_>, message: String) -> Result<Step, TurnError> {
    if work.record.digest.is_some() {
        return Err(failure(ErrorClass::Transient, message).into());
    }
    Ok(Step::Wait { after: LOOK_AGAIN, reason: reasons::PROVISIONING, message })
}

async fn publish(
    cluster: &Cluster,
    work: &Work<'_>,
    wanted: Option<&Wanted>,
    found: &ObjectBucketClaim,
) -> Result<Step, TurnError> {
    let metadata = &found.metadata;
    let name = metadata.name.as_deref().unwrap_or_default();
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let address = cluster.bucket_address(namespace, name).await?;
    match address::fields(metadata, address.as_ref()) {
        Ok(fields) => {
            let class = &found.spec.storage_class_name;
            let message = plan::ready_message(name, class, wanted.map(|it| &it.ask));
            Ok(Step::Ready { message, fields, simulated: false })
        }
        Err(message) => wait(work, message),
    }
}

/// A tombstone: the `ObjectBucketClaim` goes, and its provisioner does with the bucket what its class says.
async fn remove(
    cluster: &Cluster,
    work: &mut Work<'_>,
    sight: Sight<ObjectBucketClaim>,
) -> Result<Step, TurnError> {
    let wait = |after, message: &str| {
        Ok(Step::Wait { after, reason: reasons::DELETING, message: message.to_owned() })
    };
    let may_exist = work.record.placement.observed || work.record.intent.is_some();
    match sight {
        Sight::There(found) if ownership::is_of(&found.metadata, &work.item.identity.uid) => {
            if found.metadata.deletion_timestamp.is_none() {
                cluster.delete_bucket_claim(&found).await?;
            }
            wait(AWAIT_DELETION, "deletion in progress: ObjectBucketClaim left")
        }
        // Just after its start, an API server knows no kinds but its own.
        Sight::NotServed if may_exist => wait(LOOK_AGAIN, plan::NOT_SEEN),
        _ if work.absence_is_proof() => {
            let message = plan::end(work.record.placement.observed);
            work.resolve_intent();
            Ok(Step::Absent { message })
        }
        _ => wait(
            AWAIT_DELETION,
            "deletion in progress: an ObjectBucketClaim that was asked for may still appear",
        ),
    }
}

fn taken(found: &ObjectBucketClaim) -> Failure {
    let name = found.metadata.name.as_deref().unwrap_or_default();
    let message =
        format!("ObjectBucketClaim {name} exists and is not this claim's; delete or rename it");
    failure(ErrorClass::Foreign, message)
}
