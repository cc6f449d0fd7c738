use proto::{ErrorClass, Network, NetworkMode, WorkItem};

use super::super::fixture::{
    apply, bare, desired, desired_of, finish, item, range, subnet_group, whole,
};
use super::super::observed::Zone;
use super::super::problem::Problem;
use super::*;
use crate::aws::ec2::{End, Peering, Route, Rule, SecurityGroup, Subnet, Vpc};

fn next(desired: &Desired, observed: &Observed) -> Result<Plan, Error> {
    plan(desired, observed, &Known::default())
}

fn problem(found: Result<Plan, Error>) -> Problem {
    match found {
        Err(Error::Network(problem)) => problem,
        found => panic!("{found:?}"),
    }
}

fn name(step: &Plan) -> &'static str {
    match step {
        Plan::MakeVpc(_) => "vpc",
        Plan::Peer { .. } => "peering",
        Plan::Put(Put::Tag { .. }) => "tags",
        Plan::Put(Put::Subnet { .. }) => "subnet",
        Plan::Put(Put::Group { .. }) => "group",
        Plan::Put(Put::Allow { .. }) => "rule",
        Plan::Put(Put::SubnetGroup { .. }) => "subnet group",
        Plan::Put(Put::ChangeSubnetGroup { .. }) => "subnets of group",
        Plan::Put(Put::TagSubnetGroup { .. }) => "tags of group",
        Plan::Put(Put::Accept(_)) => "accept",
        Plan::Put(Put::Route(_)) => "route",
        Plan::Wait(_) | Plan::Ready(_) => "",
    }
}

fn names(steps: &[Plan]) -> Vec<&'static str> {
    steps.iter().map(name).collect()
}

#[test]
fn a_network_is_made_part_by_part() {
    let (desired, mut observed) = (desired("{}"), bare());
    let (steps, report) = finish(&desired, &mut observed).unwrap();
    assert_eq!(
        names(&steps),
        [
            "vpc",
            "tags",
            "subnet",
            "subnet",
            "group",
            "group",
            "subnet group",
            "subnet group",
            "peering",
            "accept",
            "route",
            "route",
            "rule",
            "rule",
        ]
    );
    let subnets: Vec<_> = observed.subnets.iter().map(|it| it.range.unwrap().to_string()).collect();
    assert_eq!(subnets, ["10.1.0.0/27", "10.1.0.32/27"]);
    assert_eq!(
        (report.postgres, report.redis),
        (vec!["sg-postgres".into()], vec!["sg-redis".into()])
    );
}

#[test]
fn c07_whatever_was_not_done_or_is_taken_away_is_made_and_nothing_else() {
    type TakeAway = fn(&mut Observed);
    let table: [(&str, TakeAway); 11] = [
        ("subnet", |it| drop(it.subnets.remove(0))),
        ("group", |it| drop(it.groups.remove(1))),
        ("rule", |it| it.groups[0].ingress.clear()),
        ("subnet group", |it| it.db_group = None),
        ("subnet group", |it| it.cache_group = None),
        ("subnets of group", |it| subnet_group(it, Store::Redis).group.subnets.clear()),
        ("tags of group", |it| {
            subnet_group(it, Store::Postgres).tags.remove("red-hat-managed");
        }),
        ("tags", |it| it.tables[1].tags.clear()),
        ("peering", |it| it.peerings[0].status = "expired".into()),
        ("accept", |it| it.peerings[0].status = "pending-acceptance".into()),
        ("route", |it| drop(it.tables[0].routes.pop())),
    ];
    for (expected, take_away) in table {
        let (desired, mut observed) = whole();
        take_away(&mut observed);
        let first = next(&desired, &observed).unwrap();
        assert_eq!(name(&first), expected);
        observed.peerings.retain(|it| it.status != "expired");
        finish(&desired, &mut observed).unwrap();
    }
}

#[test]
fn w23_no_second_vpc_is_made_while_one_may_be_hidden_or_was_seen() {
    let (desired, observed) = (desired("{}"), bare());
    let hidden = Known { may_be_hidden: true, was_observed: true, ..Known::default() };
    assert_eq!(plan(&desired, &observed, &hidden).unwrap(), Plan::Wait(Wait::Hidden));
    let vpc = Some("vpc-n".to_owned());
    let seen = Known { was_observed: true, vpc: vpc.clone(), ..Known::default() };
    let gone = problem(plan(&desired, &observed, &seen));
    assert_eq!((gone.class(), gone), (ErrorClass::NeedsPerson, Problem::Gone("vpc-n".into())));
    let removed = Known { vpc, ..Known::default() };
    assert_eq!(name(&plan(&desired, &observed, &removed).unwrap()), "vpc");
    let (desired, mut observed) = whole();
    let second = Vpc { id: "vpc-2".into(), ..observed.vpcs[1].clone() };
    observed.vpcs.push(second);
    let two = problem(next(&desired, &observed));
    assert_eq!(two, Problem::TwoVpcs("vpc-n and vpc-2".into()));
}

#[test]
fn a_vpc_of_another_cluster_or_of_the_go_operator_is_not_ours() {
    let desired = desired("{}");
    for (key, value) in
        [("integreatly.org/clusterID", "other"), ("integreatly.org/claim-kind", "postgres")]
    {
        let mut observed = bare();
        let mut tags = desired.tags.clone();
        tags.insert(key.into(), value.into());
        tags.remove("integreatly.org/claim-uid");
        let foreign = Vpc { id: "vpc-x".into(), ranges: vec![range("10.1.0.0/26")], tags };
        observed.vpcs.push(foreign);
        assert_eq!(name(&next(&desired, &observed).unwrap()), "vpc", "{key}");
    }
}

#[test]
fn w56_zones_are_checked_before_anything_is_made() {
    let with = |json: &str, lacking: &[&str]| {
        let mut observed = bare();
        let zone = |it: &str| Zone {
            name: it.into(),
            lacks: lacking.iter().filter(|zone| **zone == it).map(|_| "db.x".into()).collect(),
        };
        observed.zones = ["a", "b", "c"].map(zone).into();
        let desired = desired(json);
        finish(&desired, &mut observed).map(|_| {
            observed.subnets.iter().map(|it| it.zone.clone()).collect::<Vec<_>>().join(" ")
        })
    };
    let classes = r#"{"instanceClasses":["db.x"]}"#;
    assert_eq!(with("{}", &[]).unwrap(), "a b");
    assert_eq!(with(classes, &["a"]).unwrap(), "b c");
    let named = r#"{"availabilityZones":["c","a","b"]}"#;
    assert_eq!(with(named, &[]).unwrap(), "c a b");
    let unknown = r#"{"availabilityZones":["c","z"]}"#;
    let advice = "name other zones in availabilityZones";
    let table = [
        (
            classes,
            "1 of 3 zones with db.x",
            "use another region, or other instanceClasses",
            ErrorClass::NeedsPerson,
        ),
        (named, "no db.x in zone a", advice, ErrorClass::Invalid),
        (unknown, "no zone z", advice, ErrorClass::Invalid),
    ];
    for (json, found, advice, class) in table {
        let error = with(json, &["a", "b"]).unwrap_err();
        let text =
            format!("region eu-west-1 has {found} that can be used, two are needed: {advice}");
        assert_eq!((error.to_string(), error.class()), (text, class));
    }
}

#[test]
fn the_clusters_vpc_is_the_one_that_is_named_or_tagged() {
    let with = |named: &str, tagged: &[&str]| {
        let mut item = item("{}");
        item.network.as_mut().unwrap().cluster_vpc_id = named.into();
        let mut observed = bare();
        observed.cluster = tagged.iter().map(|it| (*it).to_owned()).collect();
        next(&desired_of(&item), &observed)
    };
    assert!(with("vpc-c", &[]).is_ok());
    assert!(with("vpc-c", &["vpc-c", "vpc-d"]).is_ok());
    assert_eq!(problem(with("", &[])).reason(), "NoClusterVpc");
    assert_eq!(
        problem(with("", &["vpc-c", "vpc-d"])),
        Problem::ClusterVpcs("vpc-c and vpc-d".into())
    );
    assert_eq!(problem(with("vpc-0", &[])), Problem::MissingClusterVpc("vpc-0".into()));
}

#[test]
fn w16_dead_peerings_are_not_used_and_not_made_for_ever() {
    let with = |statuses: &[&str]| {
        let (desired, mut observed) = whole();
        let like = observed.peerings.remove(0);
        observed.peerings = statuses
            .iter()
            .enumerate()
            .map(|(number, status)| Peering {
                id: format!("pcx-{number}"),
                status: (*status).to_owned(),
                ..like.clone()
            })
            .collect();
        next(&desired, &observed)
    };
    let table: [(&[&str], &str); 7] = [
        (&[], "peering"),
        (&["expired"], "peering"),
        (&["deleted", "deleting"], "peering"),
        (&["failed"], ""),
        (&["rejected"], ""),
        (&["deleted", "expired", "deleted"], ""),
        (&["expired", "pending-acceptance"], "accept"),
    ];
    for (statuses, expected) in table {
        match with(statuses) {
            Ok(step) => assert_eq!(name(&step), expected, "{statuses:?}"),
            found => {
                assert_eq!(problem(found).reason(), "PeeringFails", "{statuses:?}");
                assert_eq!(expected, "", "{statuses:?}");
            }
        }
    }
    let wait = with(&["provisioning"]).unwrap();
    assert!(matches!(wait, Plan::Wait(Wait::Peering { .. })), "{wait:?}");
}

#[test]
fn routes_of_others_are_left_and_those_that_lead_nowhere_replaced() {
    let with = |peering: Option<&str>, is_dead: bool| {
        let (desired, mut observed) = whole();
        let other = Peering {
            id: "pcx-other".into(),
            status: "active".into(),
            requester: End { vpc: "vpc-o".into(), ..End::default() },
            accepter: End { vpc: "vpc-c".into(), ..End::default() },
            ..Peering::default()
        };
        observed.peerings.push(other);
        let route = observed.tables[0].routes.last_mut().unwrap();
        *route = Route { peering: peering.map(Into::into), is_dead, ..route.clone() };
        next(&desired, &observed)
    };
    assert!(matches!(with(Some("pcx-1"), false), Ok(Plan::Ready(_))));
    let Ok(Plan::Put(Put::Route(route))) = with(Some("pcx-gone"), true) else { panic!() };
    assert!(route.replaces && route.peering == "pcx-1" && route.table == "rtb-c");
    for (peering, is_dead) in [
        (None, false),
        (Some("pcx-other"), false),
        (Some("pcx-other"), true),
        (Some("pcx-unknown"), false),
    ] {
        let found = problem(with(peering, is_dead));
        assert_eq!(found.reason(), "RouteTaken", "{peering:?}");
    }
}

#[test]
fn tables_of_gateways_get_no_route() {
    let (desired, mut observed) = whole();
    let mut edge = observed.tables[0].clone();
    edge.id = "rtb-edge".into();
    edge.routes.clear();
    observed.tables.push(edge);
    assert_eq!(name(&next(&desired, &observed).unwrap()), "route");
    observed.tables[2].is_of_gateway = true;
    assert!(matches!(next(&desired, &observed), Ok(Plan::Ready(_))));
}

#[test]
fn w03_w19_what_has_our_name_and_not_our_tags_is_not_used() {
    let (desired, mut observed) = whole();
    observed.groups[0].tags.clear();
    let error = next(&desired, &observed).unwrap_err();
    assert_eq!((error.class(), error.reason()), (ErrorClass::Foreign, "NotOwned"));
    for store in Store::ALL {
        let (desired, mut observed) = whole();
        subnet_group(&mut observed, store).tags.clear();
        assert_eq!(next(&desired, &observed).unwrap_err().class(), ErrorClass::Foreign);
    }
    let (desired, mut observed) = whole();
    let elsewhere = SecurityGroup {
        id: "sg-elsewhere".into(),
        vpc: "vpc-c".into(),
        tags: [].into(),
        ..observed.groups[0].clone()
    };
    observed.groups.insert(0, elsewhere);
    let Ok(Plan::Ready(report)) = next(&desired, &observed) else { panic!() };
    assert_eq!(report.postgres, ["sg-postgres"]);
}

#[test]
fn a_foreign_subnet_in_the_vpc_is_neither_used_nor_in_the_way() {
    let (desired, mut observed) = (desired("{}"), bare());
    for _ in 0..2 {
        let step = next(&desired, &observed).unwrap();
        apply(step, &desired, &mut observed);
    }
    let foreign = |text: &str| Subnet {
        id: format!("subnet-{text}"),
        vpc: "vpc-n".into(),
        zone: "a".into(),
        range: Some(range(text)),
        ..Subnet::default()
    };
    observed.subnets.push(foreign("10.1.0.0/28"));
    let Ok(Plan::Put(Put::Subnet { range, .. })) = next(&desired, &observed) else { panic!() };
    assert_eq!(range.to_string(), "10.1.0.32/27");
    observed.subnets.push(foreign("10.1.0.32/28"));
    assert_eq!(problem(next(&desired, &observed)), Problem::NoRoom("vpc-n".into()));
}

#[test]
fn a_range_that_was_changed_later_is_told() {
    let (_, observed) = whole();
    let later = desired(r#"{"createStrategy":{"CidrBlock":"10.7.0.0/24"}}"#);
    let Ok(Plan::Ready(report)) = next(&later, &observed) else { panic!() };
    let expected = "the network is ready in VPC vpc-n; createStrategy.CidrBlock 10.7.0.0/24 is for a new VPC: this one has 10.1.0.0/26; ignored strategy fields: x";
    assert_eq!(report.message(&["x".into()]), expected);
}

#[test]
fn clients_that_are_named_are_let_in_instead_of_the_clusters_ranges() {
    let mut item = item("{}");
    item.network.as_mut().unwrap().client_security_group_ids = vec!["sg-c".into(), String::new()];
    let (desired, mut observed) = (desired_of(&item), bare());
    finish(&desired, &mut observed).unwrap();
    assert!(
        observed.groups.iter().all(|it| it.ingress.len() == 1 && it.ingress[0].sources == ["sg-c"])
    );
}

#[test]
fn an_item_without_a_mode_is_refused() {
    let network = |network| WorkItem { network, ..item("{}") };
    for broken in [network(None), network(Some(Network::default()))] {
        let strategy = super::super::strategy::Strategy::default();
        let target = desired("{}").target;
        let error = Desired::new(target, &broken, &strategy).unwrap_err();
        assert_eq!((error.class(), error.reason()), (ErrorClass::Invalid, "UnknownNetwork"));
    }
    let wrong = Network {
        mode: NetworkMode::Standalone.into(),
        cluster_cidrs: vec!["x".into()],
        ..Network::default()
    };
    let strategy = super::super::strategy::Strategy::default();
    let error = Desired::new(desired("{}").target, &network(Some(wrong)), &strategy).unwrap_err();
    assert_eq!(error.to_string(), "\"x\" of the cluster is no range of addresses");
}

#[test]
fn w21_what_aws_leaves_out_stops_no_plan() {
    type LeaveOut = fn(&mut Observed);
    let nothing = next(&desired("{}"), &Observed::default());
    assert_eq!(problem(nothing).reason(), "TooFewZones");
    let table: [(&str, LeaveOut); 5] = [
        ("", |it| it.vpcs.iter_mut().for_each(|it| it.ranges.clear())),
        ("", |it| it.subnets.iter_mut().for_each(|it| it.range = None)),
        ("route", |it| it.tables.iter_mut().for_each(|it| it.routes.clear())),
        ("rule", |it| it.groups.iter_mut().for_each(|it| it.ingress = vec![Rule::default()])),
        ("peering", |it| it.peerings = vec![Peering::default()]),
    ];
    for (expected, leave_out) in table {
        let (desired, mut observed) = whole();
        leave_out(&mut observed);
        assert_eq!(name(&next(&desired, &observed).unwrap()), expected);
    }
}
