//! Events on claims: what turned, and what to do next. A courtesy; the conditions say the same and are never lost.

use std::sync::Arc;
use std::time::Duration;

use crds::conditions::{READY, SCHEDULED, find, reasons};
use crds::{Claim, ClaimStatus};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use tokio::sync::mpsc;

const REPORTER: &str = "cloud-resource-operator";
/// Events that may wait for the API server; more are dropped.
const BACKLOG: usize = 1024;
const TIMEOUT: Duration = Duration::from_secs(5);
/// The API server takes 1 KiB.
const LONGEST_NOTE: usize = 1000;

/// Nothing waits for an event. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Events(mpsc::Sender<(Event, Arc<ObjectReference>)>);

impl Events {
    /// Events, and the task that publishes them. Equal ones within some minutes become one with a count.
    pub(crate) fn new(client: kube::Client) -> (Self, impl Future<Output = anyhow::Result<()>>) {
        let (sender, queue) = mpsc::channel(BACKLOG);
        let reporter = Reporter { controller: REPORTER.to_owned(), instance: None };
        (Self(sender), publish(Recorder::new(client, reporter), queue))
    }

    /// Tells how the deletion of a claim ended.
    pub(crate) fn tell_deleted(&self, claim: &Claim, message: &str) {
        if !message.is_empty() {
            self.send(event(reasons::DELETING, message), Arc::new(reference(claim)));
        }
    }

    /// Tells what turned since `before`.
    pub(crate) fn tell(&self, claim: &Claim, before: &ClaimStatus) {
        let reference = Arc::new(reference(claim));
        for event in turns(before, &claim.status) {
            self.send(event, reference.clone());
        }
    }

    fn send(&self, event: Event, reference: Arc<ObjectReference>) {
        if self.0.try_send((event, reference)).is_err() {
            tracing::debug!("an event was dropped");
        }
    }
}

async fn publish(
    recorder: Recorder,
    mut queue: mpsc::Receiver<(Event, Arc<ObjectReference>)>,
) -> anyhow::Result<()> {
    while let Some((event, reference)) = queue.recv().await {
        match tokio::time::timeout(TIMEOUT, recorder.publish(&event, &reference)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(error = %error, "failed to publish an event"),
            Err(_) => tracing::debug!("no answer in time to an event"),
        }
    }
    Ok(())
}

fn reference(claim: &Claim) -> ObjectReference {
    let resource = claim.kind.api_resource();
    ObjectReference {
        api_version: Some(resource.api_version),
        kind: Some(resource.kind),
        name: Some(claim.name.clone()),
        namespace: Some(claim.namespace.clone()),
        uid: Some(claim.uid.clone()),
        ..ObjectReference::default()
    }
}

/// One event for each condition whose status or reason turned; one where both say the same.
fn turns(before: &ClaimStatus, after: &ClaimStatus) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for type_ in [SCHEDULED, READY] {
        let told = |status: &ClaimStatus| {
            find(&status.conditions, type_).map(|it| (it.status.clone(), it.reason.clone()))
        };
        let Some(condition) = find(&after.conditions, type_) else { continue };
        let is_said = events.iter().any(|event| event.reason == condition.reason);
        if told(before) != told(after) && !is_said {
            events.push(event(&condition.reason, &condition.message));
        }
    }
    events
}

fn event(reason: &str, message: &str) -> Event {
    Event {
        type_: severity(reason),
        reason: reason.to_owned(),
        note: Some(message.chars().take(LONGEST_NOTE).collect()),
        action: "Reconcile".to_owned(),
        secondary: None,
    }
}

/// What goes its way needs nobody's attention.
fn severity(reason: &str) -> EventType {
    match reason {
        reasons::SCHEDULED
        | reasons::PROVISIONED
        | reasons::PROVISIONING
        | reasons::DELETING
        | reasons::PAUSED
        | reasons::CHANGE_PENDING
        | reasons::WAITING_FOR_RESOURCE => EventType::Normal,
        _ => EventType::Warning,
    }
}

#[cfg(test)]
mod tests {
    use crds::conditions::{Fact, Truth, merge};
    use jiff::Timestamp;

    use super::*;

    fn status(scheduled: &str, ready: (Truth, &str)) -> ClaimStatus {
        let facts = [
            Fact::new(SCHEDULED, Truth::from(scheduled == "Scheduled"), scheduled, "scheduled"),
            Fact::new(READY, ready.0, ready.1, "ready"),
        ];
        let conditions = merge(&[], facts, 1, Timestamp::UNIX_EPOCH);
        ClaimStatus { conditions, ..ClaimStatus::default() }
    }

    fn reasons_of(before: &ClaimStatus, after: &ClaimStatus) -> Vec<(String, bool)> {
        let events = turns(before, after).into_iter();
        events.map(|it| (it.reason, matches!(it.type_, EventType::Warning))).collect()
    }

    #[test]
    fn an_event_tells_what_turned_and_nothing_else() {
        let new = ClaimStatus::default();
        let working = status("Scheduled", (Truth::False, "Provisioning"));
        let good = status("Scheduled", (Truth::True, "Provisioned"));
        let refused = status("Invalid", (Truth::False, "Invalid"));
        let calm = |reason: &str| (reason.to_owned(), false);
        assert_eq!(reasons_of(&new, &working), [calm("Scheduled"), calm("Provisioning")]);
        assert_eq!(reasons_of(&working, &good), [calm("Provisioned")]);
        assert_eq!(reasons_of(&new, &refused), [("Invalid".to_owned(), true)]);
        assert_eq!(reasons_of(&refused, &working), [calm("Scheduled"), calm("Provisioning")]);
        assert!(reasons_of(&good, &good).is_empty());
    }

    #[test]
    fn a_changed_message_alone_is_no_event() {
        let before = status("Scheduled", (Truth::False, "Provisioning"));
        let mut after = before.clone();
        after.conditions[0].message = "another step".into();
        assert!(turns(&before, &after).is_empty());
    }
}
