//! Cache clusters as AWS shows them.

use super::{Place, is_on, named, or};
use crate::aws::catalog;
use crate::aws::elasticache::group::Group;
use crate::aws::xml::Element;

/// The cache clusters of a group.
pub(in crate::aws::elasticache) fn clusters(
    group: &Group,
    status: &str,
    place: &Place<'_>,
    has_nodes: bool,
) -> Vec<Element> {
    let cluster =
        |(number, id): (usize, String)| cluster(group, status, place, (number, &id, has_nodes));
    group.clusters().enumerate().map(cluster).collect()
}

fn cluster(
    group: &Group,
    status: &str,
    place: &Place<'_>,
    (number, id, has_nodes): (usize, &str, bool),
) -> Element {
    let waiting = ["EngineVersion", "CacheNodeType"].into_iter().filter_map(|name| {
        let value = group.pending.get(name).or_else(|| group.applying.get(name))?;
        Some(Element::leaf(name, value))
    });
    let security = group.security_groups.iter().map(|id| {
        Element::tree(
            "member",
            [Element::leaf("SecurityGroupId", id), Element::leaf("Status", "active")],
        )
    });
    let family =
        catalog::cache(group.value("Engine"), group.value("EngineVersion")).map_or("", |row| row.3);
    let parameters = format!("default.{family}");
    let mut node = Element::tree(
        "CacheCluster",
        [
            Element::leaf("CacheClusterId", id),
            Element::leaf("CacheNodeType", or(group.value("CacheNodeType"), "cache.t3.micro")),
            Element::leaf("Engine", group.value("Engine")),
            Element::leaf("EngineVersion", group.value("EngineVersion")),
            Element::leaf("CacheClusterStatus", status),
            Element::leaf("NumCacheNodes", 1),
            Element::leaf("PreferredAvailabilityZone", place.zone(number)),
            Element::leaf("CacheClusterCreateTime", &group.created),
            Element::leaf(
                "PreferredMaintenanceWindow",
                or(group.value("PreferredMaintenanceWindow"), "sun:05:00-sun:06:00"),
            ),
            Element::tree("PendingModifiedValues", waiting),
            Element::tree(
                "CacheParameterGroup",
                [
                    Element::leaf(
                        "CacheParameterGroupName",
                        or(group.value("CacheParameterGroupName"), &parameters),
                    ),
                    Element::leaf("ParameterApplyStatus", "in-sync"),
                ],
            ),
            Element::leaf(
                "CacheSubnetGroupName",
                or(group.value("CacheSubnetGroupName"), "default"),
            ),
            Element::leaf(
                "AutoMinorVersionUpgrade",
                or(group.value("AutoMinorVersionUpgrade"), "true"),
            ),
            Element::tree("SecurityGroups", security),
            Element::leaf("ReplicationGroupId", &group.id),
            Element::leaf("SnapshotRetentionLimit", or(group.value("SnapshotRetentionLimit"), "0")),
            Element::leaf("SnapshotWindow", or(group.value("SnapshotWindow"), "05:00-06:00")),
            Element::leaf("AuthTokenEnabled", group.login.is_some()),
            Element::leaf("TransitEncryptionEnabled", is_on(group, "TransitEncryptionEnabled")),
            Element::leaf("AtRestEncryptionEnabled", is_on(group, "AtRestEncryptionEnabled")),
            Element::leaf("ARN", place.arn("cluster", id)),
        ],
    );
    if has_nodes {
        node.children.push(Element::tree(
            "CacheNodes",
            [Element::tree(
                "CacheNode",
                [
                    Element::leaf("CacheNodeId", "0001"),
                    Element::leaf("CacheNodeStatus", status),
                    Element::leaf("CacheNodeCreateTime", &group.created),
                    named("Endpoint", place.address(id, group)),
                    Element::leaf("ParameterGroupStatus", "in-sync"),
                    Element::leaf("CustomerAvailabilityZone", place.zone(number)),
                ],
            )],
        ));
    }
    node
}
