//! Tells people, on the claim, what happened to its Secrets.

use crds::Claim;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};

use crate::claim::object_reference;

/// Publishes events. Cheap to clone.
#[derive(Clone)]
pub struct Events(Recorder);

impl Events {
    /// Publishes through this client.
    pub fn new(client: Client) -> Self {
        let reporter =
            Reporter { controller: "cloud-resource-operator-secret-writer".into(), instance: None };
        Self(Recorder::new(client, reporter))
    }

    /// A Secret was written again.
    pub async fn restored(&self, claim: &Claim, secret: &str) {
        let note = format!("the Secret {secret} was deleted or edited; it is restored");
        self.publish(claim, EventType::Normal, "SecretRestored", note).await;
    }

    /// The Secrets cannot be written.
    pub async fn obstructed(&self, claim: &Claim, reason: &str, message: &str) {
        self.publish(claim, EventType::Warning, reason, message.to_owned()).await;
    }

    async fn publish(&self, claim: &Claim, type_: EventType, reason: &str, note: String) {
        self.about(&object_reference(claim), type_, reason, "WriteSecret", note).await;
    }

    /// What happened to an object.
    pub(crate) async fn about(
        &self,
        object: &ObjectReference,
        type_: EventType,
        reason: &str,
        action: &str,
        note: String,
    ) {
        let (reason, action) = (reason.to_owned(), action.to_owned());
        let event = Event { type_, reason, note: Some(note), action, secondary: None };
        if let Err(error) = self.0.publish(&event, object).await {
            tracing::debug!(error = %error, "failed to publish an event");
        }
    }
}
