//! Service updates that AWS has for replication groups, and applying one.
//!
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Self-Service-Updates.html>

use std::sync::Arc;

use aws_sdk_elasticache::primitives::DateTime;
use aws_sdk_elasticache::types::{
    ServiceUpdateStatus, UnprocessedUpdateAction, UpdateAction, UpdateActionStatus,
};
use tokio::time::Instant;

use super::{ElastiCache, Error, Kind, PAGE, Place, once};
use crate::aws::operations::elasticache as api;

/// One service update for one replication group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Identifier of the group, in lower case.
    pub group: String,
    /// Such as `elasticache-20210615-002`.
    pub name: String,
    /// Whether it can still be asked for.
    pub is_open: bool,
    /// Until when AWS recommends it, in seconds since the Unix epoch.
    pub apply_by: Option<i64>,
    /// What else AWS says of it, by the names of the API.
    pub details: Vec<(&'static str, String)>,
}

impl ElastiCache {
    /// Service updates for all replication groups of the region, from one listing that was asked for at `not_before` or
    /// later.
    pub async fn updates(
        &self,
        place: &Place,
        not_before: Instant,
    ) -> Result<Arc<Vec<Update>>, Error> {
        self.updates.get(place, not_before, self.list_updates()).await
    }

    /// Begins to apply a service update to a group; one attempt.
    pub async fn apply(&self, update: &Update) -> Result<(), Error> {
        let request = self
            .client
            .batch_apply_update_action()
            .replication_group_ids(&update.group)
            .service_update_name(&update.name)
            .customize()
            .config_override(once());
        let answer = self.gate.call(api::BATCH_APPLY_UPDATE_ACTION, request.send()).await?;
        refused(answer.unprocessed_update_actions.unwrap_or_default())
    }

    async fn list_updates(&self) -> Result<Vec<Update>, Error> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let request = self
                .client
                .describe_update_actions()
                .service_update_status(ServiceUpdateStatus::Available)
                .max_records(PAGE)
                .set_marker(marker);
            let page = self.gate.call(api::DESCRIBE_UPDATE_ACTIONS, request.send()).await?;
            found.extend(page.update_actions.unwrap_or_default().into_iter().filter_map(read));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}

/// What AWS refuses for one group stands in an answer that has succeeded.
fn refused(unprocessed: Vec<UnprocessedUpdateAction>) -> Result<(), Error> {
    let Some(first) = unprocessed.into_iter().next() else { return Ok(()) };
    let code = first.error_type.unwrap_or_else(|| "Unprocessed".to_owned());
    Err(Error { operation: api::BATCH_APPLY_UPDATE_ACTION, kind: Kind::State, code })
}

fn read(action: UpdateAction) -> Option<Update> {
    use UpdateActionStatus::{NotApplied, Scheduled, Scheduling, Stopped, Stopping};
    let is_open = matches!(
        action.update_action_status,
        Some(NotApplied | Scheduled | Scheduling | Stopped | Stopping)
    );
    let (details, apply_by) = (details(&action), action.service_update_recommended_apply_by_date);
    let group = action.replication_group_id?.to_ascii_lowercase();
    let apply_by = apply_by.map(|date| date.secs());
    Some(Update { group, name: action.service_update_name?, is_open, apply_by, details })
}

fn details(action: &UpdateAction) -> Vec<(&'static str, String)> {
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    let date = |it: &Option<DateTime>| it.map_or_else(String::new, |it| it.to_string());
    macro_rules! word {
        ($field:ident) => {
            action.$field.as_ref().map_or_else(String::new, |it| it.as_str().to_owned())
        };
    }
    vec![
        ("CacheClusterId", text(&action.cache_cluster_id)),
        ("Engine", text(&action.engine)),
        ("EstimatedUpdateTime", text(&action.estimated_update_time)),
        ("NodesUpdated", text(&action.nodes_updated)),
        (
            "ServiceUpdateRecommendedApplyByDate",
            date(&action.service_update_recommended_apply_by_date),
        ),
        ("ServiceUpdateReleaseDate", date(&action.service_update_release_date)),
        ("ServiceUpdateSeverity", word!(service_update_severity)),
        ("ServiceUpdateStatus", word!(service_update_status)),
        ("ServiceUpdateType", word!(service_update_type)),
        ("SlaMet", word!(sla_met)),
        ("UpdateActionAvailableDate", date(&action.update_action_available_date)),
        ("UpdateActionStatus", word!(update_action_status)),
        ("UpdateActionStatusModifiedDate", date(&action.update_action_status_modified_date)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_that_was_refused_in_a_good_answer_was_refused() {
        assert_eq!(refused(Vec::new()), Ok(()));
        let unprocessed = UnprocessedUpdateAction::builder().error_type("InvalidState").build();
        let error = refused(vec![unprocessed]).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::State, "InvalidState"));
    }

    #[test]
    fn updates_that_are_done_or_under_way_are_not_open() {
        use UpdateActionStatus::{Complete, InProgress, NotApplied, Stopped, WaitingToStart};
        let is_open = |status| {
            let action = UpdateAction::builder().replication_group_id("A").service_update_name("u");
            read(action.update_action_status(status).build()).unwrap().is_open
        };
        assert!(is_open(NotApplied) && is_open(Stopped));
        assert!(!is_open(Complete) && !is_open(InProgress) && !is_open(WaitingToStart));
        assert_eq!(read(UpdateAction::builder().build()), None);
    }
}
