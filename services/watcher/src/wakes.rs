//! How one claim is given a pass, in whichever controller watches it.

use std::sync::Arc;

use crds::ClaimKind;
use kube::api::DynamicObject;
use proto::Identity;
use service::config::Scope;
use tokio::sync::mpsc;

/// Namespace and name of a claim that shall be looked at.
pub(crate) type Wake = (String, String);

/// All controllers. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Wakes(Arc<Vec<Ear>>);

struct Ear {
    kind: ClaimKind,
    scope: Scope,
    sender: mpsc::UnboundedSender<Wake>,
}

impl Wakes {
    /// One ear for each watch, in their order.
    pub(crate) fn new(
        covered: impl IntoIterator<Item = (ClaimKind, Scope)>,
    ) -> (Self, Vec<mpsc::UnboundedReceiver<Wake>>) {
        let ears = covered.into_iter().map(|(kind, scope)| {
            let (sender, receiver) = mpsc::unbounded_channel();
            (Ear { kind, scope, sender }, receiver)
        });
        let (ears, receivers) = ears.unzip();
        (Self(Arc::new(ears)), receivers)
    }

    pub(crate) fn wake(&self, kind: ClaimKind, namespace: &str, name: &str) {
        let hears = |ear: &&Ear| ear.kind == kind && ear.scope.contains(namespace);
        for ear in self.0.iter().filter(hears) {
            // The controller ends only with the leader.
            let _ = ear.sender.send((namespace.to_owned(), name.to_owned()));
        }
    }

    /// Wakes the claim that a message is about. The network is nobody's claim.
    pub(crate) fn wake_identity(&self, identity: &Identity) {
        if let Ok(kind) = identity.kind.as_str().parse() {
            self.wake(kind, &identity.namespace, &identity.name);
        }
    }

    pub(crate) fn wake_object(&self, kind: ClaimKind, object: &DynamicObject) {
        if let (Some(namespace), Some(name)) = (&object.metadata.namespace, &object.metadata.name) {
            self.wake(kind, namespace, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_reaches_the_controller_of_its_kind_and_namespace_only() {
        let covered = [
            (ClaimKind::Redis, Scope::Namespace("shop".to_owned())),
            (ClaimKind::Redis, Scope::Namespace("bank".to_owned())),
            (ClaimKind::Postgres, Scope::Cluster),
        ];
        let (wakes, mut receivers) = Wakes::new(covered);
        wakes.wake(ClaimKind::Redis, "shop", "cache");
        wakes.wake(ClaimKind::Postgres, "anywhere", "orders");
        let heard: Vec<Option<Wake>> = receivers.iter_mut().map(|it| it.try_recv().ok()).collect();
        let wake = |namespace: &str, name: &str| Some((namespace.to_owned(), name.to_owned()));
        assert_eq!(heard, [wake("shop", "cache"), None, wake("anywhere", "orders")]);
    }
}
