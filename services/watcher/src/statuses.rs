//! What the workers' records say, followed over gRPC.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proto::{Identity, ItemId, Record, Service, State, Uid};
use service::config::TlsConfig;
use service::status::{Followed, follow};
use tokio::sync::mpsc;

use crate::wakes::Wakes;

/// News that a follower may be behind; it waits when it is more.
const BACKLOG: usize = 1024;

type Records = HashMap<Uid, Record>;

/// Latest record of each worker for each uid. A lost worker's records stay: no news is no change.
#[derive(Clone, Default)]
pub(crate) struct Statuses(Arc<Mutex<HashMap<Service, Records>>>);

impl Statuses {
    /// What a worker's record says of a uid.
    pub(crate) fn of(&self, worker: Service, uid: &Uid) -> Option<Record> {
        self.lock().get(&worker)?.get(uid).cloned()
    }

    /// The item that a worker's record speaks of.
    pub(crate) fn handled(&self, worker: Service, uid: &Uid) -> Option<ItemId> {
        Some(self.lock().get(&worker)?.get(uid)?.item_id.clone())
    }

    /// Follows a worker for ever, and wakes each claim of which there is news.
    pub(crate) async fn follow(
        self,
        worker: Service,
        url: String,
        tls: TlsConfig,
        wakes: Wakes,
    ) -> anyhow::Result<()> {
        let (sender, mut news) = mpsc::channel(BACKLOG);
        let hear = async {
            while let Some(news) = news.recv().await {
                for identity in self.learn(worker, news) {
                    wakes.wake_identity(&identity);
                }
            }
        };
        let (followed, ()) = tokio::join!(follow(url, tls, sender), hear);
        Ok(followed?)
    }

    /// Learns what is new, and says about whom.
    fn learn(&self, worker: Service, news: Followed) -> Vec<Identity> {
        let mut all = self.lock();
        let known = all.entry(worker).or_default();
        let records = match news {
            Followed::Lost => return Vec::new(),
            Followed::Changed(record) => vec![*record],
            Followed::Snapshot(records) => {
                let listed: Records =
                    records.iter().map(|it| (it.identity.uid.clone(), it.clone())).collect();
                let before = std::mem::replace(known, listed);
                let is_new = |it: &Record| before.get(&it.identity.uid) != Some(it);
                return records.into_iter().filter(is_new).map(|it| it.identity).collect();
            }
        };
        let mut heard = Vec::new();
        for record in records {
            let (identity, uid) = (record.identity.clone(), record.identity.uid.clone());
            if known.get(&uid) != Some(&record) {
                known.insert(uid, record);
                heard.push(identity);
            }
        }
        heard
    }

    /// Forgets what is gone and asked for by nobody: records that expire tell nobody that they do.
    pub(crate) fn forget_all_but(&self, asked: impl Fn(&Uid) -> bool) {
        let mut all = self.lock();
        let is_gone = |record: &Record| record.state == State::Absent;
        let gone: HashSet<Uid> = all
            .values()
            .flat_map(|records| records.values().filter(|record| is_gone(record)))
            .map(|record| record.identity.uid.clone())
            .filter(|uid| !asked(uid))
            .collect();
        for records in all.values_mut() {
            records.retain(|uid, _| !gone.contains(uid));
        }
    }

    /// Forgets a uid that is gone.
    pub(crate) fn forget(&self, uid: &Uid) {
        for records in self.lock().values_mut() {
            records.remove(uid);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Service, Records>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proto::Provider;

    use super::*;
    use crate::reconcile::observe::fixture::{published, record};

    const WORKER: Service = Service::AwsProvisioner;

    fn of(uid: &str, state: State) -> Record {
        let mut record = record(&published(Provider::Aws), state, None);
        record.identity.uid = uid.parse().unwrap();
        record.item_id = published_id();
        record
    }

    fn published_id() -> proto::ItemId {
        static ID: std::sync::OnceLock<proto::ItemId> = std::sync::OnceLock::new();
        ID.get_or_init(proto::ItemId::random).clone()
    }

    fn heard(statuses: &Statuses, news: Followed) -> Vec<String> {
        statuses.learn(WORKER, news).iter().map(|it| it.uid.to_string()).collect()
    }

    #[test]
    fn only_what_is_new_wakes_anybody() {
        let statuses = Statuses::default();
        let first = Followed::Snapshot(vec![of("a", State::Pending), of("b", State::Ready)]);
        assert_eq!(heard(&statuses, first), ["a", "b"]);
        let again = Followed::Snapshot(vec![of("a", State::Ready), of("b", State::Ready)]);
        assert_eq!(heard(&statuses, again), ["a"]);
        let same = Followed::Changed(Box::new(of("b", State::Ready)));
        assert!(heard(&statuses, same).is_empty());
        let changed = Followed::Changed(Box::new(of("b", State::Pending)));
        assert_eq!(heard(&statuses, changed), ["b"]);
    }

    #[test]
    fn what_is_gone_and_asked_for_by_nobody_is_forgotten() {
        let statuses = Statuses::default();
        let records = [("gone", State::Absent), ("asked", State::Absent), ("new", State::Pending)];
        let records = records.map(|(uid, state)| of(uid, state)).to_vec();
        heard(&statuses, Followed::Snapshot(records));
        statuses.forget_all_but(|uid| uid.as_str() == "asked");
        let left = ["gone", "asked", "new"]
            .map(|uid| statuses.of(WORKER, &uid.parse().unwrap()).is_some());
        assert_eq!(left, [false, true, true]);
    }

    #[test]
    fn a_lost_worker_changes_nothing_and_a_snapshot_is_the_whole_truth() {
        let statuses = Statuses::default();
        let a: Uid = "a".parse().unwrap();
        heard(&statuses, Followed::Snapshot(vec![of("a", State::Ready)]));
        assert!(heard(&statuses, Followed::Lost).is_empty());
        assert!(statuses.of(WORKER, &a).is_some());
        assert!(statuses.of(Service::SecretWriter, &a).is_none(), "it is another worker's");
        heard(&statuses, Followed::Snapshot(vec![]));
        assert!(statuses.of(WORKER, &a).is_none());
    }
}
