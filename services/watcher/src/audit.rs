//! The full comparison: every item has a claim, every claim has an item.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use proto::{Kind, Subject, Uid};
use tokio::sync::broadcast;

use crate::context::Context;
use crate::error::Error;
use crate::release::{self, Fate};

const RETRY: Duration = Duration::from_secs(5);

/// Compares at start, periodically, and whenever the streams were made anew.
pub(crate) async fn run(
    context: Arc<Context>,
    period: Duration,
    reconcile_all: broadcast::Sender<()>,
) -> anyhow::Result<()> {
    let mut epoch = context.bus.epoch();
    loop {
        let pause = match audit(&context).await {
            Ok(()) => period,
            Err(error) => {
                tracing::debug!(error = %error, "audit interrupted");
                RETRY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // Each reconcile reads its last item: what is missing is published again.
            _ = epoch.changed() => {}
        }
        let _ = reconcile_all.send(());
    }
}

async fn audit(context: &Arc<Context>) -> Result<(), Error> {
    let subjects = context.bus.work_subjects().await.map_err(Error::bus("list items"))?;
    let mut orphans = 0;
    for subject in unclaimed(&subjects, &claimed(context)) {
        if release::settle(subject, context).await? == Fate::Orphaned {
            orphans += 1;
        }
    }
    context.metrics.orphans.set(orphans);
    Ok(())
}

fn claimed(context: &Context) -> BTreeSet<Uid> {
    let uid = |object: &kube::api::DynamicObject| object.metadata.uid.as_ref()?.parse().ok();
    context.claims.all().filter_map(|(_, object)| uid(&object)).collect()
}

/// Items whose claim no watch knows. The network is nobody's claim.
fn unclaimed<'a>(subjects: &'a [Subject], claimed: &BTreeSet<Uid>) -> Vec<&'a Subject> {
    subjects
        .iter()
        .filter(|subject| !matches!(subject, Subject::Work(_, Kind::Network, _)))
        .filter(|subject| !claimed.contains(subject.uid()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proto::Provider;

    use super::*;

    #[test]
    fn an_item_without_a_claim_is_found_and_the_network_is_not_one() {
        let item = |kind, uid: &str| Subject::Work(Provider::Aws, kind, uid.parse().unwrap());
        let subjects = [item(Kind::Redis, "a"), item(Kind::Redis, "b"), item(Kind::Network, "c")];
        let claimed = BTreeSet::from(["a".parse().unwrap()]);
        assert_eq!(unclaimed(&subjects, &claimed), [&subjects[1]]);
    }
}
