//! What AWS plans to do to instances, and doing it earlier.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingMaintenanceAction.html>

use std::sync::Arc;

use aws_sdk_rds::types::ResourcePendingMaintenanceActions;
use tokio::time::Instant;

use super::{Error, PAGE, Place, Rds, once};
use crate::aws::operations::rds as api;

/// Something that AWS plans to do to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingAction {
    /// ARN of the instance.
    pub arn: String,
    /// Such as `system-update`.
    pub action: String,
    /// From when AWS does it in the instance's maintenance window by itself, in seconds since the Unix epoch.
    pub auto_applied_after: Option<i64>,
    /// When AWS does it, in seconds since the Unix epoch.
    pub applied_at: Option<i64>,
    /// What it was opted into, as the API spells it.
    pub opt_in: Option<String>,
}

/// When a planned action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptIn {
    /// At once.
    Immediate,
    /// In the instance's next maintenance window.
    NextMaintenance,
}

impl OptIn {
    /// The text of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::NextMaintenance => "next-maintenance",
        }
    }
}

impl Rds {
    /// What AWS plans to do in the region, from one listing that was asked for at `not_before` or later.
    pub async fn pending_actions(
        &self,
        place: &Place,
        not_before: Instant,
    ) -> Result<Arc<Vec<PendingAction>>, Error> {
        self.actions.get(place, not_before, self.list_actions()).await
    }

    /// Does what AWS plans earlier; one attempt.
    pub async fn apply(&self, action: &PendingAction, opt_in: OptIn) -> Result<(), Error> {
        let request = self
            .client
            .apply_pending_maintenance_action()
            .resource_identifier(&action.arn)
            .apply_action(&action.action)
            .opt_in_type(opt_in.as_str())
            .customize()
            .config_override(once());
        self.gate.call(api::APPLY_PENDING_MAINTENANCE_ACTION, request.send()).await.map(|_| ())
    }

    async fn list_actions(&self) -> Result<Vec<PendingAction>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request = self.client.describe_pending_maintenance_actions();
            let request = request.max_records(PAGE).set_marker(marker);
            let page =
                self.gate.call(api::DESCRIBE_PENDING_MAINTENANCE_ACTIONS, request.send()).await?;
            let resources = page.pending_maintenance_actions.unwrap_or_default();
            found.extend(resources.into_iter().flat_map(read));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}

fn read(resource: ResourcePendingMaintenanceActions) -> Vec<PendingAction> {
    let Some(arn) = resource.resource_identifier else { return Vec::new() };
    let actions = resource.pending_maintenance_action_details.unwrap_or_default().into_iter();
    let actions = actions.filter_map(|planned| {
        Some(PendingAction {
            arn: arn.clone(),
            action: planned.action?,
            auto_applied_after: planned.auto_applied_after_date.map(|date| date.secs()),
            applied_at: planned.current_apply_date.map(|date| date.secs()),
            opt_in: planned.opt_in_status,
        })
    });
    actions.collect()
}
