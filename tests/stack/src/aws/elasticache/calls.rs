//! Calls that change replication groups.

use std::time::Instant;

use super::group::Group;
use super::{ElastiCache, ID, place, render, status};
use crate::aws::ask::Ask;
use crate::aws::controls::LifeCycle;
use crate::aws::phases::Phases;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

impl ElastiCache {
    pub(super) fn create(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<Element, Refusal> {
        let mut query = ask.query.clone();
        for name in ["CacheSubnetGroupName", "CacheParameterGroupName"] {
            if let Some(value) = query.id(name) {
                query.set(name, value);
            }
        }
        let group = Group::create(&query, jiff::Timestamp::now().to_string(), now, life)?;
        if self.groups.contains_key(&group.id) {
            let message = format!("Replication group {} already exists.", group.id);
            return Err(Refusal::new(400, "ReplicationGroupAlreadyExists", message));
        }
        self.check_settings(ask, &group)?;
        let arn = place(ask, &[], &group.id).arn("replicationgroup", &group.id);
        self.tags.insert(arn, ask.query.tags().into_iter().collect());
        ask.controls(|controls| match &group.login {
            Some(login) => controls.logins.insert(group.id.clone(), login.clone()),
            None => None,
        });
        let shown = render::group(&group, "creating", &place(ask, &[], &group.id));
        self.groups.insert(group.id.clone(), group);
        Ok(shown)
    }

    fn check_settings(&self, ask: &Ask<'_>, group: &Group) -> Result<(), Refusal> {
        self.check_groups(group)?;
        let class = group.value("CacheNodeType");
        let zones = self.zones(group);
        let is_offered = ask.controls(|controls| {
            let is_anywhere = controls.is_offered(class, "");
            is_anywhere
                && (zones.is_empty() || zones.iter().any(|zone| controls.is_offered(class, zone)))
        });
        if !is_offered {
            let message = format!("{class} is not offered here");
            return Err(Refusal::new(400, "InsufficientCacheClusterCapacity", message));
        }
        Ok(())
    }

    pub(super) fn modify(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<Element, Refusal> {
        let mut group = self.find(&ask.query.id(ID).unwrap_or_default())?.clone();
        let before = status(ask, &group, now);
        group.modify(&before, &ask.query, (now, life))?;
        self.check_settings(ask, &group)?;
        // The answer shows what will change; the next call sees it happen.
        let shown =
            render::group(&group, group.status(now), &place(ask, &self.zones(&group), &group.id));
        self.groups.insert(group.id.clone(), group);
        Ok(shown)
    }

    pub(super) fn resize(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<Element, Refusal> {
        let mut group = self.find(&ask.query.id(ID).unwrap_or_default())?.clone();
        let replicas =
            ask.query.get("NewReplicaCount").and_then(|count| count.parse::<usize>().ok());
        let members = replicas.ok_or_else(|| Refusal::value("NewReplicaCount is no number"))? + 1;
        let grows = ask.action() == "IncreaseReplicaCount";
        if members > 6 || (members > group.members) != grows {
            return Err(Refusal::value("NewReplicaCount does not fit"));
        }
        let before = status(ask, &group, now);
        group.resize(&before, members, (now, life))?;
        let shown = self.shown(ask, &group, now);
        self.groups.insert(group.id.clone(), group);
        Ok(shown)
    }

    pub(super) fn delete(
        &mut self,
        ask: &Ask<'_>,
        now: Instant,
        life: &LifeCycle,
    ) -> Result<Element, Refusal> {
        if ask.query.is_true("RetainPrimaryCluster") {
            return Err(Refusal::new(501, "NotImplemented", "the double retains no cluster"));
        }
        let mut group = self.find(&ask.query.id(ID).unwrap_or_default())?.clone();
        let before = status(ask, &group, now);
        group.delete(&before, now, life)?;
        if let Some(name) = ask.query.get("FinalSnapshotIdentifier") {
            self.add_snapshot(
                ask,
                (name, &group),
                Phases::start(now, &[("creating", life.deleting)]),
            )?;
        }
        let shown = render::group(&group, "deleting", &place(ask, &self.zones(&group), &group.id));
        ask.controls(|controls| controls.statuses.remove(&group.id));
        self.groups.insert(group.id.clone(), group);
        Ok(shown)
    }
}
