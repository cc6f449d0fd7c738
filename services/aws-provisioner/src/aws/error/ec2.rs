//! Codes of EC2 (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).

use super::Kind;

/// The meaning of a code that EC2 alone has.
pub(super) fn kind(code: &str) -> Option<Kind> {
    Some(match code {
        _ if code.starts_with("Invalid") && code.ends_with(".NotFound") => Kind::NotFound,
        "InvalidSubnet.Conflict"
        | "InvalidGroup.Duplicate"
        | "InvalidPermission.Duplicate"
        | "RouteAlreadyExists"
        | "VpcPeeringConnectionAlreadyExists" => Kind::AlreadyExists,
        "DependencyViolation" | "InvalidGroup.InUse" => Kind::InUse,
        "InvalidStateTransition" | "IncorrectState" => Kind::State,
        "VpcLimitExceeded"
        | "SubnetLimitExceeded"
        | "SecurityGroupLimitExceeded"
        | "RulesPerSecurityGroupLimitExceeded"
        | "RouteLimitExceeded"
        | "ActiveVpcPeeringConnectionPerVpcLimitExceeded"
        | "OutstandingVpcPeeringConnectionLimitExceeded"
        | "InsufficientFreeAddressesInSubnet" => Kind::Quota,
        "InvalidInstanceType"
        | "InvalidVpcRange"
        | "InvalidVpc.Range"
        | "InvalidSubnet.Range"
        | "RouteNotSupported" => Kind::Invalid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a10_a11_a_quota_is_no_throttling_and_what_exists_is_no_mistake() {
        let table = [
            ("VpcLimitExceeded", Some(Kind::Quota)),
            ("RequestLimitExceeded", None),
            ("InvalidVpcID.NotFound", Some(Kind::NotFound)),
            ("InvalidVpcPeeringConnectionID.NotFound", Some(Kind::NotFound)),
            ("InvalidRoute.NotFound", Some(Kind::NotFound)),
            ("InvalidSubnet.Conflict", Some(Kind::AlreadyExists)),
            ("InvalidPermission.Duplicate", Some(Kind::AlreadyExists)),
            ("DependencyViolation", Some(Kind::InUse)),
            ("InvalidVpc.Range", Some(Kind::Invalid)),
            ("InvalidInstanceType", Some(Kind::Invalid)),
        ];
        for (code, expected) in table {
            assert_eq!(kind(code), expected, "{code}");
        }
    }
}
