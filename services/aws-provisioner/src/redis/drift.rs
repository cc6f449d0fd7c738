//! Which settled replication groups need a turn: one listing per region tells it for all of them, and one of their
//! members where a strategy names what only members have.

use std::collections::BTreeMap;

use proto::{Record, Uid};
use tokio::time::Instant;

use crate::aws::elasticache::{Group, Member};
use crate::aws::{Clients, Error};
use crate::place::Place;

use super::known;

/// Claims of this place whose groups are gone, or are not what they were when they were last as desired.
pub(crate) async fn changed(
    clients: &Clients,
    place: &Place,
    records: &[&Record],
) -> Result<Vec<Uid>, Error> {
    let elasticache = &clients.elasticache;
    let groups = elasticache.groups(place, Instant::now()).await?;
    let members = if records.iter().any(|it| known::watches_members(it)) {
        elasticache.members(place, Instant::now()).await?.to_vec()
    } else {
        Vec::new()
    };
    Ok(differing(records, &place.account, &groups, &members))
}

/// Those of this account that the listings show otherwise than their records. Pure.
fn differing(records: &[&Record], account: &str, groups: &[Group], members: &[Member]) -> Vec<Uid> {
    let by_id: BTreeMap<&str, &Group> = groups.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut of_group: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
    for member in members {
        of_group.entry(&member.group).or_default().push(member.clone());
    }
    let differs = |record: &&&Record| {
        let id = record.placement.identifier.as_deref().unwrap_or_default();
        let members = of_group.get(id).map_or(&[][..], Vec::as_slice);
        record.placement.account == account
            && known::differs(record, by_id.get(id).copied(), members)
    };
    records.iter().filter(differs).map(|record| record.identity.uid.clone()).collect()
}

#[cfg(test)]
mod tests {
    use proto::{Identity, ItemId, Kind, Placement, Provider, State};

    use super::*;
    use crate::aws::elasticache::Setting;

    fn group(id: &str) -> Group {
        Group { id: id.into(), status: "available".into(), ..Group::default() }
    }

    fn member(id: &str, version: &str) -> Member {
        let settings = vec![Setting::EngineVersion(version.into())];
        Member { id: format!("{id}-001"), group: id.into(), settings, ..Member::default() }
    }

    fn record(id: &str, members: Option<&[Member]>) -> Record {
        let identity = Identity {
            kind: Kind::Redis,
            namespace: "team".into(),
            name: id.into(),
            uid: id.parse().unwrap(),
            generation: 1,
        };
        let placement = Placement {
            account: "1".into(),
            identifier: Some(id.into()),
            ..Placement::at(Provider::Aws)
        };
        let mut record = Record::new(identity, placement, ItemId::random());
        record.facts.insert("group-seen".into(), known::digest(&group(id)));
        if let Some(members) = members {
            record.facts.insert("members-seen".into(), known::members_digest(members));
        }
        Record { state: State::Ready, ..record }
    }

    #[test]
    fn w43_a_listing_tells_for_all_who_is_gone_or_changed() {
        let records = [record("a", None), record("b", None), record("c", None)];
        let records: Vec<_> = records.iter().collect();
        let changed = Group { nodes: 3, ..group("b") };
        let groups = [group("a"), changed, group("foreign")];
        let uids: Vec<Uid> = ["b", "c"].map(|uid| uid.parse().unwrap()).into();
        assert_eq!(differing(&records, "1", &groups, &[member("a", "7.1.0")]), uids);
        assert!(differing(&records, "2", &groups, &[]).is_empty());
    }

    #[test]
    fn members_count_where_they_were_looked_at() {
        let record = record("a", Some(&[member("a", "7.1.0")]));
        let differing = |members: &[Member]| differing(&[&record], "1", &[group("a")], members);
        assert!(differing(&[member("a", "7.1.0"), member("b", "6.2.6")]).is_empty());
        assert_eq!(differing(&[member("a", "7.2.0")]).len(), 1);
        assert_eq!(differing(&[]).len(), 1);
    }
}
