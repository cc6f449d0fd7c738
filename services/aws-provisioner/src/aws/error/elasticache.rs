//! Codes of ElastiCache (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/CommonErrors.html> and each
//! operation). Some have two spellings: the model's and that of answers.

use super::Kind;

/// The meaning of a code that ElastiCache alone has.
pub(super) fn kind(code: &str) -> Option<Kind> {
    let code = code.strip_suffix("Fault").unwrap_or(code);
    Some(match code {
        "ReplicationGroupNotFound" | "CacheClusterNotFound" | "SnapshotNotFound"
        // Just made by the network's item.
        | "CacheSubnetGroupNotFound" => Kind::NotFound,
        "ReplicationGroupAlreadyExists" | "SnapshotAlreadyExists" | "CacheSubnetGroupAlreadyExists" => Kind::AlreadyExists,
        "InvalidReplicationGroupState"
        | "InvalidCacheClusterState"
        | "InvalidCacheParameterGroupState"
        | "InvalidSnapshotState" => Kind::State,
        "CacheSubnetGroupInUse" | "SubnetInUse" => Kind::InUse,
        "CacheSubnetGroupQuotaExceeded"
        | "CacheSubnetQuotaExceeded"
        | "NodeQuotaForCustomerExceeded"
        | "NodeQuotaForClusterExceeded"
        | "ClusterQuotaForCustomerExceeded"
        | "NodeGroupsPerReplicationGroupQuotaExceeded"
        | "InsufficientCacheClusterCapacity"
        | "SnapshotQuotaExceeded"
        | "TagQuotaPerResourceExceeded" => Kind::Quota,
        "CacheParameterGroupNotFound"
        | "SnapshotFeatureNotSupported"
        | "ServiceUpdateNotFound"
        | "InvalidKMSKey" => Kind::Invalid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a10_a12_quotas_are_no_mistakes_and_a_busy_group_is_neither() {
        let table = [
            ("NodeQuotaForCustomerExceeded", Kind::Quota),
            ("InsufficientCacheClusterCapacity", Kind::Quota),
            ("InsufficientCacheClusterCapacityFault", Kind::Quota),
            ("InvalidReplicationGroupState", Kind::State),
            ("InvalidReplicationGroupStateFault", Kind::State),
            ("ReplicationGroupNotFoundFault", Kind::NotFound),
            ("ReplicationGroupAlreadyExists", Kind::AlreadyExists),
            ("SnapshotAlreadyExistsFault", Kind::AlreadyExists),
            ("CacheParameterGroupNotFound", Kind::Invalid),
        ];
        for (code, expected) in table {
            assert_eq!(kind(code), Some(expected), "{code}");
        }
        assert_eq!(kind("Throttling"), None);
    }

    #[test]
    fn w74_a_snapshot_that_is_gone_is_known_by_either_code() {
        for code in ["SnapshotNotFound", "SnapshotNotFoundFault"] {
            assert_eq!(kind(code), Some(Kind::NotFound), "{code}");
        }
    }
}
