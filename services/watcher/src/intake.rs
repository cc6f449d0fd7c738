//! What a watch says, put where it is needed.

use std::sync::Arc;

use crds::ClaimKind;
use kube::api::DynamicObject;
use kube::runtime::reflector::{ObjectRef, Store, store::Writer};
use kube::runtime::watcher::Event;
use service::config::Scope;
use tokio::sync::{Notify, broadcast, mpsc};

use crate::claims::Claims;
use crate::release::Vanished;
use crate::wakes::Wakes;

/// Keeps the store of one watch, and tells everybody else who must know.
pub(crate) struct Intake {
    pub(crate) kind: ClaimKind,
    pub(crate) scope: Scope,
    pub(crate) claims: Claims,
    pub(crate) wakes: Wakes,
    pub(crate) vanished: mpsc::UnboundedSender<Vanished>,
    pub(crate) reconcile_all: broadcast::Sender<()>,
    /// Told when a database was pinned or has vanished.
    pub(crate) network: Arc<Notify>,
    /// Whether the watch has listed before.
    pub(crate) has_listed: bool,
}

impl Intake {
    pub(crate) fn take(
        &mut self,
        event: &Event<DynamicObject>,
        store: &Store<DynamicObject>,
        writer: &mut Writer<DynamicObject>,
    ) {
        let before = match event {
            Event::Apply(object) | Event::Delete(object) => self.known(object, store),
            Event::Init | Event::InitApply(_) | Event::InitDone => None,
        };
        writer.apply_watcher_event(event);
        match event {
            Event::Apply(object) => self.wake_dependants(before.as_deref(), Some(object)),
            Event::Delete(object) => {
                self.wake_dependants(before.as_deref().or(Some(object)), None);
                self.vanish(object);
            }
            Event::InitDone => self.listed(),
            Event::Init | Event::InitApply(_) => {}
        }
    }

    fn known(
        &self,
        object: &DynamicObject,
        store: &Store<DynamicObject>,
    ) -> Option<Arc<DynamicObject>> {
        store.get(&ObjectRef::from_obj_with(object, self.kind.api_resource()))
    }

    fn wake_dependants(&self, before: Option<&DynamicObject>, after: Option<&DynamicObject>) {
        let place = |object: Option<&DynamicObject>| {
            object.map(|object| object.data["status"]["placement"].clone())
        };
        if place(before) != place(after) {
            self.network.notify_one();
        }
        for (kind, object) in self.claims.dependants(self.kind, before, after) {
            self.wakes.wake_object(kind, &object);
        }
    }

    fn vanish(&self, object: &DynamicObject) {
        let uid = object.metadata.uid.as_deref().unwrap_or_default().parse();
        if let (Ok(kind), Ok(uid)) = (self.kind.as_str().parse(), uid) {
            // Whoever listens ends only with the leader.
            let _ = self.vanished.send((kind, uid));
        }
    }

    /// A second list: what changed while the watch was interrupted was seen by no event.
    fn listed(&mut self) {
        if std::mem::replace(&mut self.has_listed, true) {
            let _ = self.reconcile_all.send(());
        } else {
            self.claims.has_listed(&self.scope);
        }
    }
}
