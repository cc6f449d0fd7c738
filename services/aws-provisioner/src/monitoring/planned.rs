//! What AWS plans to do to instances and groups.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_rds::primitives::{DateTime, DateTimeFormat};
use proto::Kind;
use service::gauges::Series;
use tokio::time::Instant;

use super::Resource;
use crate::aws::elasticache::Update;
use crate::aws::rds::PendingAction;
use crate::aws::{Clients, Error};
use crate::place::Place;

const POSTGRES: &str = "cro_postgres_service_maintenance";
const REDIS: &str = "cro_redis_service_maintenance";

/// Name and help of each metric.
pub(super) const METRICS: &[(&str, &str)] = &[
    (
        POSTGRES,
        "Unix time at which AWS does what it plans, or else from when it may, or else now, s",
    ),
    (REDIS, "Unix time until which AWS recommends a service update, s"),
];

/// Series of what is planned for our instances and groups, as listed at `since` or later.
pub(super) async fn series(
    clients: &Clients,
    place: &Place,
    resources: &[Resource],
    since: Instant,
) -> Result<Vec<Series>, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |it| it.as_secs().cast_signed());
    let has = |kind| resources.iter().any(|it| it.kind == kind);
    let mut found = Vec::new();
    if has(Kind::Postgres) {
        let actions = clients.rds.pending_actions(place, since).await?;
        found.extend(actions.iter().filter_map(|action| of_action(action, resources, now)));
    }
    if has(Kind::Redis) {
        let updates = clients.elasticache.updates(place, since).await?;
        found.extend(updates.iter().filter_map(|update| of_update(update, resources)));
    }
    Ok(found)
}

/// `Description` is the action: texts of AWS are not for labels.
fn of_action(action: &PendingAction, resources: &[Resource], now: i64) -> Option<Series> {
    let id = action.arn.rsplit(':').next()?;
    let resource = resources.iter().find(|it| it.kind == Kind::Postgres && it.id == id)?;
    let labels = [
        ("ResourceIdentifier", action.arn.clone()),
        ("AutoAppliedAfterDate", date(action.auto_applied_after)),
        ("CurrentApplyDate", date(action.applied_at)),
        ("Description", action.action.clone()),
    ];
    let at = action.applied_at.or(action.auto_applied_after).unwrap_or(now);
    Some(super::series(POSTGRES, resource, labels, seconds(at)))
}

fn of_update(update: &Update, resources: &[Resource]) -> Option<Series> {
    let resource = resources.iter().find(|it| it.kind == Kind::Redis && it.id == update.group)?;
    let labels =
        [("ReplicationGroupId", update.group.clone()), ("ServiceUpdateName", update.name.clone())];
    let labels = labels.into_iter().chain(update.details.iter().cloned());
    Some(super::series(REDIS, resource, labels, seconds(update.apply_by?)))
}

fn date(at: Option<i64>) -> String {
    let text = at.map(|at| DateTime::from_secs(at).fmt(DateTimeFormat::DateTime));
    text.and_then(Result::ok).unwrap_or_default()
}

#[allow(clippy::cast_precision_loss, reason = "seconds of this age fit")]
fn seconds(at: i64) -> f64 {
    at as f64
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use super::super::fixture::resource;
    use super::*;

    #[test]
    fn w65_what_is_planned_for_ours_is_told_and_nothing_of_others() {
        let ours = [resource(Kind::Postgres, "cro-orders"), resource(Kind::Redis, "cro-cache")];
        let action = |id: &str| PendingAction {
            arn: format!("arn:aws:rds:us-east-1:1:db:{id}"),
            action: "system-update".into(),
            auto_applied_after: Some(60),
            applied_at: None,
            opt_in: None,
        };
        let told = of_action(&action("cro-orders"), &ours, 7).unwrap();
        assert_eq!(told.value, 60.0);
        assert!(told.labels.contains(&("AutoAppliedAfterDate", "1970-01-01T00:01:00Z".into())));
        assert!(told.labels.contains(&("Description", "system-update".into())));
        let whenever = PendingAction { auto_applied_after: None, ..action("cro-orders") };
        assert_eq!(of_action(&whenever, &ours, 7).unwrap().value, 7.0);
        assert_eq!(of_action(&action("foreign"), &ours, 7), None);

        let update = |group: &str| Update {
            group: group.into(),
            name: "u".into(),
            is_open: true,
            apply_by: Some(90),
            details: vec![("ServiceUpdateSeverity", "critical".into())],
        };
        let told = of_update(&update("cro-cache"), &ours).unwrap();
        assert_eq!((told.metric, told.value), (REDIS, 90.0));
        assert!(told.labels.contains(&("ServiceUpdateSeverity", "critical".into())));
        assert_eq!(of_update(&update("foreign"), &ours), None);
    }
}
