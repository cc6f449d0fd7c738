//! Whether the cluster reaches databases in the administrator's network, as far as AWS tells. Pure.
//!
//! Only what surely shuts the cluster out is told: a rule for a security group or a prefix list may let it in, and so
//! may a rule or a route for a part of its range.

use ipnet::{IpNet, Ipv4Net};

use crate::aws::ec2::Vpc;

use super::super::desired::{Existing, Store};
use super::super::observed::Observed;

/// What keeps the cluster in its VPC (`None`: nobody knows that) from databases of this kind: a text for people.
pub(super) fn obstacle(
    store: Store,
    named: &Existing,
    observed: &Observed,
    cluster: Option<&Vpc>,
) -> Option<String> {
    let vpc = observed.vpcs.iter().find(|it| it.id == named.vpc)?;
    shut_out(store, named, observed, cluster).or_else(|| {
        let cluster = cluster.filter(|it| it.id != vpc.id)?;
        no_route(observed, vpc, cluster).or_else(|| no_route(observed, cluster, vpc))
    })
}

fn shut_out(
    store: Store,
    named: &Existing,
    observed: &Observed,
    cluster: Option<&Vpc>,
) -> Option<String> {
    let port = store.port();
    let groups = observed.groups.iter().filter(|it| named.groups.contains(&it.id));
    let sources: Vec<&str> = groups.flat_map(|it| it.sources_at(port)).collect();
    let lets_in = |range: &Ipv4Net| sources.iter().any(|it| may_be_of(it, *range));
    let who = match cluster {
        None if sources.is_empty() => "anybody".to_owned(),
        None => return None,
        Some(vpc) => vpc.ranges.iter().find(|it| !lets_in(it))?.to_string(),
    };
    Some(format!("no security group of SECURITY_GROUP_IDS lets {who} in at TCP {port}"))
}

fn no_route(observed: &Observed, from: &Vpc, to: &Vpc) -> Option<String> {
    let mut tables = observed.tables.iter().filter(|it| it.vpc == from.id).peekable();
    tables.peek()?;
    let routes: Vec<_> = tables.flat_map(|it| &it.routes).filter(|it| !it.is_dead).collect();
    // What leads everywhere else leads to no private range.
    let specific = |it: &str| it.parse::<IpNet>().is_ok_and(|it| it.prefix_len() > 0);
    let leads_to = |range: &Ipv4Net| {
        let mut destinations = routes.iter().map(|it| it.destination.as_str());
        destinations.any(|it| specific(it) && may_be_of(it, *range))
    };
    let range = to.ranges.iter().find(|it| !leads_to(it))?;
    Some(format!("no route of VPC {} leads to {range}", from.id))
}

/// Whether this source or destination has something of a range; what is no range may.
fn may_be_of(text: &str, range: Ipv4Net) -> bool {
    match text.parse::<IpNet>() {
        Ok(IpNet::V4(it)) => it.contains(&range) || range.contains(&it),
        Ok(IpNet::V6(_)) => false,
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ec2::{Route, RouteTable, Rule, SecurityGroup};

    fn vpc(id: &str, range: &str) -> Vpc {
        Vpc { id: id.into(), ranges: vec![range.parse().unwrap()], ..Vpc::default() }
    }

    fn rule(port: i32, source: &str) -> Rule {
        Rule { protocol: "tcp".into(), from: port, to: port, sources: vec![source.into()] }
    }

    fn table(vpc: &str, destination: &str) -> RouteTable {
        let route = Route { destination: destination.into(), ..Route::default() };
        RouteTable { vpc: vpc.into(), routes: vec![route], ..RouteTable::default() }
    }

    /// The administrator's VPC, with this rule and these routes of it and of the cluster's.
    fn observed(rule: Rule, routes: [&str; 2]) -> Observed {
        let group =
            SecurityGroup { id: "sg-1".into(), ingress: vec![rule], ..SecurityGroup::default() };
        Observed {
            vpcs: vec![vpc("vpc-a", "10.20.0.0/16"), vpc("vpc-c", "10.0.0.0/16")],
            groups: vec![group],
            tables: vec![table("vpc-a", routes[0]), table("vpc-c", routes[1])],
            ..Observed::default()
        }
    }

    fn told(observed: &Observed, cluster: Option<usize>) -> Option<String> {
        let named =
            Existing { vpc: "vpc-a".into(), groups: vec!["sg-1".into()], ..Existing::default() };
        obstacle(Store::Postgres, &named, observed, cluster.map(|index| &observed.vpcs[index]))
    }

    #[test]
    fn who_is_shut_out_by_every_group_is_told() {
        let routes = ["10.0.0.0/16", "10.20.0.0/16"];
        let lets = |rule: Rule, cluster| told(&observed(rule, routes), cluster).is_none();
        for source in ["10.0.0.0/16", "10.0.7.0/24", "0.0.0.0/0", "sg-9", "pl-1"] {
            assert!(lets(rule(5432, source), Some(1)), "{source}");
            assert!(lets(rule(5432, source), None), "{source}");
        }
        for (port, source) in [(6379, "10.0.0.0/16"), (5432, "10.9.0.0/16"), (5432, "::/0")] {
            let text = told(&observed(rule(port, source), routes), Some(1)).unwrap();
            let expected =
                "no security group of SECURITY_GROUP_IDS lets 10.0.0.0/16 in at TCP 5432";
            assert_eq!(text, expected, "{source}");
        }
        assert!(!lets(rule(6379, "0.0.0.0/0"), None));
    }

    #[test]
    fn routes_that_lead_nowhere_are_told_from_either_side() {
        let observed = |routes| observed(rule(5432, "10.0.0.0/16"), routes);
        let told = |routes| told(&observed(routes), Some(1));
        assert_eq!(told(["10.0.0.0/16", "10.20.0.0/16"]), None);
        assert_eq!(told(["10.0.0.0/8", "10.20.5.0/24"]), None);
        let text = |vpc, range| Some(format!("no route of VPC {vpc} leads to {range}"));
        assert_eq!(told(["0.0.0.0/0", "10.20.0.0/16"]), text("vpc-a", "10.0.0.0/16"));
        assert_eq!(told(["10.0.0.0/16", "10.21.0.0/16"]), text("vpc-c", "10.20.0.0/16"));
    }

    #[test]
    fn within_one_vpc_no_route_is_needed() {
        let observed = observed(rule(5432, "10.20.0.0/16"), ["10.9.0.0/16", "10.9.0.0/16"]);
        assert_eq!(told(&observed, Some(0)), None);
    }
}
