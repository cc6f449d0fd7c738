//! Calls about peerings.

use std::time::Instant;

use super::peering::{self, Peering};
use super::{Ec2, ID, KEY, VERSION, cidr, filters};
use crate::aws::ask::{Ask, answer};
use crate::aws::lag::find_mut;
use crate::aws::query::Query;
use crate::aws::refusal::Refusal;
use crate::aws::xml::Element;

impl Ec2 {
    pub(super) async fn create(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        self.check_pair(ask, now).await?;
        let mut root = ask.send("ec2", &ask.query).await?;
        let life = ask.controls(|controls| controls.life_cycle);
        let node = root.find("vpcPeeringConnection").cloned().unwrap_or_default();
        let cidrs = |side| node.child(side).map(cidr::of).unwrap_or_default();
        let overlaps = cidr::overlap(&cidrs("requesterVpcInfo"), &cidrs("accepterVpcInfo"));
        let peering = Peering::created(now, &life, overlaps);
        if let Some(node) = find_mut(&mut root, "vpcPeeringConnection") {
            peering::render("initiating-request", node);
        }
        self.peerings.insert(node.text_of(KEY).to_owned(), peering);
        Ok(root)
    }

    /// Two VPCs have one peering that lives.
    async fn check_pair(&self, ask: &Ask<'_>, now: Instant) -> Result<(), Refusal> {
        let pair = [ask.query.get("VpcId"), ask.query.get("PeerVpcId")];
        let root = ask.all("ec2", &Query::new("DescribeVpcPeeringConnections", VERSION)).await?;
        let vpc =
            |item: &Element, side: &str| item.child(side).map(|it| it.text_of("vpcId").to_owned());
        let is_between = |item: &&Element| {
            let ends = [vpc(item, "requesterVpcInfo"), vpc(item, "accepterVpcInfo")];
            ends.iter().all(|end| pair.contains(&end.as_deref()))
        };
        let items = root.items("vpcPeeringConnectionSet").iter().filter(is_between);
        let statuses = items.map(|item| self.status(item, now));
        if statuses.into_iter().any(|status| peering::lives(&status)) {
            let message = "A VPC peering connection between the VPCs already exists.";
            return Err(Refusal::new(400, "VpcPeeringConnectionAlreadyExists", message));
        }
        Ok(())
    }

    pub(super) async fn accept(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let life = ask.controls(|controls| controls.life_cycle);
        let id = ask.query.get(ID).unwrap_or_default();
        if let Some(peering) = self.peerings.get_mut(id) {
            peering.accept(now, &life)?;
        }
        let mut root = ask.send("ec2", &ask.query).await?;
        if let Some(node) = find_mut(&mut root, "vpcPeeringConnection") {
            peering::render("provisioning", node);
        }
        Ok(root)
    }

    pub(super) async fn change(
        &mut self,
        ask: &Ask<'_>,
        change: impl FnOnce(&mut Peering) -> Result<(), Refusal>,
    ) -> Result<Element, Refusal> {
        let Some(peering) = self.peerings.get_mut(ask.query.get(ID).unwrap_or_default()) else {
            return ask.forward().await;
        };
        change(peering)?;
        // moto rejects only what waits; whatever it says, we know better.
        let _ = ask.forward().await;
        Ok(answer("ec2", ask.action(), [Element::leaf("return", true)]))
    }

    pub(super) async fn describe(&self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
        let mut root = ask.all("ec2", &Query::new(ask.action(), VERSION)).await?;
        let Some(list) = find_mut(&mut root, "vpcPeeringConnectionSet") else { return Ok(root) };
        for id in ask.query.list(ID) {
            if !list.children.iter().any(|item| item.text_of(KEY) == id) {
                let message = format!("The vpcPeeringConnection ID '{id}' does not exist");
                return Err(Refusal::new(400, "InvalidVpcPeeringConnectionID.NotFound", message));
            }
        }
        for item in &mut list.children {
            let status = self.status(item, now);
            peering::render(&status, item);
        }
        let ids = ask.query.list(ID);
        list.children.retain(|item| ids.is_empty() || ids.contains(&item.text_of(KEY)));
        filters::keep(&mut list.children, &ask.query)?;
        Ok(root)
    }

    /// moto knows the status of those that were not made here.
    fn status(&self, item: &Element, now: Instant) -> String {
        let own = self.peerings.get(item.text_of(KEY)).map(|peering| peering.status(now));
        own.unwrap_or(item.child("status").map_or("", |status| status.text_of("code"))).to_owned()
    }

    /// A route through a peering that is not active leads nowhere.
    pub(super) fn routes(&self, mut root: Element, now: Instant) -> Element {
        let Some(tables) = find_mut(&mut root, "routeTableSet") else { return root };
        for table in &mut tables.children {
            let routes = table.child_mut("routeSet").map(|set| &mut set.children);
            for route in routes.into_iter().flatten() {
                let peering = self.peerings.get(route.text_of(KEY));
                if peering.is_some_and(|peering| peering.status(now) != "active") {
                    route.set(Element::leaf("state", "blackhole"));
                }
            }
        }
        root
    }
}
