//! Subnets, as groups of databases see them.

use std::collections::BTreeSet;

use super::ask::Ask;
use super::query::Query;
use super::refusal::Refusal;

pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc: String,
    pub(crate) zone: String,
}

/// Looks them up; all must exist, in one VPC.
pub(crate) async fn find(ask: &Ask<'_>, ids: &[&str]) -> Result<Vec<Subnet>, Refusal> {
    let mut query = Query::new("DescribeSubnets", "2016-11-15");
    for (number, id) in ids.iter().enumerate() {
        query.set(&format!("SubnetId.{}", number + 1), id);
    }
    let invalid = |message: String| Refusal::new(400, "InvalidSubnet", message);
    if ids.is_empty() {
        return Err(invalid("no subnets".to_owned()));
    }
    let root = ask.send("ec2", &query).await.map_err(|refusal| match refusal.status {
        400 => invalid(refusal.message),
        _ => refusal,
    })?;
    let subnets: Vec<Subnet> = root.items("subnetSet").iter().map(read).collect();
    if subnets.iter().any(|subnet| subnet.vpc != subnets[0].vpc) {
        return Err(invalid("the subnets are in different VPCs".to_owned()));
    }
    Ok(subnets)
}

fn read(item: &super::xml::Element) -> Subnet {
    let text = |name| item.text_of(name).to_owned();
    Subnet { id: text("subnetId"), vpc: text("vpcId"), zone: text("availabilityZone") }
}

pub(crate) fn zones(subnets: &[Subnet]) -> BTreeSet<&str> {
    subnets.iter().map(|subnet| subnet.zone.as_str()).collect()
}
