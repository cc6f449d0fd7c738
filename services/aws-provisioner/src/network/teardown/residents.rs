//! Who lives in a network: databases of ours by their records, and whoever AWS shows, whoever made it.

use bus::Bus;
use proto::{Identity, Kind, Provider, Record, Service, State, Subject};
use worker::{Interrupted, TurnError};

use crate::aws::{self, Clients};

use super::super::desired::Target;
use super::remains::Remains;

/// A message names no more.
const NAMED: usize = 3;

/// All of them, for people; `None` when nobody does. Records are read from the stream's leader: what stored its intent
/// before the network was closed is seen.
pub async fn residents(
    bus: &Bus,
    clients: &Clients,
    target: &Target,
    remains: &Remains,
) -> Result<Option<String>, TurnError> {
    let mut found = recorded(bus).await.map_err(Interrupted::from)?;
    if found.is_empty() {
        found = seen(clients, target, remains).await?;
    }
    Ok(told(&found))
}

async fn recorded(bus: &Bus) -> Result<Vec<String>, bus::Error> {
    let mut found = Vec::new();
    for subject in bus.work_subjects().await? {
        let Subject::Work(Provider::Aws, Kind::Postgres | Kind::Redis, uid) = subject else {
            continue;
        };
        let subject = Subject::Record(Service::from(Provider::Aws), uid);
        let record = bus.read::<Record>(&subject).await?.value;
        found.extend(record.filter(lives).map(|it| name(&it.identity)));
    }
    Ok(found)
}

/// Whether a database exists, or may come to exist by a call that is under way.
fn lives(record: &Record) -> bool {
    let placement = &record.placement;
    let is_begun = placement.observed || placement.identifier.is_some() || record.intent.is_some();
    record.state != State::Absent && is_begun
}

fn name(identity: &Identity) -> String {
    format!("{} {}/{}", identity.kind, identity.namespace, identity.name)
}

async fn seen(
    clients: &Clients,
    target: &Target,
    remains: &Remains,
) -> Result<Vec<String>, aws::Error> {
    let vpc = remains.vpc.as_ref().map(|it| it.id.as_str());
    let (instances, clusters) = tokio::try_join!(
        clients.rds.instances_in(vpc, &target.name),
        clients.elasticache.clusters_in(vpc, &target.name),
    )?;
    let instances = instances.into_iter().map(|it| format!("rds instance {it}"));
    let clusters = clusters.into_iter().map(|it| format!("cache cluster {it}"));
    let found: Vec<String> = instances.chain(clusters).collect();
    match vpc {
        Some(vpc) if found.is_empty() => {
            let interfaces = clients.ec2.interfaces_of(vpc).await?.into_iter();
            Ok(interfaces.map(|it| format!("network interface {it}")).collect())
        }
        _ => Ok(found),
    }
}

fn told(found: &[String]) -> Option<String> {
    let (shown, more) = (found.iter().take(NAMED), found.len().saturating_sub(NAMED));
    let shown: Vec<&str> = shown.map(String::as_str).collect();
    match (shown.as_slice(), more) {
        ([], _) => None,
        (shown, 0) => Some(shown.join(", ")),
        (shown, more) => Some(format!("{} and {more} more", shown.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use proto::{ItemId, Placement};

    use super::*;

    #[test]
    fn w06_what_has_begun_to_exist_lives_until_it_is_absent() {
        let identity = Identity {
            kind: Kind::Postgres,
            namespace: "team".into(),
            name: "db".into(),
            uid: "u".parse().unwrap(),
            generation: 1,
        };
        let record = Record::new(identity, Placement::at(Provider::Aws), ItemId::random());
        assert!(!lives(&record), "it waits for the network");
        let placement = Placement { identifier: Some("x".into()), ..record.placement.clone() };
        let begun = Record { placement, ..record };
        assert!(lives(&begun));
        assert!(!lives(&Record { state: State::Absent, ..begun.clone() }));
        assert_eq!(name(&begun.identity), "postgres team/db");
    }

    #[test]
    fn a_few_are_named() {
        let names = |count: usize| (0..count).map(|it| it.to_string()).collect::<Vec<_>>();
        assert_eq!(told(&names(0)), None);
        assert_eq!(told(&names(3)).unwrap(), "0, 1, 2");
        assert_eq!(told(&names(5)).unwrap(), "0, 1, 2 and 2 more");
    }
}
