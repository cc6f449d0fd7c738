//! Maintenance that AWS has planned: `DescribePendingMaintenanceActions`, `ApplyPendingMaintenanceAction`.

use crate::aws::ask::{Ask, answer};
use crate::aws::controls::Maintenance;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

use super::{ID, VERSION};

/// Everything that is planned, or what the query asks for.
pub(super) async fn describe(ask: &Ask<'_>) -> Result<Element, Refusal> {
    let filter = ask.query.filter("db-instance-id");
    let wanted = ask.query.get("ResourceIdentifier").map(id_of);
    let is_wanted = |id: &str| {
        wanted.is_none_or(|wanted| wanted == id)
            && filter.as_ref().is_none_or(|ids| ids.iter().any(|wanted| id_of(wanted) == id))
    };
    let mut planned: Vec<String> = ask
        .controls(|controls| controls.maintenance.iter().map(|it| it.instance.clone()).collect());
    planned.dedup();
    let mut resources = Vec::new();
    for id in planned.iter().filter(|id| is_wanted(id)) {
        resources.extend(resource(ask, id, "ResourcePendingMaintenanceActions").await?);
    }
    Ok(answer("rds", ask.action(), [Element::tree("PendingMaintenanceActions", resources)]))
}

/// Chooses when. Returns whose it is, and whether it starts now.
pub(super) fn apply(ask: &Ask<'_>) -> Result<(String, bool), Refusal> {
    let id = id_of(ask.query.get("ResourceIdentifier").unwrap_or_default()).to_owned();
    let action = ask.query.get("ApplyAction").unwrap_or_default();
    let opt_in = ask.query.get("OptInType").unwrap_or_default();
    if !["immediate", "next-maintenance", "undo-opt-in"].contains(&opt_in) {
        return Err(Refusal::value(format!("Invalid opt-in type: {opt_in}")));
    }
    let missing = || Refusal::new(404, "ResourceNotFoundFault", format!("{id} has no {action}"));
    ask.controls(|controls| {
        let is_meant = |it: &&mut Maintenance| it.instance == id && it.action == action;
        let planned = controls.maintenance.iter_mut().find(is_meant).ok_or_else(missing)?;
        planned.opt_in = (opt_in == "next-maintenance").then(|| opt_in.to_owned());
        Ok((id.clone(), opt_in == "immediate"))
    })
}

/// What remains of one resource.
pub(super) async fn applied(ask: &Ask<'_>, id: &str) -> Result<Element, Refusal> {
    let resource = resource(ask, id, "ResourcePendingMaintenanceActions").await?;
    Ok(answer("rds", ask.action(), resource))
}

/// An action is done; without a name, those that were to be done in the window that has come.
pub(super) fn done(ask: &Ask<'_>, id: &str, action: Option<&str>) {
    ask.controls(|controls| {
        controls.maintenance.retain(|it| {
            let is_done = match action {
                Some(action) => it.action == action,
                None => it.opt_in.is_some() || it.auto_applied_after.is_some(),
            };
            it.instance != id || !is_done
        });
    });
}

async fn resource(ask: &Ask<'_>, id: &str, name: &str) -> Result<Option<Element>, Refusal> {
    let query = Query::new("DescribeDBInstances", VERSION).with(ID, id);
    let arn = match ask.send("rds", &query).await {
        Ok(root) => root.find("DBInstanceArn").map(|arn| arn.text.clone()).unwrap_or_default(),
        Err(refusal) if refusal.status == 404 => return Ok(None),
        Err(refusal) => return Err(refusal),
    };
    let planned = ask.controls(|controls| controls.maintenance.clone());
    let details = planned.iter().filter(|it| it.instance == id).map(detail);
    Ok(Some(Element::tree(
        name,
        [
            Element::leaf("ResourceIdentifier", arn),
            Element::tree("PendingMaintenanceActionDetails", details),
        ],
    )))
}

fn detail(planned: &Maintenance) -> Element {
    let dates = [
        ("AutoAppliedAfterDate", &planned.auto_applied_after),
        ("ForcedApplyDate", &planned.forced),
        ("CurrentApplyDate", &planned.auto_applied_after),
        ("OptInStatus", &planned.opt_in),
    ];
    let known = dates.iter().filter_map(|(name, date)| Some(Element::leaf(name, date.as_ref()?)));
    let words = [
        Element::leaf("Action", &planned.action),
        Element::leaf("Description", &planned.description),
    ];
    Element::tree("PendingMaintenanceAction", words.into_iter().chain(known))
}

/// `arn:aws:rds:<region>:<account>:db:<id>`
fn id_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}
