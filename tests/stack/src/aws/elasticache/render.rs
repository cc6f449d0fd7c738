//! Groups as AWS shows them, and their clusters.

mod cluster;

use super::group::Group;
use crate::aws::xml::Element;

pub(super) use cluster::clusters;

/// Where things are.
pub(super) struct Place<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) zones: &'a [String],
    /// A server that the test has started.
    pub(super) endpoint: Option<(String, u16)>,
}

impl Place<'_> {
    pub(super) fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:elasticache:{}:{}:{kind}:{id}", self.region, self.account)
    }

    fn address(&self, name: &str, group: &Group) -> Element {
        let own = || (format!("{name}.aaaaaa.{}.cache.amazonaws.com", self.region), port(group));
        let (address, port) = self.endpoint.clone().unwrap_or_else(own);
        Element::tree("", [Element::leaf("Address", address), Element::leaf("Port", port)])
    }

    fn zone(&self, number: usize) -> String {
        let count = self.zones.len().max(1);
        self.zones.get(number % count).cloned().unwrap_or_else(|| format!("{}a", self.region))
    }
}

fn port(group: &Group) -> u16 {
    group.value("Port").parse().unwrap_or(6379)
}

fn named(name: &str, element: Element) -> Element {
    Element { name: name.to_owned(), ..element }
}

fn is_on(group: &Group, name: &str) -> bool {
    group.value(name).eq_ignore_ascii_case("true")
}

fn or<'a>(value: &'a str, default: &'a str) -> &'a str {
    if value.is_empty() { default } else { value }
}

fn switch(is_on: bool) -> &'static str {
    if is_on { "enabled" } else { "disabled" }
}

/// A group.
pub(super) fn group(group: &Group, status: &str, place: &Place<'_>) -> Element {
    let clusters: Vec<String> = group.clusters().collect();
    let mut node = Element::tree(
        "ReplicationGroup",
        [
            Element::leaf("ReplicationGroupId", &group.id),
            Element::leaf("Description", group.value("ReplicationGroupDescription")),
            Element::leaf("Status", status),
            pending(group),
            Element::tree(
                "MemberClusters",
                clusters.iter().map(|id| Element::leaf("ClusterId", id)),
            ),
            Element::leaf("AutomaticFailover", failover(group)),
            Element::leaf("MultiAZ", switch(is_on(group, "MultiAZEnabled"))),
            Element::leaf("SnapshotRetentionLimit", or(group.value("SnapshotRetentionLimit"), "0")),
            Element::leaf("SnapshotWindow", or(group.value("SnapshotWindow"), "05:00-06:00")),
            Element::leaf("ClusterEnabled", false),
            Element::leaf("CacheNodeType", or(group.value("CacheNodeType"), "cache.t3.micro")),
            Element::leaf("AuthTokenEnabled", group.login.is_some()),
            Element::leaf("TransitEncryptionEnabled", is_on(group, "TransitEncryptionEnabled")),
            Element::leaf("AtRestEncryptionEnabled", is_on(group, "AtRestEncryptionEnabled")),
            Element::leaf("ARN", place.arn("replicationgroup", &group.id)),
            Element::leaf("ReplicationGroupCreateTime", &group.created),
            Element::leaf("DataTiering", "disabled"),
            Element::leaf(
                "AutoMinorVersionUpgrade",
                or(group.value("AutoMinorVersionUpgrade"), "true"),
            ),
            Element::leaf("NetworkType", or(group.value("NetworkType"), "ipv4")),
            Element::leaf("IpDiscovery", or(group.value("IpDiscovery"), "ipv4")),
            Element::leaf("ClusterMode", "disabled"),
            Element::leaf("Engine", group.value("Engine")),
        ],
    );
    optional(group, &mut node);
    // There is nothing to connect to before the group is made.
    if status != "creating" && status != "create-failed" {
        node.children.push(Element::tree("NodeGroups", [node_group(group, status, place)]));
    }
    node
}

fn optional(group: &Group, node: &mut Element) {
    if is_on(group, "TransitEncryptionEnabled") {
        let mode = or(group.value("TransitEncryptionMode"), "required");
        node.children.push(Element::leaf("TransitEncryptionMode", mode));
    }
    for name in ["KmsKeyId", "SnapshottingClusterId"] {
        if !group.value(name).is_empty() {
            node.children.push(Element::leaf(name, group.value(name)));
        }
    }
}

fn failover(group: &Group) -> &'static str {
    match (
        group.applying.get("AutomaticFailoverEnabled").map(String::as_str),
        is_on(group, "AutomaticFailoverEnabled"),
    ) {
        (Some("true"), false) => "enabling",
        (Some("false"), true) => "disabling",
        (_, is_on) => switch(is_on),
    }
}

fn pending(group: &Group) -> Element {
    let waiting = |name: &str| group.pending.get(name).or_else(|| group.applying.get(name));
    let token = waiting("AuthToken").map(|_| {
        match waiting("AuthTokenUpdateStrategy").map(String::as_str) {
            Some("SET") => "SETTING",
            _ => "ROTATING",
        }
    });
    let shown = [
        waiting("AutomaticFailoverEnabled").map(|it| {
            Element::leaf("AutomaticFailoverStatus", switch(it.eq_ignore_ascii_case("true")))
        }),
        token.map(|status| Element::leaf("AuthTokenStatus", status)),
        waiting("TransitEncryptionEnabled").map(|it| Element::leaf("TransitEncryptionEnabled", it)),
        waiting("TransitEncryptionMode").map(|it| Element::leaf("TransitEncryptionMode", it)),
    ];
    Element::tree("PendingModifiedValues", shown.into_iter().flatten())
}

fn node_group(group: &Group, status: &str, place: &Place<'_>) -> Element {
    let member = |(number, id): (usize, String)| {
        Element::tree(
            "NodeGroupMember",
            [
                Element::leaf("CacheClusterId", &id),
                Element::leaf("CacheNodeId", "0001"),
                named("ReadEndpoint", place.address(&id, group)),
                Element::leaf("PreferredAvailabilityZone", place.zone(number)),
                Element::leaf("CurrentRole", if number == 0 { "primary" } else { "replica" }),
            ],
        )
    };
    let primary = format!("master.{}", group.id);
    let reader = format!("replica.{}", group.id);
    Element::tree(
        "NodeGroup",
        [
            Element::leaf("NodeGroupId", "0001"),
            Element::leaf("Status", status),
            named("PrimaryEndpoint", place.address(&primary, group)),
            named("ReaderEndpoint", place.address(&reader, group)),
            Element::tree("NodeGroupMembers", group.clusters().enumerate().map(member)),
        ],
    )
}
