//! What keeps a network from being as desired and is nobody's outage.

use ipnet::{IpNet, Ipv4Net};
use proto::ErrorClass;

/// A network that needs somebody. The texts are stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The item does not say what is wanted.
    #[error("the watcher asks for no network, or for a mode that this version does not know")]
    Unknown,
    /// A text that is no range of addresses.
    #[error("{text:?} of {owner} is no range of addresses")]
    NoRange {
        /// What was read.
        text: String,
        /// Whose range it should be.
        owner: &'static str,
    },
    /// A VPC has IPv4 addresses first of all.
    #[error("createStrategy.CidrBlock {text:?} is no range of IPv4 addresses")]
    NotIpv4 {
        /// What was read.
        text: String,
    },
    /// The Go operator's limits and text.
    #[error(
        "{range} is out of range, block sizes must be between `/16` and `/26`, please update `_network` strategy"
    )]
    OutOfRange {
        /// What was asked for.
        range: Ipv4Net,
    },
    /// A range that something else has.
    #[error(
        "createStrategy.CidrBlock {range} overlaps with {taken} of {owner}: choose another, or none"
    )]
    Overlap {
        /// What was asked for.
        range: Ipv4Net,
        /// What has it.
        taken: IpNet,
        /// Whose that is.
        owner: &'static str,
    },
    /// Nothing is left of the private networks.
    #[error(
        "no range of addresses is free for a VPC: name one in createStrategy.CidrBlock of the _network strategy"
    )]
    NoFreeRange,
    /// The VPC is full.
    #[error("VPC {0} has no room for another subnet: remove those that are not the operator's")]
    NoRoom(String),
    /// Something that is not ours keeps the VPC.
    #[error("VPC {vpc} cannot be deleted: {by} in it is not the operator's: remove it")]
    Held {
        /// The network's VPC.
        vpc: String,
        /// What.
        by: String,
    },
    /// Too few zones, or zones without what is wanted.
    #[error("region {region} has {found} that can be used, two are needed: {advice}")]
    TooFewZones {
        /// The region.
        region: String,
        /// What was found, for people.
        found: String,
        /// What to do.
        advice: &'static str,
        /// The strategy has asked for it so.
        is_asked_for: bool,
    },
    /// Nobody knows where the cluster is.
    #[error(
        "no VPC of the cluster was found: none has a subnet with tag kubernetes.io/cluster/{cluster}; name it in CLUSTER_VPC_ID"
    )]
    NoClusterVpc {
        /// The cluster's id.
        cluster: String,
    },
    /// The cluster is in more than one VPC.
    #[error("the cluster has subnets in {0}: name its VPC in CLUSTER_VPC_ID")]
    ClusterVpcs(String),
    /// A VPC that was named does not exist.
    #[error("the cluster's VPC {0} does not exist in the network's account and region")]
    MissingClusterVpc(String),
    /// There are two of what there must be one of.
    #[error("the cluster has two networks, {0}: delete one that no database uses")]
    TwoVpcs(String),
    /// It was there and is not any more, and nobody asked for that.
    #[error(
        "the network's VPC {0} is gone though it is needed: restore it with its tags, or delete all databases on AWS"
    )]
    Gone(String),
    /// AWS or somebody ends each peering.
    #[error(
        "peerings of VPC {vpc} with the cluster's VPC end as {status}: look at them, at their ranges of addresses, and at who rejects them"
    )]
    PeeringFails {
        /// The network's VPC.
        vpc: String,
        /// How the last one ended.
        status: String,
    },
    /// Somebody's route leads elsewhere.
    #[error(
        "route table {table} has a route to {destination} that is not ours: remove it, or choose another createStrategy.CidrBlock"
    )]
    RouteTaken {
        /// Id of the table.
        table: String,
        /// The range of addresses.
        destination: String,
    },
    /// The network exists in another mode.
    #[error(
        "the network was made as {found} and is asked for as {wanted}: delete all databases on AWS first"
    )]
    OtherMode {
        /// How it was made.
        found: String,
        /// How it is asked for.
        wanted: &'static str,
    },
    /// The administrator's network lacks something.
    #[error("the network that was named cannot be used: {0}")]
    Unusable(String),
}

impl Problem {
    /// The class that decides delay and disposition.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Unknown
            | Self::NoRange { .. }
            | Self::NotIpv4 { .. }
            | Self::OutOfRange { .. }
            | Self::Overlap { .. }
            | Self::OtherMode { .. }
            | Self::TooFewZones { is_asked_for: true, .. } => ErrorClass::Invalid,
            // Somebody may change that outside, without another item.
            _ => ErrorClass::NeedsPerson,
        }
    }

    /// `CamelCase` reason for a condition.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unknown => "UnknownNetwork",
            Self::NoRange { .. } | Self::NotIpv4 { .. } => "NoRange",
            Self::OutOfRange { .. } => "RangeOutOfRange",
            Self::Overlap { .. } => "RangesOverlap",
            Self::NoFreeRange => "NoFreeRange",
            Self::NoRoom(_) => "NoRoom",
            Self::Held { .. } => "NetworkHeld",
            Self::TooFewZones { .. } => "TooFewZones",
            Self::NoClusterVpc { .. } | Self::ClusterVpcs(_) | Self::MissingClusterVpc(_) => {
                "NoClusterVpc"
            }
            Self::TwoVpcs(_) => "TwoNetworks",
            Self::Gone(_) => "NetworkGone",
            Self::PeeringFails { .. } => "PeeringFails",
            Self::RouteTaken { .. } => "RouteTaken",
            Self::OtherMode { .. } => "OtherMode",
            Self::Unusable(_) => "NetworkUnusable",
        }
    }
}
