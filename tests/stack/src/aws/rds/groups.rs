//! Subnet groups of RDS: two zones at least, and one of each name. moto checks neither, and loses a modified one.

use crate::aws::ask::{Ask, answer};
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::subnets;
use crate::aws::xml::Element;

use super::VERSION;

const NAME: &str = "DBSubnetGroupName";

pub(super) async fn create(ask: &Ask<'_>) -> Result<Element, Refusal> {
    let name = ask.query.id(NAME).unwrap_or_default();
    if find(ask, &name).await.is_ok() {
        return Err(Refusal::new(
            400,
            "DBSubnetGroupAlreadyExists",
            format!("{name} already exists."),
        ));
    }
    check(ask).await?;
    ask.send("rds", &ask.query.clone().with(NAME, name)).await
}

pub(super) async fn modify(ask: &Ask<'_>) -> Result<Element, Refusal> {
    let name = ask.query.id(NAME).unwrap_or_default();
    let old = find(ask, &name).await?;
    let subnets = check(ask).await?;
    let is_kept =
        |subnet: &&Element| subnets.iter().any(|it| it.id == subnet.text_of("SubnetIdentifier"));
    let removed: Vec<&Element> = old.items("Subnets").iter().filter(|it| !is_kept(it)).collect();
    let is_used = |instance: &Element| {
        removed.iter().any(|it| {
            it.items("SubnetAvailabilityZone")[0].text == instance.text_of("AvailabilityZone")
        })
    };
    if members(ask, &name).await?.iter().any(is_used) {
        return Err(Refusal::new(400, "SubnetAlreadyInUse", "an instance stands in the subnet"));
    }
    // moto forgets a group that is modified; made anew under its name, it stays.
    let mut query = ask.query.action_of("CreateDBSubnetGroup").with(NAME, &name);
    let old_words = old.text_of("DBSubnetGroupDescription");
    query.set(
        "DBSubnetGroupDescription",
        ask.query.get("DBSubnetGroupDescription").unwrap_or(old_words),
    );
    for (number, subnet) in subnets.iter().enumerate() {
        query.set(&format!("SubnetIds.SubnetIdentifier.{}", number + 1), &subnet.id);
    }
    let tags = Query::new("ListTagsForResource", VERSION)
        .with("ResourceName", old.text_of("DBSubnetGroupArn"));
    for (number, tag) in ask.send("rds", &tags).await?.items("TagList").iter().enumerate() {
        query.set(&format!("Tags.Tag.{}.Key", number + 1), tag.text_of("Key"));
        query.set(&format!("Tags.Tag.{}.Value", number + 1), tag.text_of("Value"));
    }
    let root = ask.send("rds", &query).await?;
    Ok(answer("rds", ask.action(), root.find("DBSubnetGroup").cloned()))
}

pub(super) async fn delete(ask: &Ask<'_>) -> Result<Element, Refusal> {
    let name = ask.query.id(NAME).unwrap_or_default();
    find(ask, &name).await?;
    if !members(ask, &name).await?.is_empty() {
        let message = format!(
            "Cannot delete the subnet group '{name}' because at least one database instance uses it."
        );
        return Err(Refusal::new(400, "InvalidDBSubnetGroupStateFault", message));
    }
    ask.send("rds", &ask.query.clone().with(NAME, name)).await
}

/// Zones of a group's subnets.
pub(super) async fn zones_of(ask: &Ask<'_>, name: &str) -> Result<Vec<String>, Refusal> {
    let group = find(ask, &name.to_lowercase()).await?;
    let zone = |subnet: &Element| subnet.find("Name").map(|zone| zone.text.clone());
    Ok(group.items("Subnets").iter().filter_map(zone).collect())
}

async fn find(ask: &Ask<'_>, name: &str) -> Result<Element, Refusal> {
    let query = Query::new("DescribeDBSubnetGroups", VERSION).with(NAME, name);
    let root = ask.send("rds", &query).await?;
    let missing = || {
        Refusal::new(
            404,
            "DBSubnetGroupNotFoundFault",
            format!("DB subnet group '{name}' does not exist."),
        )
    };
    root.find("DBSubnetGroup").cloned().ok_or_else(missing)
}

async fn check(ask: &Ask<'_>) -> Result<Vec<subnets::Subnet>, Refusal> {
    let subnets = subnets::find(ask, &ask.query.list("SubnetIds")).await?;
    if subnets::zones(&subnets).len() < 2 {
        return Err(Refusal::new(
            400,
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement: add a subnet of another AZ.",
        ));
    }
    Ok(subnets)
}

async fn members(ask: &Ask<'_>, name: &str) -> Result<Vec<Element>, Refusal> {
    let root = ask.all("rds", &Query::new("DescribeDBInstances", VERSION)).await?;
    let is_member =
        |it: &&Element| it.child("DBSubnetGroup").is_some_and(|group| group.text_of(NAME) == name);
    Ok(root.items("DBInstances").iter().filter(is_member).cloned().collect())
}
