//! Which settled instances need a turn: one listing per region tells it for all of them.

use std::collections::HashMap;

use proto::{Record, Uid};
use tokio::time::Instant;

use crate::aws::rds::Instance;
use crate::aws::{Clients, Error};
use crate::place::Place;

use super::known;

/// Claims of this place whose instances are gone, or are not what they were when they were last as desired.
pub(crate) async fn changed(
    clients: &Clients,
    place: &Place,
    records: &[&Record],
) -> Result<Vec<Uid>, Error> {
    let listed = clients.rds.instances(place, Instant::now()).await?;
    Ok(differing(records, &place.account, &listed))
}

/// Those of this account that the listing shows otherwise than their records. Pure.
fn differing(records: &[&Record], account: &str, listed: &[Instance]) -> Vec<Uid> {
    let listed: HashMap<&str, &Instance> = listed.iter().map(|it| (it.id.as_str(), it)).collect();
    let differs = |record: &&&Record| {
        let id = record.placement.identifier.as_deref().unwrap_or_default();
        let shown = listed.get(id).map(|it| known::digest(it));
        record.placement.account == account && shown.as_deref() != known::seen(record)
    };
    records.iter().filter(differs).map(|record| record.identity.uid.clone()).collect()
}

#[cfg(test)]
mod tests {
    use proto::{Identity, ItemId, Kind, Placement, Provider, State};

    use super::*;
    use crate::aws::rds::Setting;

    fn instance(id: &str, status: &str) -> Instance {
        let settings = vec![Setting::MultiAz(true)];
        Instance { id: id.into(), status: status.into(), settings, ..Instance::default() }
    }

    fn record(id: &str, seen: &Instance) -> Record {
        let identity = Identity {
            kind: Kind::Postgres,
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
        record.facts.insert("instance-seen".into(), known::digest(seen));
        Record { state: State::Ready, ..record }
    }

    #[test]
    fn w43_a_listing_tells_for_all_who_is_gone_or_changed() {
        let available = |id| instance(id, "available");
        let records = [
            record("a", &available("a")),
            record("b", &available("b")),
            record("c", &available("c")),
        ];
        let records: Vec<_> = records.iter().collect();
        let mut changed = available("b");
        changed.settings = vec![Setting::MultiAz(false)];
        let listed = [available("a"), changed, available("foreign")];
        let uids: Vec<Uid> = ["b", "c"].map(|uid| uid.parse().unwrap()).into();
        assert_eq!(differing(&records, "1", &listed), uids);
        assert!(differing(&records, "2", &listed).is_empty());
    }
}
