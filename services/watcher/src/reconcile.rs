//! The whole loop of one claim: observe, decide what is desired, mark, publish, report.
//!
//! Each step is safe to repeat. What a step needs is read anew; what it writes carries preconditions.

pub(crate) mod desire;
mod mark;
pub(crate) mod observe;
pub(crate) mod problem;
mod publish;
mod remove;
mod report;
mod status;

use std::sync::Arc;

use crds::ClaimKind;
use kube::api::DynamicObject;

use crate::context::Context;
use crate::error::Error;

/// One pass over one claim.
pub(crate) async fn reconcile(
    kind: ClaimKind,
    object: &DynamicObject,
    context: &Arc<Context>,
) -> Result<(), Error> {
    let Some(mut observed) = observe::observe(kind, object, context).await? else { return Ok(()) };
    if observed.claim.is_deleting() {
        return remove::remove(observed, context).await;
    }
    let desire = desire::decide(&observed);
    if let Ok(desire) = &desire {
        mark::mark(&mut observed, desire, context).await?;
        publish::publish(&mut observed, desire, context).await?;
    }
    report::report(&observed, desire.err(), context).await
}
