//! Filters of peerings, which moto ignores.

use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

/// Keeps what all filters let through.
pub(crate) fn keep(items: &mut Vec<Element>, query: &Query) -> Result<(), Refusal> {
    for (name, wanted) in query.filters() {
        let mut kept = Vec::new();
        for item in items.drain(..) {
            if values(&item, name)?.iter().any(|value| wanted.contains(&value.as_str())) {
                kept.push(item);
            }
        }
        *items = kept;
    }
    Ok(())
}

fn values(item: &Element, filter: &str) -> Result<Vec<String>, Refusal> {
    let below = |side: &str, name: &str| {
        item.child(side).map(|side| side.text_of(name).to_owned()).into_iter().collect()
    };
    let tags = item.items("tagSet");
    Ok(match filter {
        "status-code" => below("status", "code"),
        "vpc-peering-connection-id" => vec![item.text_of("vpcPeeringConnectionId").to_owned()],
        "requester-vpc-info.vpc-id" => below("requesterVpcInfo", "vpcId"),
        "requester-vpc-info.owner-id" => below("requesterVpcInfo", "ownerId"),
        "requester-vpc-info.cidr-block" => below("requesterVpcInfo", "cidrBlock"),
        "accepter-vpc-info.vpc-id" => below("accepterVpcInfo", "vpcId"),
        "accepter-vpc-info.owner-id" => below("accepterVpcInfo", "ownerId"),
        "accepter-vpc-info.cidr-block" => below("accepterVpcInfo", "cidrBlock"),
        "tag-key" => tags.iter().map(|tag| tag.text_of("key").to_owned()).collect(),
        _ => {
            let Some(key) = filter.strip_prefix("tag:") else {
                return Err(Refusal::value(format!("The filter '{filter}' is invalid")));
            };
            let tags = tags.iter().filter(|tag| tag.text_of("key") == key);
            tags.map(|tag| tag.text_of("value").to_owned()).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_filters_must_let_an_item_through() {
        let item = |id: &str, code: &str| {
            let tag = [Element::leaf("key", "k"), Element::leaf("value", id)];
            Element::tree(
                "item",
                [
                    Element::leaf("vpcPeeringConnectionId", id),
                    Element::tree("status", [Element::leaf("code", code)]),
                    Element::tree("tagSet", [Element::tree("item", tag)]),
                ],
            )
        };
        let left = |query: Query| {
            let mut items = vec![item("a", "active"), item("b", "active"), item("c", "failed")];
            keep(&mut items, &query).map(|()| items.len())
        };
        let filter = |query: Query, number: u8, name: &str, value: &str| {
            query
                .with(&format!("Filter.{number}.Name"), name)
                .with(&format!("Filter.{number}.Value.1"), value)
        };
        let query = Query::new("D", "1");
        let active = filter(query.clone(), 1, "status-code", "active");
        assert_eq!((left(query.clone()), left(active.clone())), (Ok(3), Ok(2)));
        assert_eq!(left(filter(active.clone(), 2, "tag:k", "b")), Ok(1));
        assert_eq!(left(filter(active, 2, "tag:k", "c")), Ok(0));
        assert!(left(filter(query, 1, "odd", "x")).is_err());
    }
}
