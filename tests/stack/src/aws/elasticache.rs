//! ElastiCache: moto has too little of it, so all of it is here, for replication groups of one shard.

mod group;
mod render;
mod settings;
mod snapshots;
#[cfg(test)]
mod tests;
mod token;
mod updates;

use std::collections::BTreeMap;
use std::time::Instant;

use self::group::Group;
use self::render::Place;
use self::settings::{ParameterGroup, SubnetGroup};
use self::snapshots::Snapshot;
use super::ask::{Ask, answer};
use super::catalog;
use super::controls::LifeCycle;
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
            "DescribeCacheEngineVersions" => vec![versions(ask)],
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

    fn create(
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

    fn modify(
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

    fn resize(
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

    fn delete(
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

    fn tags(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let arn = ask.query.get("ResourceName").unwrap_or_default();
        let mut parts = arn.rsplitn(3, ':');
        let (id, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_known = match kind {
            "replicationgroup" => self.find(id).map(|_| true)?,
            "subnetgroup" => self.subnet_groups.contains_key(id),
            "parametergroup" => self.parameter_groups.contains_key(id),
            "snapshot" => self.snapshots.contains_key(id),
            _ => false,
        };
        if !is_known {
            return Err(Refusal::new(400, "InvalidARN", format!("{arn} names nothing")));
        }
        if let (Some(group), true) = (self.groups.get(id), ask.action() != "ListTagsForResource") {
            group.must_be_available(&status(ask, group, now))?;
        }
        let tags = self.tags.entry(arn.to_owned()).or_default();
        match ask.action() {
            "AddTagsToResource" => tags.extend(ask.query.tags()),
            "RemoveTagsFromResource" => {
                let keys = ask.query.list("TagKeys");
                tags.retain(|key, _| !keys.contains(&key.as_str()));
            }
            _ => {}
        }
        let tag = |(key, value)| {
            Element::tree("Tag", [Element::leaf("Key", key), Element::leaf("Value", value)])
        };
        Ok(Element::tree("TagList", tags.iter().map(tag)))
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
    ask.upstream.account.to_str().unwrap_or_default()
}

fn versions(ask: &Ask<'_>) -> Element {
    let query = &ask.query;
    let is_wanted = |row: &&(&str, &str, &str, &str)| {
        query.get("Engine").is_none_or(|engine| engine == row.0)
            && query.get("EngineVersion").is_none_or(|version| version == row.1 || version == row.2)
            && query.get("CacheParameterGroupFamily").is_none_or(|family| family == row.3)
    };
    let version = |row: &(&str, &str, &str, &str)| {
        Element::tree(
            "CacheEngineVersion",
            [
                Element::leaf("Engine", row.0),
                Element::leaf("EngineVersion", row.1),
                Element::leaf("CacheParameterGroupFamily", row.3),
            ],
        )
    };
    Element::tree("CacheEngineVersions", catalog::CACHE.iter().filter(is_wanted).map(version))
}
