use super::super::super::fixture::{range, whole};
use super::super::super::observed::Observed;
use super::*;

/// What is left of a whole network.
fn remains() -> (Target, Remains) {
    let (desired, observed) = whole();
    let Observed { vpcs, subnets, groups, tables, peerings, db_group, cache_group, .. } = observed;
    let vpc = vpcs.into_iter().find(|it| it.id == "vpc-n");
    let default =
        SecurityGroup { name: "default".into(), vpc: "vpc-n".into(), ..groups[0].clone() };
    let groups = [groups, vec![SecurityGroup { tags: [].into(), ..default }]].concat();
    let remains = Remains { vpc, subnets, groups, tables, peerings, db_group, cache_group };
    (desired.target, remains)
}

fn next(target: &Target, remains: &Remains) -> Result<Fate, Problem> {
    fate(target, remains, &Known::default())
}

/// Removes parts from what is left, as AWS would.
fn apply(parts: &[Part], remains: &mut Remains) {
    for part in parts {
        match part {
            Part::SubnetGroup(Store::Postgres) => remains.db_group = None,
            Part::SubnetGroup(Store::Redis) => remains.cache_group = None,
            Part::Route { table, destination } => {
                let table = remains.tables.iter_mut().find(|it| it.id == *table).unwrap();
                table.routes.retain(|it| it.destination != *destination);
            }
            Part::Peering(id) => {
                let peering = remains.peerings.iter_mut().find(|it| it.id == *id).unwrap();
                peering.status = "deleted".into();
            }
            Part::Subnet(id) => remains.subnets.retain(|it| it.id != *id),
            Part::Group(id) => remains.groups.retain(|it| it.id != *id),
            Part::Vpc(_) => remains.vpc = None,
        }
    }
}

fn words(parts: &[Part]) -> String {
    let words = parts.iter().map(|part| match part {
        Part::SubnetGroup(store) => store.subnet_group().to_owned(),
        Part::Route { table, destination } => format!("{table} {destination}"),
        Part::Peering(id) | Part::Subnet(id) | Part::Group(id) | Part::Vpc(id) => id.clone(),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_network_goes_in_the_reverse_order_of_making() {
    let (target, mut remains) = remains();
    let mut order = Vec::new();
    while let Fate::Remove(parts) = next(&target, &remains).unwrap() {
        order.push(words(&parts));
        apply(&parts, &mut remains);
    }
    assert_eq!(
        order,
        [
            "DB subnet group, cache subnet group",
            "rtb-c 10.1.0.0/26",
            "pcx-1",
            "subnet-a, subnet-b, sg-postgres, sg-redis",
            "vpc-n",
        ]
    );
    assert_eq!(next(&target, &remains), Ok(Fate::Gone));
}

#[test]
fn what_aws_may_not_show_yet_is_waited_for() {
    let (target, _) = remains();
    let hidden = Known { may_be_hidden: true, ..Known::default() };
    assert_eq!(fate(&target, &Remains::default(), &hidden), Ok(Fate::Hidden));
    assert_eq!(next(&target, &Remains::default()), Ok(Fate::Gone));
    let (target, mut going) = remains();
    (going.db_group, going.cache_group) = (None, None);
    going.tables.clear();
    for status in ["initiating-request", "provisioning", "deleting"] {
        going.peerings[0].status = status.into();
        assert_eq!(next(&target, &going), Ok(Fate::Going("peering pcx-1".into())));
    }
}

#[test]
fn w58_nothing_that_is_not_ours_is_removed() {
    let (target, mut remains) = remains();
    for tagged in [&mut remains.db_group, &mut remains.cache_group] {
        tagged.as_mut().unwrap().tags.clear();
    }
    remains.subnets[0].tags.clear();
    remains.groups[0].tags.clear();
    remains.peerings[0].tags.clear();
    let mut order = Vec::new();
    while let Ok(Fate::Remove(parts)) = next(&target, &remains) {
        order.push(words(&parts));
        apply(&parts, &mut remains);
    }
    assert_eq!(order, ["rtb-c 10.1.0.0/26", "subnet-b, sg-redis"]);
    let held = next(&target, &remains).unwrap_err();
    assert_eq!(
        held.to_string(),
        "VPC vpc-n cannot be deleted: subnet subnet-a, security group sg-postgres, peering pcx-1 in it is not the operator's: remove it"
    );
}

#[test]
fn routes_of_others_stay() {
    let peering = |id: &str, vpc: &str| {
        let (_, remains) = remains();
        let mut peering = remains.peerings[0].clone();
        (peering.id, peering.requester.vpc) = (id.into(), vpc.into());
        peering
    };
    let peerings = [peering("pcx-1", "vpc-n"), peering("pcx-2", "vpc-o")];
    let route = |peering: Option<&str>, is_dead| Route {
        destination: range("10.1.0.0/26").to_string(),
        peering: peering.map(Into::into),
        is_dead,
        is_local: false,
    };
    let table = [
        (route(Some("pcx-1"), false), true),
        (route(Some("pcx-1"), true), true),
        (route(Some("pcx-2"), false), false),
        (route(Some("pcx-2"), true), false),
        (route(Some("pcx-gone"), true), true),
        (route(Some("pcx-elsewhere"), false), false),
        (route(None, true), false),
    ];
    for (route, expected) in table {
        assert_eq!(is_own_route(&route, "vpc-n", &peerings), expected, "{route:?}");
    }
}
