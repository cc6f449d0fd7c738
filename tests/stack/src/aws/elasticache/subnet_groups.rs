//! Subnet groups.

use super::{ElastiCache, place};
use crate::aws::ask::Ask;
use crate::aws::refusal::Refusal;
use crate::aws::subnets::{self, Subnet};
use crate::aws::xml::Element;

pub(super) const SUBNET_GROUP: &str = "CacheSubnetGroupName";

/// A subnet group.
pub(super) struct SubnetGroup {
    description: String,
    subnets: Vec<Subnet>,
}

impl SubnetGroup {
    pub(super) fn ids(&self) -> Vec<String> {
        self.subnets.iter().map(|subnet| subnet.id.clone()).collect()
    }

    pub(super) fn zones(&self) -> Vec<String> {
        subnets::zones(&self.subnets).into_iter().map(str::to_owned).collect()
    }
}

pub(super) fn missing_subnet_group(name: &str) -> Refusal {
    Refusal::new(
        400,
        "CacheSubnetGroupNotFoundFault",
        format!("CacheSubnetGroup {name} not found."),
    )
}

impl ElastiCache {
    pub(super) async fn create_subnet_group(&mut self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let name = ask.query.id(SUBNET_GROUP).unwrap_or_default();
        if self.subnet_groups.contains_key(&name) {
            let message = format!("Cache subnet group {name} already exists.");
            return Err(Refusal::new(400, "CacheSubnetGroupAlreadyExists", message));
        }
        let subnets = subnets::find(ask, &ask.query.list("SubnetIds")).await?;
        let description =
            ask.query.get("CacheSubnetGroupDescription").unwrap_or_default().to_owned();
        self.subnet_groups.insert(name.clone(), SubnetGroup { description, subnets });
        let arn = place(ask, &[], "").arn("subnetgroup", &name);
        self.tags.insert(arn, ask.query.tags().into_iter().collect());
        self.subnet_group(ask, &name)
    }

    pub(super) async fn modify_subnet_group(&mut self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let name = ask.query.id(SUBNET_GROUP).unwrap_or_default();
        let group = self.subnet_groups.get(&name).ok_or_else(|| missing_subnet_group(&name))?;
        let (mut description, ids) = (group.description.clone(), ask.query.list("SubnetIds"));
        if let Some(other) = ask.query.get("CacheSubnetGroupDescription") {
            other.clone_into(&mut description);
        }
        if !ids.is_empty() {
            let subnets = subnets::find(ask, &ids).await?;
            let is_lost = group.ids().iter().any(|id| !ids.contains(&id.as_str()));
            if is_lost && self.groups.values().any(|it| it.value(SUBNET_GROUP) == name) {
                return Err(Refusal::new(400, "SubnetInUse", "a cluster stands in the subnet"));
            }
            self.subnet_groups.insert(name.clone(), SubnetGroup { description, subnets });
        } else if let Some(group) = self.subnet_groups.get_mut(&name) {
            group.description = description;
        }
        self.subnet_group(ask, &name)
    }

    pub(super) fn describe_subnet_groups(&self, ask: &Ask<'_>) -> Result<Element, Refusal> {
        let names: Vec<String> = match ask.query.id(SUBNET_GROUP) {
            Some(name) => vec![name],
            None => self.subnet_groups.keys().cloned().collect(),
        };
        let shown =
            names.iter().map(|name| self.subnet_group(ask, name)).collect::<Result<Vec<_>, _>>()?;
        Ok(Element::tree("CacheSubnetGroups", shown))
    }

    pub(super) fn delete_subnet_group(&mut self, ask: &Ask<'_>) -> Result<Vec<Element>, Refusal> {
        let name = ask.query.id(SUBNET_GROUP).unwrap_or_default();
        if self.groups.values().any(|group| group.value(SUBNET_GROUP) == name) {
            let message =
                format!("Cache subnet group {name} is currently in use by a cache cluster.");
            return Err(Refusal::new(400, "CacheSubnetGroupInUse", message));
        }
        self.subnet_groups.remove(&name).ok_or_else(|| missing_subnet_group(&name))?;
        self.tags.remove(&place(ask, &[], "").arn("subnetgroup", &name));
        Ok(Vec::new())
    }

    fn subnet_group(&self, ask: &Ask<'_>, name: &str) -> Result<Element, Refusal> {
        let group = self.subnet_groups.get(name).ok_or_else(|| missing_subnet_group(name))?;
        let subnet = |subnet: &Subnet| {
            Element::tree(
                "Subnet",
                [
                    Element::leaf("SubnetIdentifier", &subnet.id),
                    Element::tree("SubnetAvailabilityZone", [Element::leaf("Name", &subnet.zone)]),
                ],
            )
        };
        Ok(Element::tree(
            "CacheSubnetGroup",
            [
                Element::leaf(SUBNET_GROUP, name),
                Element::leaf("CacheSubnetGroupDescription", &group.description),
                Element::leaf("VpcId", group.subnets.first().map_or("", |subnet| &subnet.vpc)),
                Element::tree("Subnets", group.subnets.iter().map(subnet)),
                Element::leaf("ARN", place(ask, &[], "").arn("subnetgroup", name)),
            ],
        ))
    }
}
