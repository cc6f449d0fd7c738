//! What can be ordered where.

use super::{ID, groups, setting};
use crate::aws::ask::{Ask, answer};
use crate::aws::catalog;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

/// Checks the request for a new instance, and fills in what AWS fills in.
pub(super) async fn new_instance(ask: &Ask<'_>) -> Result<Query, Refusal> {
    let mut query = ask.query.clone();
    query.set(ID, query.id(ID).unwrap_or_default());
    if let Some(password) = query.get(setting::PASSWORD) {
        setting::check_password(password)?;
    }
    if query.get("Engine") == Some("postgres") {
        let wanted = query.get("EngineVersion").unwrap_or_default();
        let version = catalog::postgres(wanted).ok_or_else(|| {
            Refusal::combination(format!("Cannot find version {wanted} for postgres"))
        })?;
        query.set("EngineVersion", version);
    }
    if query.get("PubliclyAccessible").is_none() {
        query.set("PubliclyAccessible", false);
    }
    check_class(ask, &query, &Element::default()).await?;
    Ok(query)
}

/// Refuses a class that is offered nowhere, or in no zone of the instance's subnets.
pub(super) async fn check_class(
    ask: &Ask<'_>,
    query: &Query,
    current: &Element,
) -> Result<(), Refusal> {
    let Some(class) = query.get("DBInstanceClass") else { return Ok(()) };
    if ask.controls(|controls| controls.withheld.is_empty()) {
        return Ok(());
    }
    if !ask.controls(|controls| controls.is_offered(class, "")) {
        return Err(Refusal::combination(format!(
            "RDS does not support creating a DB instance with the following combination: DBInstanceClass={class}"
        )));
    }
    let group =
        query.get("DBSubnetGroupName").or_else(|| Some(&current.find("DBSubnetGroupName")?.text));
    let Some(group) = group else { return Ok(()) };
    let zones = groups::zones_of(ask, group).await?;
    if zones.iter().any(|zone| ask.controls(|controls| controls.is_offered(class, zone))) {
        return Ok(());
    }
    let message = format!("{class} is offered in none of {zones:?}");
    Err(Refusal::new(400, "InsufficientDBInstanceCapacity", message))
}

pub(super) async fn orderable(ask: &Ask<'_>) -> Result<Element, Refusal> {
    let query = Query::new("DescribeAvailabilityZones", "2016-11-15");
    let root = ask.send("ec2", &query).await?;
    let zones: Vec<String> = root
        .items("availabilityZoneInfo")
        .iter()
        .map(|zone| zone.text_of("zoneName").to_owned())
        .collect();
    let offered = |class: &str| {
        let is_offered = |zone: &&String| ask.controls(|controls| controls.is_offered(class, zone));
        zones.iter().filter(is_offered).cloned().collect()
    };
    Ok(answer("rds", ask.action(), [catalog::orderable(&ask.query, offered)]))
}
