//! Looks. Every listing is read to its last page.

use aws_sdk_ec2::types::{AvailabilityZone, Filter};

use super::{Ec2, Error, Kind, Peering, RouteTable, SecurityGroup, Subnet, Vpc};
use crate::aws::operations::ec2 as api;

macro_rules! pages {
    ($gate:expr, $operation:expr, $request:expr, $items:ident, $read:expr) => {{
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let page = $gate.call($operation, $request.set_next_token(token).send()).await?;
            found.extend(page.$items.unwrap_or_default().into_iter().filter_map($read));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }};
}

impl Ec2 {
    /// The memory of an instance type, MiB; `None` for a type that EC2 does not have.
    pub async fn memory(&self, instance_type: &str) -> Result<Option<i64>, Error> {
        let request = self.client.describe_instance_types().instance_types(instance_type.into());
        match self.gate.call(api::DESCRIBE_INSTANCE_TYPES, request.send()).await {
            Ok(answer) => {
                let described = answer.instance_types.unwrap_or_default().into_iter().next();
                Ok(described.and_then(|it| it.memory_info?.size_in_mib))
            }
            Err(error) if error.kind == Kind::Invalid => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All VPCs of the region.
    pub async fn vpcs(&self) -> Result<Vec<Vpc>, Error> {
        pages!(self.gate, api::DESCRIBE_VPCS, self.client.describe_vpcs(), vpcs, Vpc::read)
    }

    /// Subnets with a tag of this key, whatever its value.
    pub async fn subnets_tagged(&self, key: &str) -> Result<Vec<Subnet>, Error> {
        let request = || self.client.describe_subnets().filters(filter("tag-key", [key]));
        pages!(self.gate, api::DESCRIBE_SUBNETS, request(), subnets, Subnet::read)
    }

    /// Subnets of a VPC.
    pub async fn subnets_of(&self, vpc: &str) -> Result<Vec<Subnet>, Error> {
        let request = || self.client.describe_subnets().filters(filter("vpc-id", [vpc]));
        pages!(self.gate, api::DESCRIBE_SUBNETS, request(), subnets, Subnet::read)
    }

    /// Security groups of a VPC.
    pub async fn groups_of(&self, vpc: &str) -> Result<Vec<SecurityGroup>, Error> {
        let request = || self.client.describe_security_groups().filters(filter("vpc-id", [vpc]));
        pages!(
            self.gate,
            api::DESCRIBE_SECURITY_GROUPS,
            request(),
            security_groups,
            SecurityGroup::read
        )
    }

    /// Route tables of VPCs.
    pub async fn tables_of(&self, vpcs: &[&str]) -> Result<Vec<RouteTable>, Error> {
        let vpcs = filter("vpc-id", vpcs.iter().copied());
        let request = || self.client.describe_route_tables().filters(vpcs.clone());
        pages!(self.gate, api::DESCRIBE_ROUTE_TABLES, request(), route_tables, RouteTable::read)
    }

    /// Route tables, of whatever VPC, with a route to exactly this range.
    pub async fn tables_to(&self, range: &str) -> Result<Vec<RouteTable>, Error> {
        let range = filter("route.destination-cidr-block", [range]);
        let request = || self.client.describe_route_tables().filters(range.clone());
        pages!(self.gate, api::DESCRIBE_ROUTE_TABLES, request(), route_tables, RouteTable::read)
    }

    /// All peerings of the region; AWS shows those that have ended for some hours.
    pub async fn peerings(&self) -> Result<Vec<Peering>, Error> {
        let request = || self.client.describe_vpc_peering_connections();
        pages!(
            self.gate,
            api::DESCRIBE_VPC_PEERING_CONNECTIONS,
            request(),
            vpc_peering_connections,
            Peering::read
        )
    }

    /// Whatever has an address in a VPC: ids and descriptions.
    pub async fn interfaces_of(&self, vpc: &str) -> Result<Vec<String>, Error> {
        let request = || self.client.describe_network_interfaces().filters(filter("vpc-id", [vpc]));
        let told = |found: aws_sdk_ec2::types::NetworkInterface| {
            let id = found.network_interface_id?;
            Some(match found.description.filter(|it| !it.is_empty()) {
                Some(description) => format!("{id} ({description})"),
                None => id,
            })
        };
        pages!(self.gate, api::DESCRIBE_NETWORK_INTERFACES, request(), network_interfaces, told)
    }

    /// Zones of the region that can be used; neither local nor wavelength zones, which have no databases.
    pub async fn zones(&self) -> Result<Vec<String>, Error> {
        let answer = self
            .gate
            .call(
                api::DESCRIBE_AVAILABILITY_ZONES,
                self.client.describe_availability_zones().send(),
            )
            .await?;
        Ok(usable(answer.availability_zones.unwrap_or_default()))
    }
}

/// Names of the zones that databases can live in.
fn usable(zones: Vec<AvailabilityZone>) -> Vec<String> {
    let is_usable = |it: &AvailabilityZone| {
        let is_zone = it.zone_type.as_deref().is_none_or(|it| it == "availability-zone");
        is_zone && it.state.as_ref().is_none_or(|it| it.as_str() == "available")
    };
    let zones = zones.into_iter().filter(is_usable);
    let mut names: Vec<String> = zones.filter_map(|it| it.zone_name).collect();
    names.sort();
    names
}

fn filter<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> Filter {
    let values = values.into_iter().map(ToOwned::to_owned).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types as sdk;

    use super::*;
    use crate::aws::ec2::{Route, Rule};

    #[test]
    fn w54_zones_of_other_kinds_and_those_that_are_impaired_are_left_out() {
        let zone = |name: &str, kind: &str, state: &str| {
            let zone = AvailabilityZone::builder().zone_name(name).zone_type(kind);
            zone.state(state.into()).build()
        };
        let zones = vec![
            zone("us-west-2b", "availability-zone", "available"),
            zone("us-west-2-lax-1a", "local-zone", "available"),
            zone("us-west-2-wl1-las-wlz-1", "wavelength-zone", "available"),
            zone("us-west-2c", "availability-zone", "impaired"),
            // What AWS does not tell is no reason to leave one out.
            AvailabilityZone::builder().zone_name("us-gov-west-1a").build(),
            AvailabilityZone::builder().build(),
        ];
        assert_eq!(usable(zones), ["us-gov-west-1a", "us-west-2b"]);
    }

    #[test]
    fn w21_a_part_of_which_aws_tells_nothing_is_left_out() {
        assert_eq!(Vpc::read(sdk::Vpc::builder().build()), None);
        assert_eq!(Subnet::read(sdk::Subnet::builder().build()), None);
        assert_eq!(SecurityGroup::read(sdk::SecurityGroup::builder().build()), None);
        assert_eq!(RouteTable::read(sdk::RouteTable::builder().build()), None);
        assert_eq!(Peering::read(sdk::VpcPeeringConnection::builder().build()), None);
    }

    #[test]
    fn w21_a_part_of_which_aws_tells_its_id_alone_is_read_all_the_same() {
        let id = || "x".to_owned();
        let vpc = sdk::Vpc::builder().vpc_id("x").cidr_block("no range");
        let vpc = vpc.cidr_block_association_set(sdk::VpcCidrBlockAssociation::builder().build());
        let vpc = vpc.tags(sdk::Tag::builder().value("of no key").build());
        assert_eq!(Vpc::read(vpc.build()), Some(Vpc { id: id(), ..Vpc::default() }));
        let subnet = sdk::Subnet::builder().subnet_id("x").cidr_block("");
        assert_eq!(Subnet::read(subnet.build()), Some(Subnet { id: id(), ..Subnet::default() }));
        let group = sdk::SecurityGroup::builder().group_id("x");
        let group = group.ip_permissions(sdk::IpPermission::builder().build()).build();
        let ingress = vec![Rule { from: -1, to: -1, ..Rule::default() }];
        let expected = SecurityGroup { id: id(), ingress, ..SecurityGroup::default() };
        assert_eq!(SecurityGroup::read(group), Some(expected));
        let table = sdk::RouteTable::builder().route_table_id("x");
        let table = table.associations(sdk::RouteTableAssociation::builder().build());
        let route = sdk::Route::builder();
        let table = table.routes(route.clone().build());
        let table = table.routes(route.destination_cidr_block("10.0.0.0/8").build()).build();
        let routes = vec![Route { destination: "10.0.0.0/8".into(), ..Route::default() }];
        let expected = RouteTable { id: id(), routes, ..RouteTable::default() };
        assert_eq!(RouteTable::read(table), Some(expected));
        let end = sdk::VpcPeeringConnectionVpcInfo::builder();
        let end = end.cidr_block_set(sdk::CidrBlock::builder().build()).build();
        let peering = sdk::VpcPeeringConnection::builder().vpc_peering_connection_id("x");
        let status = sdk::VpcPeeringConnectionStateReason::builder().build();
        let peering = peering.status(status).requester_vpc_info(end).build();
        assert_eq!(Peering::read(peering), Some(Peering { id: id(), ..Peering::default() }));
    }
}
