//! One controller for each kind and namespace: what wakes it, and what it does when a pass is interrupted.

use std::sync::Arc;

use crds::ClaimKind;
use futures::StreamExt as _;
use kube::api::{Api, DynamicObject};
use kube::runtime::controller::{Action, Controller};
use kube::runtime::reflector::{ObjectRef, Store, store::Writer};
use kube::runtime::{WatchStreamExt as _, watcher};
use service::config::Scope;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::{BroadcastStream, UnboundedReceiverStream};
use tracing::Instrument as _;

use crate::context::{Context, Parts};
use crate::error::Error;
use crate::intake::Intake;
use crate::metrics::Pass;
use crate::reconcile::{reconcile, report};
use crate::relist;
use crate::wakes::Wake;

/// The watch of one kind in one namespace, or in all.
pub(crate) struct Watch {
    pub(crate) kind: ClaimKind,
    pub(crate) scope: Scope,
    pub(crate) store: Store<DynamicObject>,
    writer: Writer<DynamicObject>,
    api: Api<DynamicObject>,
}

impl Watch {
    pub(crate) fn new(parts: &Parts, kind: ClaimKind, scope: Scope) -> Self {
        let resource = kind.api_resource();
        let client = parts.client.clone();
        let api = match &scope {
            Scope::Namespace(namespace) => Api::namespaced_with(client, namespace, &resource),
            Scope::Cluster => Api::all_with(client, &resource),
        };
        let writer = Writer::new(resource);
        Self { kind, scope, store: writer.as_reader(), writer, api }
    }

    /// Runs its controller for ever. `wakes` name single claims; `all` wakes every one.
    pub(crate) async fn control(
        self,
        mut intake: Intake,
        wakes: mpsc::UnboundedReceiver<Wake>,
        all: broadcast::Receiver<()>,
        context: Arc<Context>,
    ) -> anyhow::Result<()> {
        let Self { kind, store, mut writer, api, .. } = self;
        let (reader, resource) = (store.clone(), kind.api_resource());
        let objects = relist::watch(api, watcher::Config::default())
            .modify(|object| object.metadata.managed_fields = None)
            .inspect(move |event| match event {
                Ok(event) => intake.take(event, &reader, &mut writer),
                Err(error) => tracing::debug!(error = %error, "a watch was interrupted"),
            })
            .applied_objects();
        let named = resource.clone();
        let wakes = UnboundedReceiverStream::new(wakes).map(move |(namespace, name)| {
            ObjectRef::new_with(&name, named.clone()).within(&namespace)
        });
        // Missed wakes of all claims are one wake of all claims.
        let all = BroadcastStream::new(all).map(|_| ());
        Controller::for_stream_with(objects, store, resource)
            .reconcile_on(wakes)
            .reconcile_all_on(all)
            .run(
                move |object, context| pass(kind, object, context),
                |object, _, context| retry(&object, &context),
                context,
            )
            .for_each(|_| std::future::ready(()))
            .await;
        anyhow::bail!("the watch on {} ended", kind.plural())
    }
}

async fn pass(
    kind: ClaimKind,
    object: Arc<DynamicObject>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let metadata = &object.metadata;
    // Who owns a Secret, and what a snapshot is of, is in other watches.
    context.claims.listed_in(metadata.namespace.as_deref().unwrap_or_default()).await;
    let span = tracing::info_span!(
        "reconcile",
        claim.kind = kind.as_str(),
        claim.namespace = metadata.namespace.as_deref(),
        claim.name = metadata.name.as_deref(),
        claim.uid = metadata.uid.as_deref(),
    );
    async {
        let done = Box::pin(reconcile(kind, &object, &context)).await;
        count(kind, &done, &context);
        if let Err(error) = &done
            && error.is_bus_down()
        {
            report::interrupted(kind, &object, &context).await;
        }
        done
    }
    .instrument(span)
    .await?;
    context.backoff.reset(object.metadata.uid.as_deref().unwrap_or_default());
    Ok(Action::await_change())
}

fn count(kind: ClaimKind, done: &Result<(), Error>, context: &Context) {
    match done {
        Ok(()) => {}
        Err(error) if error.is_conflict() => {
            tracing::debug!(error = %error, "somebody else wrote first");
        }
        Err(error) => {
            let source = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(error = %error, source, "reconcile interrupted");
        }
    }
    let result = done.as_ref().map_or_else(Error::class, |()| "done");
    let pass = Pass { kind: kind.as_str(), result };
    context.metrics.reconciles.get_or_create(&pass).inc();
}

/// After a conflict an event is on its way; the delay is only in case it is lost.
fn retry(object: &DynamicObject, context: &Context) -> Action {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    Action::requeue(context.backoff.next(uid))
}
