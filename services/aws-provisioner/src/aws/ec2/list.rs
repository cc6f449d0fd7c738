//! Looks. Every listing is read to its last page.

use aws_sdk_ec2::types::Filter;

use super::{Ec2, Error, Peering, RouteTable, SecurityGroup, Subnet, Vpc};
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
        let is_usable = |it: &aws_sdk_ec2::types::AvailabilityZone| {
            let is_zone = it.zone_type.as_deref().is_none_or(|it| it == "availability-zone");
            is_zone && it.state.as_ref().is_none_or(|it| it.as_str() == "available")
        };
        let zones = answer.availability_zones.unwrap_or_default().into_iter().filter(is_usable);
        let mut names: Vec<String> = zones.filter_map(|it| it.zone_name).collect();
        names.sort();
        Ok(names)
    }
}

fn filter<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> Filter {
    let values = values.into_iter().map(ToOwned::to_owned).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}
