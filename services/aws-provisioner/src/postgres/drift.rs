//! Which settled instances need a turn: one listing per region tells it for all of them.

use std::collections::{BTreeMap, HashMap};

use proto::{Kind, Placement, Record, State, Uid};
use tokio::time::Instant;

use crate::aws::Aws;
use crate::aws::rds::Instance;
use crate::error::Error;

use super::known;

/// Claims whose instances are gone, or are not what they were when they were last as desired. A region that does not
/// answer keeps nobody from looking at the others.
pub async fn changed(aws: &Aws, records: &[Record]) -> Vec<Uid> {
    let mut regions: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records.iter().filter(|it| is_settled(it)) {
        regions.entry(&record.placement.region).or_default().push(record);
    }
    let mut found = Vec::new();
    for (region, records) in regions {
        match changed_in_region(aws, &records).await {
            Ok(uids) => found.extend(uids),
            Err(error) => tracing::warn!(error = %error, region, "failed to list databases"),
        }
    }
    found
}

async fn changed_in_region(aws: &Aws, records: &[&Record]) -> Result<Vec<Uid>, Error> {
    let Some(first) = records.first() else { return Ok(Vec::new()) };
    let caller = aws.caller(Some(&first.placement.region)).await?;
    let region = Placement { account: String::new(), ..first.placement.clone() };
    let place = caller.place(&region, None)?;
    let rds = aws.clients(&place).await.rds;
    let listed = rds.instances(&place, Instant::now()).await?;
    Ok(differing(records, &place.account, &listed))
}

fn is_settled(record: &Record) -> bool {
    record.identity.kind == Kind::Postgres && record.state == State::Ready
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
    use proto::{Identity, ItemId, Provider};

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
