//! Which claim is read when. Pure.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use proto::{ItemId, Record, Uid};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use crate::config::DriftConfig;

/// When each settled claim was first seen settled.
pub(super) struct Schedule {
    drift_period: Duration,
    /// Moments in one drift period.
    slots: u64,
    since: BTreeMap<Uid, (ItemId, Instant)>,
}

impl Schedule {
    pub(super) fn new(config: DriftConfig) -> Self {
        let slots = config.drift_period.as_secs() / config.inventory_period.as_secs().max(1);
        let (drift_period, slots) = (config.drift_period, slots.max(1));
        Self { drift_period, slots, since: BTreeMap::new() }
    }

    /// Learns what is settled now. Another item is another beginning.
    pub(super) fn learn(&mut self, settled: &[Record], now: Instant) {
        let begin = |record: &Record| {
            let (uid, item) = (record.identity.uid.clone(), record.item_id.clone());
            let known = self.since.get(&uid).filter(|(known, _)| *known == item);
            let begin = known.map_or(now, |(_, since)| *since);
            (uid, (item, begin))
        };
        self.since = settled.iter().map(begin).collect();
    }

    /// Claims whose turn it is at this moment.
    pub(super) fn due(&self, moment: u64, now: Instant) -> Vec<Uid> {
        let is_due = |uid: &Uid, since: Instant| {
            now.duration_since(since) >= self.drift_period
                && slot(uid) % self.slots == moment % self.slots
        };
        let due = self.since.iter().filter(|(uid, (_, since))| is_due(uid, *since));
        due.map(|(uid, _)| uid.clone()).collect()
    }
}

/// Claims of this account whose buckets are not among these.
pub(super) fn missing(settled: &[Record], account: &str, names: &[String]) -> Vec<Uid> {
    let names: HashSet<&str> = names.iter().map(String::as_str).collect();
    let is_missing = |record: &&Record| {
        let place = &record.placement;
        place.account == account
            && place.identifier.as_deref().is_some_and(|name| !names.contains(name))
    };
    settled.iter().filter(is_missing).map(|record| record.identity.uid.clone()).collect()
}

/// Spreads claims evenly, the same in every replica.
fn slot(uid: &Uid) -> u64 {
    let hash = Sha256::digest(uid.as_str());
    u64::from_be_bytes(hash[..8].try_into().expect("a digest has more than eight bytes"))
}

#[cfg(test)]
mod tests {
    use proto::{Identity, Kind, Placement, Provider, State};

    use super::*;

    fn record(uid: &str, item: &ItemId) -> Record {
        let identity = Identity {
            kind: Kind::BlobStorage,
            namespace: "team".into(),
            name: uid.into(),
            uid: uid.parse().unwrap(),
            generation: 1,
        };
        let placement = Placement {
            account: "1".into(),
            identifier: Some(format!("bucket-{uid}")),
            ..Placement::at(Provider::Aws)
        };
        Record { state: State::Ready, ..Record::new(identity, placement, item.clone()) }
    }

    fn hourly() -> Schedule {
        let (inventory, drift) = (Duration::from_mins(10), Duration::from_hours(1));
        Schedule::new(DriftConfig { inventory_period: inventory, drift_period: drift })
    }

    #[test]
    fn every_claim_is_read_once_an_hour_and_never_in_its_first() {
        let (mut schedule, start, item) = (hourly(), Instant::now(), ItemId::random());
        let settled: Vec<_> =
            (0..100).map(|number| record(&format!("u-{number}"), &item)).collect();
        let mut reads = Vec::new();
        for moment in 0..12 {
            let now = start + Duration::from_mins(10) * moment;
            schedule.learn(&settled, now);
            let due = schedule.due(moment.into(), now);
            assert!(moment >= 6 || due.is_empty());
            assert!(due.len() < 50, "spread over the hour");
            reads.extend(due);
        }
        reads.sort();
        let mut all: Vec<_> = settled.iter().map(|record| record.identity.uid.clone()).collect();
        all.sort();
        assert_eq!(reads, all);
    }

    #[test]
    fn a_new_item_begins_anew_and_what_is_not_settled_is_forgotten() {
        let (mut schedule, start) = (hourly(), Instant::now());
        let hour = Duration::from_hours(1);
        schedule.learn(&[record("a", &ItemId::random())], start);
        schedule.learn(&[record("a", &ItemId::random())], start + hour);
        assert!((0..6).all(|moment| schedule.due(moment, start + hour).is_empty()));
        schedule.learn(&[], start + hour);
        assert!((0..6).all(|moment| schedule.due(moment, start + hour * 9).is_empty()));
    }

    #[test]
    fn a_bucket_that_is_not_listed_is_missing_in_its_own_account_only() {
        let item = ItemId::random();
        let settled = [record("a", &item), record("b", &item)];
        let names = ["bucket-a".to_owned(), "other".to_owned()];
        assert_eq!(missing(&settled, "1", &names), ["b".parse().unwrap()]);
        assert!(missing(&settled, "2", &names).is_empty());
    }
}
