//! The whole loop of one claim: observe, decide what is desired, mark, publish, report.
//!
//! Each step is safe to repeat. What a step needs is read anew; what it writes carries preconditions.

pub(crate) mod desire;
mod mark;
pub(crate) mod observe;
pub(crate) mod problem;
pub(crate) mod provider;
pub(crate) mod publish;
pub(crate) mod remove;
pub(crate) mod report;
mod snapshot;
mod status;
mod validate;

use std::sync::Arc;

use crds::ClaimKind;
use kube::api::DynamicObject;

use self::problem::Problem;
use crate::context::Context;
use crate::error::Error;

/// Why a claim cannot be served; or it is, and perhaps there is a warning.
pub(crate) type Outcome = Result<Option<Problem>, Problem>;

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
    let outcome = match desire::decide(&observed) {
        Ok(desire) => {
            mark::mark(&mut observed, &desire, context).await?;
            publish::publish(&mut observed, desire, context).await?
        }
        Err(problem) => Err(problem),
    };
    report::report(&observed, &outcome, context).await
}
