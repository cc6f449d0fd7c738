//! Results arrive and are settled: the only place that acknowledges.

use std::sync::Arc;

use bus::topology::{RESULT, SECRET_WRITER};
use bus::{Bus, Delivery, Disposition};
use proto::{Connection, Subject};
use service::Process;

use crate::reconcile::{Outcome, Reconciler};

/// Adds the task that pulls results.
pub fn start(bus: &Bus, slots: u16, reconciler: Arc<Reconciler>, process: &mut Process) {
    let (bus, shutdown) = (bus.clone(), process.shutdown.clone());
    process.spawn("results", async move {
        let durable = SECRET_WRITER.to_owned();
        let deliver = move |delivery| deliver(reconciler.clone(), delivery);
        bus::consume(bus, RESULT, durable, slots.into(), shutdown, deliver).await;
        Ok(())
    });
}

async fn deliver(reconciler: Arc<Reconciler>, delivery: Delivery<Connection>) {
    let disposition = match &delivery.value {
        // Blanked by ourselves, when the claim was gone.
        None => Disposition::Ack,
        Some(result) if !speaks_of(result, &delivery.subject) => {
            tracing::warn!("a result speaks of another claim than its subject");
            Disposition::Term
        }
        Some(result) => {
            disposition(reconciler.reconcile(&delivery.subject, delivery.sequence, result).await)
        }
    };
    if let Err(error) = delivery.settle(disposition).await {
        tracing::debug!(error = %error, "a delivery will come again");
    }
}

fn disposition(outcome: Outcome) -> Disposition {
    match outcome {
        Outcome::Settled => Disposition::Ack,
        Outcome::Replaced => Disposition::Leave,
        Outcome::Again(delay) => Disposition::Nak(delay),
    }
}

/// The signature covers the subject: what the payload says beside it must agree.
pub fn speaks_of(result: &Connection, subject: &Subject) -> bool {
    let identity = &result.identity;
    *subject == Subject::Result(result.provider, identity.kind, identity.uid.clone())
}

#[cfg(test)]
mod tests {
    use proto::{Identity, ItemId, Kind, Provider};

    use super::*;

    #[test]
    fn a_result_that_was_replaced_is_not_settled() {
        assert_eq!(disposition(Outcome::Replaced), Disposition::Leave);
    }

    #[test]
    fn a_result_counts_only_for_the_claim_and_provider_of_its_subject() {
        let result = Connection {
            item_id: ItemId::random(),
            identity: Identity {
                kind: Kind::Postgres,
                namespace: "team".into(),
                name: "db".into(),
                uid: "u-1".parse().unwrap(),
                generation: 1,
            },
            provider: Provider::Aws,
            fields: [].into(),
            simulated: false,
        };
        let table = [
            ("result.aws.postgres.u-1", true),
            ("result.openshift.postgres.u-1", false),
            ("result.aws.redis.u-1", false),
            ("result.aws.postgres.u-2", false),
            ("work.aws.postgres.u-1", false),
        ];
        for (subject, expected) in table {
            assert_eq!(speaks_of(&result, &subject.parse().unwrap()), expected, "{subject}");
        }
    }
}
