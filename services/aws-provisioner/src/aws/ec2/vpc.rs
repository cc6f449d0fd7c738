//! VPCs and subnets as AWS describes them, read into plain values. Ranges of IPv6 are left out: the network's own VPC has
//! none, so nothing of it can overlap them.

use aws_sdk_ec2::types::VpcCidrBlockStateCode;
use ipnet::Ipv4Net;

use crate::tags::Tags;

/// A VPC that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vpc {
    /// Its id.
    pub id: String,
    /// All its ranges of IPv4 addresses, the primary one first.
    pub ranges: Vec<Ipv4Net>,
    /// Its tags.
    pub tags: Tags,
}

/// A subnet that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Id of its VPC.
    pub vpc: String,
    /// Name of its zone.
    pub zone: String,
    /// Its range of IPv4 addresses; unset where it has none.
    pub range: Option<Ipv4Net>,
    /// Its tags.
    pub tags: Tags,
}

impl Vpc {
    /// `None` for an answer without an id, which nothing can be done with.
    pub(super) fn read(found: aws_sdk_ec2::types::Vpc) -> Option<Self> {
        let is_there = |state: Option<&VpcCidrBlockStateCode>| {
            !matches!(
                state,
                Some(
                    VpcCidrBlockStateCode::Disassociated
                        | VpcCidrBlockStateCode::Failed
                        | VpcCidrBlockStateCode::Failing
                )
            )
        };
        let others = found.cidr_block_association_set.unwrap_or_default().into_iter();
        let others = others
            .filter(|it| is_there(it.cidr_block_state.as_ref().and_then(|it| it.state.as_ref())))
            .filter_map(|it| it.cidr_block);
        let mut ranges: Vec<Ipv4Net> = Vec::new();
        for range in found.cidr_block.into_iter().chain(others).filter_map(|it| it.parse().ok()) {
            if !ranges.contains(&range) {
                ranges.push(range);
            }
        }
        Some(Self { id: found.vpc_id?, ranges, tags: super::tags(found.tags) })
    }
}

impl Subnet {
    /// `None` for an answer without an id, which nothing can be done with.
    pub(super) fn read(found: aws_sdk_ec2::types::Subnet) -> Option<Self> {
        Some(Self {
            id: found.subnet_id?,
            vpc: found.vpc_id.unwrap_or_default(),
            zone: found.availability_zone.unwrap_or_default(),
            range: found.cidr_block.and_then(|it| it.parse().ok()),
            tags: super::tags(found.tags),
        })
    }
}
