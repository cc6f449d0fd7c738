//! EC2: moto keeps networks; here are client tokens, the life of peerings, and what databases stand on.

mod cidr;
mod filters;
mod peering;

use std::collections::BTreeMap;
use std::time::Instant;

use self::peering::Peering;
use super::ask::{Ask, answer};
use super::lag::find_mut;
use super::query::Query;
use super::refusal::Refusal;
use super::xml::Element;

const VERSION: &str = "2016-11-15";
const ID: &str = "VpcPeeringConnectionId";
const KEY: &str = "vpcPeeringConnectionId";

/// Operations whose model has no client token.
const WITHOUT_TOKEN: [&str; 8] = [
    "CreateVpc",
    "CreateSubnet",
    "CreateSecurityGroup",
    "AuthorizeSecurityGroupIngress",
    "CreateVpcPeeringConnection",
    "AcceptVpcPeeringConnection",
    "CreateRoute",
    "CreateTags",
];

/// What moto does not know of EC2 in one region.
#[derive(Default)]
pub(crate) struct Ec2 {
    /// By action and token: what was asked and answered.
    tokens: BTreeMap<(String, String), (Query, Element)>,
    peerings: BTreeMap<String, Peering>,
}

/// Whether the call would take away what a database may stand on.
pub(crate) fn takes_away(action: &str) -> bool {
    ["DeleteSubnet", "DeleteSecurityGroup"].contains(&action)
}

impl Ec2 {
    /// Answers a call; `used` are subnets and security groups that databases stand on.
    pub(crate) async fn answer(
        &mut self,
        ask: &Ask<'_>,
        used: &[String],
        now: Instant,
    ) -> Result<Element, Refusal> {
        let token =
            ask.query.get("ClientToken").map(|token| (ask.action().to_owned(), token.to_owned()));
        if let Some(known) = self.known(token.as_ref(), &ask.query) {
            return known;
        }
        let root = self.act(ask, used, now).await?;
        if let Some(token) = token {
            self.tokens.insert(token, (ask.query.clone(), root.clone()));
        }
        Ok(root)
    }

    /// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>
    fn known(
        &self,
        token: Option<&(String, String)>,
        query: &Query,
    ) -> Option<Result<Element, Refusal>> {
        let token = token?;
        if WITHOUT_TOKEN.contains(&query.action()) {
            let message = "The parameter ClientToken is not recognized";
            return Some(Err(Refusal::new(400, "UnknownParameter", message)));
        }
        let (asked, answered) = self.tokens.get(token)?;
        let differs = || {
            Refusal::new(
                400,
                "IdempotentParameterMismatch",
                "the token was used for another request",
            )
        };
        Some(if asked == query { Ok(answered.clone()) } else { Err(differs()) })
    }

    async fn act(
        &mut self,
        ask: &Ask<'_>,
        used: &[String],
        now: Instant,
    ) -> Result<Element, Refusal> {
        self.expire(ask, now);
        let named = |key| ask.query.get(key).is_some_and(|id| used.iter().any(|used| used == id));
        match ask.action() {
            "DeleteSubnet" if named("SubnetId") => Err(in_use()),
            "DeleteSecurityGroup" if named("GroupId") => Err(in_use()),
            "CreateVpcPeeringConnection" => self.create(ask, now).await,
            "AcceptVpcPeeringConnection" => self.accept(ask, now).await,
            "RejectVpcPeeringConnection" => self.change(ask, |peering| peering.reject(now)).await,
            "DeleteVpcPeeringConnection" => {
                let life = ask.controls(|controls| controls.life_cycle);
                self.change(ask, |peering| peering.delete(now, &life)).await
            }
            "DescribeVpcPeeringConnections" => self.describe(ask, now).await,
            "DescribeRouteTables" => Ok(self.routes(ask.forward().await?, now)),
            "DescribeInstanceTypeOfferings" => Ok(offered(ask.forward().await?, ask)),
            _ => ask.forward().await,
        }
    }

    fn expire(&mut self, ask: &Ask<'_>, now: Instant) {
        for (id, _) in ask.controls(|controls| std::mem::take(&mut controls.peerings)) {
            if let Some(peering) = self.peerings.get_mut(&id) {
                peering.expire(now);
            }
        }
    }

    async fn create(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
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

    async fn accept(&mut self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
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

    async fn change(
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

    async fn describe(&self, ask: &Ask<'_>, now: Instant) -> Result<Element, Refusal> {
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
    fn routes(&self, mut root: Element, now: Instant) -> Element {
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

fn in_use() -> Refusal {
    Refusal::new(400, "DependencyViolation", "a network interface of a database uses it")
}

/// EC2 knows the classes of databases without their prefix.
fn offered(mut root: Element, ask: &Ask<'_>) -> Element {
    if let Some(list) = find_mut(&mut root, "instanceTypeOfferingSet") {
        list.children.retain(|item| {
            let (class, place) = (item.text_of("instanceType"), item.text_of("location"));
            let names = ["", "db.", "cache."].map(|prefix| format!("{prefix}{class}"));
            ask.controls(|controls| names.iter().all(|name| controls.is_offered(name, place)))
        });
    }
    root
}
