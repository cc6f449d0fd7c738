//! The full comparison: every item has a claim, every claim has an item.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Epoch};
use proto::{Kind, Subject, Uid};
use tokio::sync::{broadcast, watch};

use crate::context::Context;
use crate::error::Error;
use crate::release::{self, Fate};

const RETRY: Duration = Duration::from_secs(2);

/// When to compare beside the period: after each reconnect, and when the streams were made anew.
pub(crate) struct Occasions {
    epoch: watch::Receiver<Option<Epoch>>,
    connections: watch::Receiver<u64>,
}

impl Occasions {
    /// What happens from now on.
    pub(crate) fn of(bus: &Bus) -> Self {
        let (mut epoch, mut connections) = (bus.epoch(), bus.connections());
        epoch.mark_unchanged();
        connections.mark_unchanged();
        Self { epoch, connections }
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.epoch.changed() => {}
            _ = self.connections.changed() => {}
        }
    }
}

/// Compares at start, periodically, and on occasion.
pub(crate) async fn run(
    context: Arc<Context>,
    mut occasions: Occasions,
    period: Duration,
    reconcile_all: broadcast::Sender<()>,
) -> anyhow::Result<()> {
    loop {
        let audited = audit(&context).await.inspect_err(|error| {
            tracing::debug!(error = %error, "audit interrupted");
        });
        let pause = if audited.is_ok() { period } else { RETRY };
        let is_retry = tokio::select! {
            () = tokio::time::sleep(pause) => audited.is_err(),
            () = occasions.next() => false,
        };
        if !is_retry {
            // Each pass reads its last item anew: what is missing or destroyed is published again.
            context.items.forget_all();
            let _ = reconcile_all.send(());
        }
    }
}

async fn audit(context: &Arc<Context>) -> Result<(), Error> {
    context.cluster.refresh().await?;
    let subjects = context.bus.work_subjects().await.map_err(Error::bus("list items"))?;
    let mut orphans = 0;
    for subject in unclaimed(&subjects, &claimed(context)) {
        match release::settle(subject, context).await {
            Ok(Fate::Orphaned { .. }) => orphans += 1,
            Ok(_) => {}
            Err(error) => tracing::debug!(error = %error, bus.subject = %subject, "not settled"),
        }
        // Nobody else asks for it.
        context.items.forget(subject);
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
