//! Snapshots of replication groups.

use std::time::Instant;

use super::group::Group;
use super::{ElastiCache, ID, place, status};
use crate::aws::ask::Ask;
use crate::aws::controls::LifeCycle;
use crate::aws::phases::Phases;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

const NAME: &str = "SnapshotName";

/// A snapshot of what a group was.
pub(super) struct Snapshot {
    group: Group,
    phases: Phases,
}

impl ElastiCache {
    pub(super) fn take(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<Element, Refusal> {
        let id = ask.query.id(ID).or_else(|| {
            let cluster = ask.query.id("CacheClusterId")?;
            self.groups
                .values()
                .find(|group| group.clusters().any(|it| it == cluster))
                .map(|it| it.id.clone())
        });
        let mut group = self.find(&id.unwrap_or_default())?.clone();
        let name = ask.query.get(NAME).unwrap_or_default().to_owned();
        let before = status(ask, &group, now);
        group.begin(&before, Phases::start(now, &[("snapshotting", life.backing_up)]))?;
        self.add_snapshot(
            ask,
            (&name, &group),
            Phases::start(now, &[("creating", life.backing_up)]),
        )?;
        self.groups.insert(group.id.clone(), group);
        let arn = place(ask, &[], "").arn("snapshot", &name);
        self.tags.insert(arn, ask.query.tags().into_iter().collect());
        Ok(self.snapshot(ask, &name, Some("creating"), now))
    }

    pub(super) fn add_snapshot(
        &mut self,
        _ask: &Ask<'_>,
        (name, group): (&str, &Group),
        phases: Phases,
    ) -> Result<(), Refusal> {
        if self.snapshots.contains_key(name) {
            let message = format!("Snapshot {name} already exists.");
            return Err(Refusal::new(400, "SnapshotAlreadyExistsFault", message));
        }
        self.snapshots.insert(name.to_owned(), Snapshot { group: group.clone(), phases });
        Ok(())
    }

    pub(super) fn describe_snapshots(
        &self,
        ask: &Ask<'_>,
        now: Instant,
    ) -> Result<Element, Refusal> {
        let (name, group) = (ask.query.get(NAME), ask.query.id(ID));
        if let Some(name) = name.filter(|name| !self.snapshots.contains_key(*name)) {
            return Err(missing(name));
        }
        let is_wanted = |(known, snapshot): &(&String, &Snapshot)| {
            name.is_none_or(|name| name == *known)
                && group.as_ref().is_none_or(|id| *id == snapshot.group.id)
        };
        let shown = self.snapshots.iter().filter(is_wanted);
        let shown = shown.map(|(name, _)| self.snapshot(ask, name, None, now));
        Ok(Element::tree("Snapshots", shown))
    }

    pub(super) fn drop_snapshot(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
    ) -> Result<Element, Refusal> {
        let name = ask.query.get(NAME).unwrap_or_default();
        let snapshot = self.snapshots.get(name).ok_or_else(|| missing(name))?;
        if !snapshot.phases.is_over(now) {
            return Err(Refusal::new(400, "InvalidSnapshotState", format!("{name} is being made")));
        }
        let shown = self.snapshot(ask, name, Some("deleting"), now);
        self.snapshots.remove(name);
        self.tags.remove(&place(ask, &[], "").arn("snapshot", name));
        Ok(shown)
    }

    fn snapshot(&self, ask: &Ask<'_>, name: &str, forced: Option<&str>, now: Instant) -> Element {
        let Some(Snapshot { group, phases }) = self.snapshots.get(name) else {
            return Element::default();
        };
        let status = forced.unwrap_or(phases.status(now).unwrap_or("available"));
        Element::tree(
            "Snapshot",
            [
                Element::leaf(NAME, name),
                Element::leaf(ID, &group.id),
                Element::leaf(
                    "ReplicationGroupDescription",
                    group.value("ReplicationGroupDescription"),
                ),
                Element::leaf("SnapshotStatus", status),
                Element::leaf("SnapshotSource", "manual"),
                Element::leaf("CacheNodeType", group.value("CacheNodeType")),
                Element::leaf("Engine", group.value("Engine")),
                Element::leaf("EngineVersion", group.value("EngineVersion")),
                Element::leaf("NumNodeGroups", 1),
                Element::leaf("ARN", place(ask, &[], "").arn("snapshot", name)),
            ],
        )
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::new(404, "SnapshotNotFoundFault", format!("Snapshot {name} not found."))
}
