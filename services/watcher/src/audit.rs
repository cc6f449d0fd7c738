//! The full comparison: every item has a claim, every claim has an item, and every item has a record.

mod unhandled;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Epoch};
use proto::{Kind, Subject, Uid};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use self::unhandled::Unhandled;
use crate::context::Context;
use crate::error::Error;
use crate::release::{self, Fate};

const RETRY: Duration = Duration::from_secs(2);

/// When to compare beside the period: after each reconnect, and when the streams were made anew.
pub(crate) struct Occasions {
    epoch: watch::Receiver<Option<Epoch>>,
    /// The epoch that the last occasion was in.
    known: Option<Epoch>,
    connections: watch::Receiver<u64>,
    /// When the connection was made: a store is made anew only while there is none, or by hand.
    connected: Instant,
}

impl Occasions {
    /// What happens from now on.
    pub(crate) fn of(bus: &Bus) -> Self {
        let (mut epoch, mut connections) = (bus.epoch(), bus.connections());
        epoch.mark_unchanged();
        connections.mark_unchanged();
        let known = epoch.borrow().clone();
        Self { epoch, known, connections, connected: Instant::now() }
    }

    /// Waits for one. When streams were made anew: since when what is published lies in the new ones.
    async fn next(&mut self) -> Option<Instant> {
        tokio::select! {
            _ = self.epoch.changed() => {}
            _ = self.connections.changed() => self.connected = Instant::now(),
        }
        let now = self.epoch.borrow_and_update().clone();
        let before = std::mem::replace(&mut self.known, now);
        (before.is_some() && before != self.known).then_some(self.connected)
    }
}

/// What one audit leaves to the next.
#[derive(Default)]
struct Memory {
    unhandled: Unhandled,
    /// Streams were made anew since the last audit; what was published since then is in the new ones.
    new_since: Option<Instant>,
}

/// Compares at start, periodically, and on occasion.
pub(crate) async fn run(
    context: Arc<Context>,
    mut occasions: Occasions,
    period: Duration,
    reconcile_all: broadcast::Sender<()>,
) -> anyhow::Result<()> {
    let mut memory = Memory::default();
    loop {
        if is_cluster_changed(&context).await {
            let _ = reconcile_all.send(());
        }
        let audited = audit(&context, &mut memory).await.inspect_err(|error| {
            tracing::debug!(error = %error, "audit interrupted");
        });
        if matches!(audited, Ok(true)) {
            let _ = reconcile_all.send(());
        }
        let pause = if audited.is_ok() { period } else { RETRY };
        let is_retry = tokio::select! {
            () = tokio::time::sleep(pause) => audited.is_err(),
            is_new = occasions.next() => {
                memory.new_since = is_new.or(memory.new_since);
                false
            }
        };
        if !is_retry {
            // Each pass reads its last item anew: what is missing or destroyed is published again.
            context.items.forget_all();
            let _ = reconcile_all.send(());
        }
    }
}

async fn is_cluster_changed(context: &Context) -> bool {
    context.cluster.refresh().await.unwrap_or_else(|error| {
        tracing::debug!(error = %error, "the cluster stays as it is known");
        false
    })
}

/// Whether claims must be looked at because their items are to be published again.
async fn audit(context: &Arc<Context>, memory: &mut Memory) -> Result<bool, Error> {
    let subjects = context.bus.work_subjects().await.map_err(Error::bus("list items"))?;
    let mut orphans = 0;
    let claimed = claimed(context);
    for subject in unclaimed(&subjects, &claimed) {
        match release::settle(subject, context).await {
            Ok(Fate::Orphaned { .. }) => orphans += 1,
            Ok(_) => {}
            Err(error) => tracing::debug!(error = %error, bus.subject = %subject, "not settled"),
        }
        // Nobody else asks for it.
        context.items.forget(subject);
    }
    context.metrics.orphans.set(orphans);
    let asked: BTreeSet<&Uid> = subjects.iter().map(Subject::uid).chain(&claimed).collect();
    context.statuses.forget_all_but(|uid| asked.contains(uid));
    context.items.forget_all_but(&subjects);
    let unhandled = unhandled(&subjects, context).await?;
    let is_older = |subject: &&Subject| {
        memory.new_since.is_some_and(|since| !context.items.is_published_since(subject, since))
    };
    let mut doubted: Vec<&Subject> = subjects.iter().filter(is_older).collect();
    for subject in unhandled.since(&memory.unhandled) {
        // One that still waits to be delivered is nobody's loss.
        if is_delivered(subject, context).await? {
            tracing::warn!(bus.subject = %subject, "no record speaks of an item: it is published again");
            doubted.push(subject);
        }
    }
    let has_doubts = !doubted.is_empty();
    for subject in doubted {
        context.items.doubt(subject.clone());
    }
    *memory = Memory { unhandled, new_since: None };
    Ok(has_doubts)
}

async fn unhandled(subjects: &[Subject], context: &Context) -> Result<Unhandled, Error> {
    let mut unhandled = Unhandled::default();
    for subject in subjects {
        let Some(item) = context.items.last(subject).await? else { continue };
        let worker = item.placement.provider.into();
        let record = context.statuses.of(worker, subject.uid());
        unhandled.note(subject, &item, record.as_ref());
    }
    Ok(unhandled)
}

async fn is_delivered(subject: &Subject, context: &Context) -> Result<bool, Error> {
    let Subject::Work(provider, kind, _) = subject else { return Ok(false) };
    let waiting = context.bus.undelivered(*provider, *kind).await;
    Ok(waiting.map_err(Error::bus("look a consumer up"))? == 0)
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
