//! Route tables as AWS describes them, read into plain values.

use aws_sdk_ec2::types::RouteState;

use crate::tags::Tags;

/// A route table that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteTable {
    /// Its id.
    pub id: String,
    /// Id of its VPC.
    pub vpc: String,
    /// Whether subnets of the VPC use it that name no other.
    pub is_main: bool,
    /// Whether a gateway uses it and no subnet: it takes no routes to peerings.
    pub is_of_gateway: bool,
    /// Its routes to ranges of IPv4 addresses.
    pub routes: Vec<Route>,
    /// Its tags.
    pub tags: Tags,
}

/// One route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The range of addresses that it is for.
    pub destination: String,
    /// Id of the peering that it leads to, if it does.
    pub peering: Option<String>,
    /// Whether it leads nowhere.
    pub is_dead: bool,
    /// Whether it is the VPC's own.
    pub is_local: bool,
}

impl RouteTable {
    /// `None` for an answer without an id, which nothing can be done with.
    pub(super) fn read(found: aws_sdk_ec2::types::RouteTable) -> Option<Self> {
        let users = found.associations.unwrap_or_default();
        let of_subnets = |it: &aws_sdk_ec2::types::RouteTableAssociation| {
            it.main == Some(true) || it.subnet_id.is_some()
        };
        let is_of_gateway =
            users.iter().any(|it| it.gateway_id.is_some()) && !users.iter().any(of_subnets);
        let routes = found.routes.unwrap_or_default();
        Some(Self {
            id: found.route_table_id?,
            vpc: found.vpc_id.unwrap_or_default(),
            is_main: users.iter().any(|it| it.main == Some(true)),
            is_of_gateway,
            routes: routes.into_iter().filter_map(Route::read).collect(),
            tags: super::tags(found.tags),
        })
    }
}

impl Route {
    /// `None` for what has no range of IPv4 addresses.
    fn read(found: aws_sdk_ec2::types::Route) -> Option<Self> {
        Some(Self {
            destination: found.destination_cidr_block?,
            peering: found.vpc_peering_connection_id.filter(|it| !it.is_empty()),
            is_dead: found.state == Some(RouteState::Blackhole),
            is_local: found.gateway_id.as_deref() == Some("local"),
        })
    }
}
