//! EC2: moto keeps networks; here are client tokens, the life of peerings, and what databases stand on.

mod calls;
mod cidr;
mod filters;
mod peering;

use std::collections::BTreeMap;
use std::time::Instant;

use self::peering::Peering;
use super::ask::Ask;
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
