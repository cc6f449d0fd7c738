//! Service updates: `DescribeUpdateActions`, `BatchApplyUpdateAction`.

use std::time::Instant;

use super::{ElastiCache, status};
use crate::aws::ask::Ask;
use crate::aws::controls::{LifeCycle, Update};
use crate::aws::phases::Phases;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

const NAME: &str = "ServiceUpdateName";

impl ElastiCache {
    pub(super) fn describe_updates(&self, ask: &Ask<'_>, now: Instant) -> Element {
        let has = |key: &str, value: &str| {
            let wanted = ask.query.list(key);
            wanted.is_empty() || wanted.iter().any(|it| it.eq_ignore_ascii_case(value))
        };
        let is_wanted = |update: &&Update| {
            self.groups.contains_key(&update.group)
                && has("ReplicationGroupIds", &update.group)
                && has("UpdateActionStatus", self.update_status(update, now))
                && has("ServiceUpdateStatus", "available")
                && ask.query.get(NAME).is_none_or(|name| name == update.name)
        };
        let updates = ask.controls(|controls| controls.updates.clone());
        let shown = updates.iter().filter(is_wanted).map(|update| self.update(update, now));
        Element::tree("UpdateActions", shown)
    }

    fn update(&self, update: &Update, now: Instant) -> Element {
        let engine = self.groups.get(&update.group).map_or("redis", |group| group.value("Engine"));
        let status = self.update_status(update, now);
        let date = update.apply_by.as_ref();
        Element::tree(
            "UpdateAction",
            [
                Element::leaf("ReplicationGroupId", &update.group),
                Element::leaf(NAME, &update.name),
                Element::leaf("ServiceUpdateSeverity", &update.severity),
                Element::leaf("ServiceUpdateStatus", "available"),
                Element::leaf("ServiceUpdateType", &update.kind),
                Element::leaf("UpdateActionStatus", status),
                Element::leaf("NodesUpdated", if status == "complete" { "1/1" } else { "0/1" }),
                Element::leaf("SlaMet", if status == "complete" { "yes" } else { "n/a" }),
                Element::leaf("Engine", engine),
            ]
            .into_iter()
            .chain(date.map(|date| Element::leaf("ServiceUpdateRecommendedApplyByDate", date))),
        )
    }

    fn update_status(&self, update: &Update, now: Instant) -> &'static str {
        let applied = self.updates.get(&(update.group.clone(), update.name.clone()));
        applied.map_or("not-applied", |phases| phases.status(now).unwrap_or("complete"))
    }

    pub(super) fn apply_update(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<Vec<Element>, Refusal> {
        let name = ask.query.get(NAME).unwrap_or_default();
        let updates = ask.controls(|controls| controls.updates.clone());
        if !updates.iter().any(|update| update.name == name) {
            let message = format!("Service update {name} not found");
            return Err(Refusal::new(404, "ServiceUpdateNotFoundFault", message));
        }
        let (mut processed, mut unprocessed) = (Vec::new(), Vec::new());
        for id in ask.query.list("ReplicationGroupIds").into_iter().map(str::to_lowercase) {
            let words = [Element::leaf("ReplicationGroupId", &id), Element::leaf(NAME, name)];
            match self.start_update(ask, (&id, name), &updates, (now, life)) {
                Ok(()) => {
                    let status = Element::leaf("UpdateActionStatus", "waiting-to-start");
                    processed.push(Element::tree(
                        "ProcessedUpdateAction",
                        words.into_iter().chain([status]),
                    ));
                }
                Err(refusal) => {
                    let kind = Element::leaf("ErrorType", refusal.code);
                    let message = Element::leaf("ErrorMessage", refusal.message);
                    let words = words.into_iter().chain([kind, message]);
                    unprocessed.push(Element::tree("UnprocessedUpdateAction", words));
                }
            }
        }
        Ok(vec![
            Element::tree("ProcessedUpdateActions", processed),
            Element::tree("UnprocessedUpdateActions", unprocessed),
        ])
    }

    fn start_update(
        &mut self,
        ask: &Ask<'_>,
        (id, name): (&str, &str),
        updates: &[Update],
        (now, life): (Instant, &LifeCycle),
    ) -> Result<(), Refusal> {
        let mut group = self.find(id)?.clone();
        let update = updates.iter().find(|update| update.group == id && update.name == name);
        let update = update.ok_or_else(|| {
            Refusal::new(400, "InvalidParameterValue", format!("{name} does not apply to {id}"))
        })?;
        if self.update_status(update, now) == "complete" {
            return Err(Refusal::value(format!("{name} is complete")));
        }
        let before = status(ask, &group, now);
        group.begin(&before, Phases::start(now, &[("modifying", life.modifying)]))?;
        self.groups.insert(id.to_owned(), group);
        let phases = Phases::start(now, &[("in-progress", life.modifying)]);
        self.updates.insert((id.to_owned(), name.to_owned()), phases);
        Ok(())
    }
}
