//! What a database needs to know of the network: read from the network's record, of the stream's leader.

use bus::Bus;
use proto::{Kind, Provider, Record, Service, State, Subject, Uid};
use worker::{TurnError, Work};

/// Fact: name of the DB subnet group and of the cache subnet group.
pub const SUBNET_GROUP: &str = "subnet-group";
/// Fact: ids of security groups for databases, with commas.
pub const POSTGRES_SECURITY_GROUPS: &str = "security-groups-postgres";
/// Fact: ids of security groups for caches, with commas.
pub const REDIS_SECURITY_GROUPS: &str = "security-groups-redis";
/// Prefix of facts, by kind: what keeps the cluster from databases in the network, for people.
pub const OBSTACLE: &str = "obstacle-";
/// Fact: the network is being taken down; nothing may be made in it.
pub const CLOSING: &str = "closing";

/// Where a database can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Region of the network.
    pub region: String,
    /// Name of the subnet group.
    pub subnet_group: String,
    /// Ids of the security groups.
    pub security_groups: Vec<String>,
}

/// The network, or why nothing can be made in it now: a text for people.
pub async fn read(
    bus: &Bus,
    cluster_id: &str,
    kind: Kind,
) -> Result<Result<Reference, String>, bus::Error> {
    Ok(usable(record(bus, cluster_id).await?.as_ref(), kind))
}

/// What keeps the cluster from a database in the network, as far as AWS tells: a text for people.
pub async fn obstacle(work: &Work<'_>, kind: Kind) -> Result<Option<String>, TurnError> {
    let record = record(work.bus, &work.item.cluster.id).await;
    let record = record.map_err(|error| TurnError::Interrupted(error.into()))?;
    let fact = format!("{OBSTACLE}{}", kind.as_str());
    let found = record.and_then(|mut it| it.facts.remove(&fact));
    Ok(found.map(|it| format!("it may be out of the cluster's reach: {it}")))
}

async fn record(bus: &Bus, cluster_id: &str) -> Result<Option<Record>, bus::Error> {
    let subject = Subject::Record(Service::from(Provider::Aws), Uid::of_network(cluster_id));
    Ok(bus.read::<Record>(&subject).await?.value)
}

/// What the record says. Pure.
pub fn usable(record: Option<&Record>, kind: Kind) -> Result<Reference, String> {
    let Some(record) = record else { return Err("waiting for the network".to_owned()) };
    if record.facts.contains_key(CLOSING) {
        return Err("waiting until the old network is gone".to_owned());
    }
    if record.state != State::Ready {
        let why = if record.message.is_empty() { "it is being made" } else { &record.message };
        return Err(format!("waiting for the network: {why}"));
    }
    let fact = |name: &str| record.facts.get(name).cloned().unwrap_or_default();
    let groups = match kind {
        Kind::Redis => fact(REDIS_SECURITY_GROUPS),
        _ => fact(POSTGRES_SECURITY_GROUPS),
    };
    Ok(Reference {
        region: record.placement.region.clone(),
        subnet_group: fact(SUBNET_GROUP),
        security_groups: groups.split(',').filter(|it| !it.is_empty()).map(Into::into).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proto::{Identity, ItemId, Placement};

    use super::*;

    fn record(state: State) -> Record {
        let identity = Identity {
            kind: Kind::Network,
            namespace: String::new(),
            name: "network".into(),
            uid: Uid::of_network("c-1"),
            generation: 0,
        };
        let placement = Placement { region: "eu-west-1".into(), ..Placement::at(Provider::Aws) };
        let mut record = Record::new(identity, placement, ItemId::random());
        record.state = state;
        for (name, value) in [
            (SUBNET_GROUP, "cro-subnets"),
            (POSTGRES_SECURITY_GROUPS, "sg-1"),
            (REDIS_SECURITY_GROUPS, "sg-2,sg-3"),
        ] {
            record.facts.insert(name.to_owned(), value.to_owned());
        }
        record
    }

    #[test]
    fn w06_w23_nothing_is_made_before_the_network_is_ready_or_while_it_closes() {
        assert!(usable(None, Kind::Redis).is_err());
        assert!(usable(Some(&record(State::Pending)), Kind::Redis).is_err());
        let mut closing = record(State::Ready);
        closing.facts.insert(CLOSING.to_owned(), String::new());
        assert!(usable(Some(&closing), Kind::Redis).is_err());
    }

    #[test]
    fn each_kind_has_its_own_security_groups() {
        let groups = |kind| usable(Some(&record(State::Ready)), kind).unwrap().security_groups;
        assert_eq!(groups(Kind::Postgres), ["sg-1"]);
        assert_eq!(groups(Kind::Redis), ["sg-2", "sg-3"]);
    }
}
