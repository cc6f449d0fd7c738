//! ElastiCache: moto has too little of it, so all of it is here, for replication groups of one shard.

mod calls;
mod creation;
mod group;
mod parameter_groups;
mod render;
mod request;
mod snapshots;
mod subnet_groups;
mod tags;
#[cfg(test)]
mod tests;
mod token;
mod updates;

use std::collections::BTreeMap;
use std::time::Instant;

use self::group::Group;
use self::parameter_groups::ParameterGroup;
use self::render::Place;
use self::snapshots::Snapshot;
use self::subnet_groups::SubnetGroup;
use super::ask::{Ask, answer};
use super::catalog;
use super::phases::Phases;
use super::refusal::Refusal;
use super::xml::Element;

const ID: &str = "ReplicationGroupId";

/// ElastiCache in one region.
#[derive(Default)]
pub(crate) struct ElastiCache {
    groups: BTreeMap<String, Group>,
    subnet_groups: BTreeMap<String, SubnetGroup>,
    parameter_groups: BTreeMap<String, ParameterGroup>,
    snapshots: BTreeMap<String, Snapshot>,
    /// By group and name of the update.
    updates: BTreeMap<(String, String), Phases>,
    /// By ARN.
    tags: BTreeMap<String, BTreeMap<String, String>>,
}

impl ElastiCache {
    /// Answers a call.
    pub(crate) async fn answer(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        self.settle(ask, now)?;
        let life = ask.controls(|controls| controls.life_cycle);
        let content = match ask.action() {
            "CreateReplicationGroup" => vec![self.create(ask, now, &life)?],
            "DescribeReplicationGroups" => vec![self.describe(ask, now)?],
            "ModifyReplicationGroup" => vec![self.modify(ask, now, &life)?],
            "IncreaseReplicaCount" | "DecreaseReplicaCount" => vec![self.resize(ask, now, &life)?],
            "DeleteReplicationGroup" => vec![self.delete(ask, now, &life)?],
            "DescribeCacheClusters" => vec![self.clusters(ask, now)?],
            "DescribeCacheEngineVersions" => vec![catalog::cache_versions(&ask.query)],
            "ListTagsForResource" | "AddTagsToResource" | "RemoveTagsFromResource" => {
                vec![self.tags(ask, now)?]
            }
            "CreateSnapshot" => vec![self.take(ask, now, &life)?],
            "DescribeSnapshots" => vec![self.describe_snapshots(ask, now)?],
            "DeleteSnapshot" => vec![self.drop_snapshot(ask, now)?],
            "CreateCacheSubnetGroup" => vec![self.create_subnet_group(ask).await?],
            "DescribeCacheSubnetGroups" => vec![self.describe_subnet_groups(ask)?],
            "ModifyCacheSubnetGroup" => vec![self.modify_subnet_group(ask).await?],
            "DeleteCacheSubnetGroup" => self.delete_subnet_group(ask)?,
            "CreateCacheParameterGroup" => vec![self.create_parameter_group(ask)?],
            "DescribeCacheParameterGroups" => vec![self.describe_parameter_groups(ask)?],
            "ModifyCacheParameterGroup" => vec![self.modify_parameter_group(ask)?],
            "DescribeCacheParameters" => vec![self.describe_parameters(ask)?],
            "DeleteCacheParameterGroup" => self.delete_parameter_group(ask)?,
            "DescribeUpdateActions" => vec![self.describe_updates(ask, now)],
            "BatchApplyUpdateAction" => self.apply_update(ask, now, &life)?,
            _ => return ask.forward().await,
        };
        Ok(answer("elasticache", ask.action(), content))
    }

    /// Does what is due by now.
    fn settle(&mut self, ask: &Ask<'_>, now: Instant) -> Result<(), Refusal> {
        let (life, windows) = ask.controls(|controls| {
            let own = |id: &String| self.groups.contains_key(id);
            let windows: Vec<String> = controls.windows.extract_if(.., |id| own(id)).collect();
            (controls.life_cycle, windows)
        });
        for group in self.groups.values_mut() {
            group.settle(now)?;
        }
        for id in windows {
            if let Some(group) = self.groups.get_mut(&id) {
                group.open_window(now, &life);
                group.settle(now)?;
            }
        }
        let gone: Vec<String> =
            self.groups.values().filter(|it| it.is_gone(now)).map(|it| it.id.clone()).collect();
        for id in &gone {
            self.groups.remove(id);
            self.tags.retain(|arn, _| !arn.ends_with(&format!(":replicationgroup:{id}")));
            self.updates.retain(|(group, _), _| group != id);
        }
        ask.controls(|controls| {
            for id in &gone {
                controls.statuses.remove(id);
                controls.logins.remove(id);
                controls.updates.retain(|update| update.group != *id);
            }
            for (id, group) in &self.groups {
                match &group.login {
                    Some(login) => controls.logins.insert(id.clone(), login.clone()),
                    None => controls.logins.remove(id),
                };
            }
        });
        Ok(())
    }

    /// Subnets and security groups that groups stand on.
    pub(crate) fn used(&mut self, ask: &Ask<'_>, now: Instant) -> Vec<String> {
        let _ = self.settle(ask, now);
        let subnets = |group: &Group| {
            let subnet_group = self.subnet_groups.get(group.value("CacheSubnetGroupName"));
            subnet_group.map(SubnetGroup::ids).unwrap_or_default()
        };
        self.groups
            .values()
            .flat_map(|group| [subnets(group), group.security_groups.clone()].concat())
            .collect()
    }

    fn describe(&self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let wanted = ask.query.id(ID);
        if let Some(id) = &wanted {
            self.find(id)?;
        }
        let groups =
            self.groups.values().filter(|it| wanted.as_ref().is_none_or(|id| *id == it.id));
        let shown = groups.map(|group| self.shown(ask, group, now));
        Ok(Element::tree("ReplicationGroups", shown))
    }

    fn shown(&self, ask: &Ask<'_>, group: &Group, now: Instant) -> Element {
        render::group(group, &status(ask, group, now), &place(ask, &self.zones(group), &group.id))
    }

    fn clusters(&self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let wanted = ask.query.id("CacheClusterId");
        let has_nodes = ask.query.is_true("ShowCacheNodeInfo");
        let in_groups = !ask.query.is_true("ShowCacheClustersNotInReplicationGroups");
        let groups = self.groups.values().filter(|_| in_groups);
        let all = groups.flat_map(|group| {
            let (status, zones) = (status(ask, group, now), self.zones(group));
            render::clusters(group, &status, &place(ask, &zones, &group.id), has_nodes)
        });
        let is_wanted =
            |it: &Element| wanted.as_ref().is_none_or(|id| it.text_of("CacheClusterId") == id);
        let shown: Vec<Element> = all.filter(is_wanted).collect();
        match (wanted, shown.is_empty()) {
            (Some(id), true) => Err(Refusal::new(
                404,
                "CacheClusterNotFound",
                format!("CacheCluster not found: {id}"),
            )),
            _ => Ok(Element::tree("CacheClusters", shown)),
        }
    }

    fn find(&self, id: &str) -> Result<&Group, Refusal> {
        let missing = || {
            let message = format!("ReplicationGroup {id} not found.");
            Refusal::new(404, "ReplicationGroupNotFoundFault", message)
        };
        self.groups.get(id).ok_or_else(missing)
    }

    fn zones(&self, group: &Group) -> Vec<String> {
        let subnet_group = self.subnet_groups.get(group.value("CacheSubnetGroupName"));
        subnet_group.map(SubnetGroup::zones).unwrap_or_default()
    }
}

/// What a test has forced, or what it is by now.
fn status(ask: &Ask<'_>, group: &Group, now: Instant) -> String {
    let forced = ask.controls(|controls| controls.statuses.get(&group.id).cloned());
    forced.unwrap_or_else(|| group.status(now).to_owned())
}

fn place<'a>(ask: &'a Ask<'_>, zones: &'a [String], id: &str) -> Place<'a> {
    let endpoint = ask.controls(|controls| controls.endpoint(id).cloned());
    Place { region: ask.region, account: account(ask), zones, endpoint }
}

fn account<'a>(ask: &'a Ask<'_>) -> &'a str {
    &ask.upstream.account
}
