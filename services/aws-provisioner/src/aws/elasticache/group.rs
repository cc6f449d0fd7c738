//! A replication group as AWS describes it, read into plain values. Every field of AWS is optional, and may be missing.

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus as Failover, MultiAzStatus, PendingAutomaticFailoverStatus as Pending,
    ReplicationGroup,
};

use super::setting::Setting;

/// A replication group that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its identifier, in lower case.
    pub id: String,
    /// Its ARN; empty when AWS does not tell it.
    pub arn: String,
    /// The text of the API, such as `available`.
    pub status: String,
    /// Where it answers; unset while it is being made.
    pub endpoint: Option<Endpoint>,
    /// Its node that takes writes; unset in cluster mode, or when AWS does not tell it.
    pub primary: Option<String>,
    /// `redis` or `valkey`; unset when AWS does not tell it.
    pub engine: Option<String>,
    /// Its nodes; none when AWS does not tell them.
    pub nodes: usize,
    /// What it has, as far as AWS tells it of the group.
    pub settings: Vec<Setting>,
    /// What AWS has accepted and not applied yet, as far as it tells it of the group.
    pub pending: Vec<Setting>,
    /// Applications must know a token.
    pub has_auth: bool,
    /// Applications must speak TLS.
    pub has_tls: bool,
    /// Whether what it stores is encrypted.
    pub is_encrypted_at_rest: bool,
    /// ARN of the key of that encryption.
    pub kms_key: Option<String>,
}

/// Where a group answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// A name of DNS.
    pub host: String,
    /// TCP port.
    pub port: i32,
}

impl Group {
    /// `None` for an answer without an identifier, which nothing can be done with.
    pub(super) fn read(found: ReplicationGroup) -> Option<Self> {
        Some(Self {
            id: found.replication_group_id.clone()?.to_ascii_lowercase(),
            arn: found.arn.clone().unwrap_or_default(),
            status: found.status.clone().unwrap_or_default(),
            endpoint: endpoint(&found),
            primary: primary(&found),
            engine: found.engine.clone().filter(|engine| !engine.is_empty()),
            nodes: found.member_clusters.as_ref().map_or(0, Vec::len),
            settings: settings(&found),
            pending: pending(&found),
            has_auth: found.auth_token_enabled == Some(true),
            has_tls: found.transit_encryption_enabled == Some(true),
            is_encrypted_at_rest: found.at_rest_encryption_enabled == Some(true),
            kms_key: found.kms_key_id.filter(|key| !key.is_empty()),
        })
    }

    /// Its value of the field of `like`.
    pub fn setting(&self, like: &Setting) -> Option<&Setting> {
        self.settings.iter().find(|it| it.field() == like.field())
    }
}

/// The primary's, or that of a group in cluster mode, which somebody may have made and we adopted.
fn endpoint(found: &ReplicationGroup) -> Option<Endpoint> {
    let groups = found.node_groups.iter().flatten();
    let mut primaries = groups.filter_map(|group| group.primary_endpoint.as_ref());
    let endpoint = found.configuration_endpoint.as_ref().or_else(|| primaries.next())?;
    let host = endpoint.address.clone().filter(|host| !host.is_empty())?;
    Some(Endpoint { host, port: endpoint.port? })
}

fn primary(found: &ReplicationGroup) -> Option<String> {
    let mut members = found.node_groups.as_ref()?.first()?.node_group_members.iter().flatten();
    let primary = members.find(|it| it.current_role.as_deref() == Some("primary"))?;
    primary.cache_cluster_id.clone()
}

fn settings(found: &ReplicationGroup) -> Vec<Setting> {
    let failover = found.automatic_failover.as_ref();
    let failover = failover.map(|it| matches!(it, Failover::Enabled | Failover::Enabling));
    [
        found.cache_node_type.clone().map(Setting::NodeType),
        found.snapshot_retention_limit.map(Setting::SnapshotRetention),
        found.snapshot_window.clone().map(Setting::SnapshotWindow),
        failover.map(Setting::AutomaticFailover),
        found.multi_az.as_ref().map(|it| Setting::MultiAz(*it == MultiAzStatus::Enabled)),
        found.auto_minor_version_upgrade.map(Setting::AutoMinorVersionUpgrade),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pending(found: &ReplicationGroup) -> Vec<Setting> {
    let pending = found.pending_modified_values.as_ref();
    let failover = pending.and_then(|pending| pending.automatic_failover_status.as_ref());
    failover.map(|it| Setting::AutomaticFailover(*it == Pending::Enabled)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticache::types::{Endpoint as Address, NodeGroup};

    use super::*;

    #[test]
    fn w21_a_group_of_which_aws_tells_almost_nothing_is_read_all_the_same() {
        let bare = ReplicationGroup::builder().replication_group_id("CRO-A").build();
        let expected = Group { id: "cro-a".into(), ..Group::default() };
        assert_eq!(Group::read(bare).unwrap(), expected);
        assert_eq!(Group::read(ReplicationGroup::builder().build()), None);
        for half in [NodeGroup::builder().build(), node_group("", 6379)] {
            let group = ReplicationGroup::builder().replication_group_id("a").node_groups(half);
            assert_eq!(Group::read(group.build()).unwrap().endpoint, None);
        }
    }

    #[test]
    fn a_group_answers_at_its_primary_or_in_cluster_mode_where_its_configuration_is() {
        let group = ReplicationGroup::builder().replication_group_id("a");
        let group = group.node_groups(node_group("primary", 6379));
        let host = |group: ReplicationGroup| Group::read(group).unwrap().endpoint.unwrap().host;
        assert_eq!(host(group.clone().build()), "primary");
        let clustered = Address::builder().address("clustercfg").port(6379).build();
        assert_eq!(host(group.configuration_endpoint(clustered).build()), "clustercfg");
    }

    fn node_group(host: &str, port: i32) -> NodeGroup {
        let address = Address::builder().address(host).port(port).build();
        NodeGroup::builder().primary_endpoint(address).build()
    }
}
