//! Replaces the claim's item on its subject, by compare-and-set.

use std::sync::Arc;

use crds::conditions::reasons;
use proto::{Desired, Placement, Provider, Subject, WorkItem};

use super::desire::Desire;
use super::observe::Observed;
use super::problem::Problem;
use super::{Outcome, status};
use crate::context::Context;
use crate::error::Error;
use crate::metrics;

/// Publishes what is desired, unless the last item asks for the same or is of a newer spec.
pub(crate) async fn publish(
    observed: &mut Observed,
    desire: Desire,
    context: &Arc<Context>,
) -> Result<Outcome, Error> {
    if let Some(last) = &observed.last {
        let is_older = last.identity.generation > desire.item.identity.generation;
        let is_wanted =
            is_news(last, &desire.item) || context.items.is_doubted(&subject(&desire.item));
        if !is_wanted || (is_older && !is_restored(observed, context).await?) {
            return Ok(Ok(desire.warning));
        }
    }
    let published = replace(observed, desire.item, context).await?;
    Ok(published.map(|()| desire.warning))
}

/// Whether the last item leaves something unsaid. What was learned of the place since is no reason to publish.
fn is_news(last: &WorkItem, next: &WorkItem) -> bool {
    let unless_learned =
        |last: &str, next: &String| if last.is_empty() { String::new() } else { next.clone() };
    let placement = Placement {
        region: unless_learned(&last.placement.region, &next.placement.region),
        account: unless_learned(&last.placement.account, &next.placement.account),
        ..next.placement.clone()
    };
    !last.asks_same_as(&WorkItem { placement, ..next.clone() })
}

/// An older spec is what a stale watch shows, or what the API server was restored to: only a live read tells.
async fn is_restored(observed: &Observed, context: &Arc<Context>) -> Result<bool, Error> {
    let live = status::live(context, &observed.claim).await?;
    let generation = live.and_then(|live| live.metadata.generation);
    Ok(generation == Some(observed.claim.generation))
}

/// Publishes this item after the last one. What is too large can only be told.
pub(crate) async fn replace(
    observed: &mut Observed,
    item: WorkItem,
    context: &Arc<Context>,
) -> Result<Result<(), Problem>, Error> {
    let (provider, kind) = (item.placement.provider, item.identity.kind);
    let is_deletion = item.desired == Desired::Absent;
    if provider == Provider::Aws {
        context.cluster.use_id(&item.cluster.id);
    }
    context.publisher.admit((provider, kind), &item.identity.namespace, is_deletion).await?;
    match context.items.replace(&subject(&item), observed.last.as_ref(), &item, None).await {
        Err(Error::Bus { source: bus::Error::TooLarge { bytes, limit }, .. }) => {
            return Ok(Err(too_large(bytes, limit)));
        }
        written => written?,
    }
    count(&item, context);
    observed.last = Some(item);
    Ok(Ok(()))
}

/// Where an item lies.
pub(crate) fn subject(item: &WorkItem) -> Subject {
    let identity = &item.identity;
    Subject::Work(item.placement.provider, identity.kind, identity.uid.clone())
}

fn too_large(bytes: usize, limit: usize) -> Problem {
    let message = format!(
        "the claim with its strategy has {bytes} bytes, and {limit} are taken: shorten the strategy of its tier"
    );
    Problem::new(reasons::INVALID, message)
}

fn count(item: &WorkItem, context: &Context) {
    let published = metrics::Published {
        provider: item.placement.provider.as_str(),
        kind: item.identity.kind.as_str(),
        desired: item.desired.as_str(),
    };
    context.metrics.publishes.get_or_create(&published).inc();
    tracing::info!(
        work_item.id = %item.item_id,
        work_item.desired = %item.desired,
        claim.uid = %item.identity.uid,
        claim.name = item.identity.name,
        claim.namespace = item.identity.namespace,
        claim.kind = %item.identity.kind,
        "published"
    );
}

#[cfg(test)]
mod tests {
    use proto::{ItemId, Provider, Strategy};

    use super::*;
    use crate::reconcile::observe::fixture::published;

    fn last() -> WorkItem {
        let mut last = published(Provider::Aws).last.unwrap();
        last.placement.region = "eu-west-1".into();
        last
    }

    #[test]
    fn what_was_learned_is_no_reason_to_publish() {
        let mut next = last();
        next.item_id = ItemId::random();
        next.placement.account = "000000000001".into();
        next.placement.identifier = Some("db-1".into());
        next.placement.observed = true;
        assert!(!is_news(&last(), &next));
        let mut nowhere = last();
        nowhere.placement.region = String::new();
        assert!(!is_news(&nowhere, &next));
    }

    #[test]
    fn whatever_else_differs_is() {
        let changes: [fn(&mut WorkItem); 6] = [
            |it| it.identity.generation += 1,
            |it| it.desired = Desired::Absent,
            |it| it.placement.region = "us-east-1".into(),
            |it| it.strategy = Some(Strategy { tier: "development".into(), json: "{}".into() }),
            |it| drop(it.cluster.tags.insert("team".into(), "shop".into())),
            |it| it.options.product_name = "shop".into(),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut next = last();
            change(&mut next);
            assert!(is_news(&last(), &next), "change {number}");
        }
    }
}
