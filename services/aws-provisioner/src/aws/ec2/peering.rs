//! Peerings as AWS describes them: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>

use aws_sdk_ec2::types::{VpcPeeringConnection, VpcPeeringConnectionVpcInfo};
use ipnet::Ipv4Net;

use crate::tags::Tags;

/// A peering that exists, or did a moment ago.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peering {
    /// Its id.
    pub id: String,
    /// The text of the API, such as `pending-acceptance`.
    pub status: String,
    /// Who asked for it.
    pub requester: End,
    /// Who must accept it.
    pub accepter: End,
    /// Its tags.
    pub tags: Tags,
}

/// One end of a peering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Id of the VPC.
    pub vpc: String,
    /// Its ranges of IPv4 addresses; AWS tells them of an active peering.
    pub ranges: Vec<Ipv4Net>,
}

impl Peering {
    /// `None` for an answer without an id, which nothing can be done with.
    pub(super) fn read(found: VpcPeeringConnection) -> Option<Self> {
        let status = found.status.and_then(|it| it.code);
        Some(Self {
            id: found.vpc_peering_connection_id?,
            status: status.map(|it| it.as_str().to_owned()).unwrap_or_default(),
            requester: End::read(found.requester_vpc_info),
            accepter: End::read(found.accepter_vpc_info),
            tags: super::tags(found.tags),
        })
    }

    /// Whether it ends in this VPC.
    pub fn ends_in(&self, vpc: &str) -> bool {
        self.requester.vpc == vpc || self.accepter.vpc == vpc
    }

    /// Whether it connects, or may yet.
    pub fn lives(&self) -> bool {
        ["initiating-request", "pending-acceptance", "provisioning", "active"]
            .contains(&self.status.as_str())
    }
}

impl End {
    fn read(found: Option<VpcPeeringConnectionVpcInfo>) -> Self {
        let Some(found) = found else { return Self::default() };
        let others = found.cidr_block_set.unwrap_or_default().into_iter();
        let all = found.cidr_block.into_iter().chain(others.filter_map(|it| it.cidr_block));
        let mut ranges: Vec<Ipv4Net> = all.filter_map(|it| it.parse().ok()).collect();
        ranges.sort_unstable();
        ranges.dedup();
        Self { vpc: found.vpc_id.unwrap_or_default(), ranges }
    }
}
