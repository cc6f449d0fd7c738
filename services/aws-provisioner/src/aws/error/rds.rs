//! Codes of RDS (<https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html> and each operation).

use super::Kind;

/// The meaning of a code that RDS alone has.
pub(super) fn kind(code: &str) -> Option<Kind> {
    Some(match code {
        "DBInstanceNotFound"
        | "DBInstanceNotFoundFault"
        | "DBSnapshotNotFound"
        | "DBSnapshotNotFoundFault"
        // Just made by the network's item.
        | "DBSubnetGroupNotFound"
        | "DBSubnetGroupNotFoundFault" => Kind::NotFound,
        "DBInstanceAlreadyExists" | "DBInstanceAlreadyExistsFault" | "DBSnapshotAlreadyExists"
        | "DBSubnetGroupAlreadyExists" => {
            Kind::AlreadyExists
        }
        "InvalidDBInstanceState" | "InvalidDBInstanceStateFault" | "InvalidDBSnapshotState" => {
            Kind::State
        }
        "InvalidDBSubnetGroupState"
        | "InvalidDBSubnetGroupStateFault"
        | "SubnetAlreadyInUse" => Kind::InUse,
        "InstanceQuotaExceeded"
        | "DBSubnetGroupQuotaExceeded"
        | "DBSubnetQuotaExceededFault"
        | "StorageQuotaExceeded"
        | "SnapshotQuotaExceeded"
        | "InsufficientDBInstanceCapacity" => Kind::Quota,
        "InvalidParameterValue"
        | "InvalidParameterCombination"
        | "InvalidSubnet"
        | "KMSKeyNotAccessibleFault"
        | "CertificateNotFound"
        | "DBParameterGroupNotFound"
        | "DBSubnetGroupDoesNotCoverEnoughAZs"
        | "DBUpgradeDependencyFailure"
        | "ProvisionedIopsNotAvailableInAZFault"
        | "StorageTypeNotSupported"
        | "InvalidVPCNetworkStateFault" => Kind::Invalid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a10_a11_a12_quotas_are_no_mistakes_and_a_busy_instance_is_neither() {
        let table = [
            ("InstanceQuotaExceeded", Kind::Quota),
            ("InvalidParameterValue", Kind::Invalid),
            ("InvalidParameterCombination", Kind::Invalid),
            ("InvalidSubnet", Kind::Invalid),
            ("InvalidDBInstanceState", Kind::State),
            ("DBInstanceNotFound", Kind::NotFound),
        ];
        for (code, expected) in table {
            assert_eq!(kind(code), Some(expected), "{code}");
        }
        assert_eq!(kind("Throttling"), None);
    }
}
