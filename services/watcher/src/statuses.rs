//! What the workers' records say, followed over gRPC.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proto::{Identity, Kind, Record, Service, Uid};
use service::config::TlsConfig;
use service::status::{Followed, follow};
use tokio::sync::mpsc;

/// News that a follower may be behind; it waits when it is more.
const BACKLOG: usize = 1024;

/// Latest record of each worker for each uid. A lost worker's records stay: no news is no change.
#[derive(Clone, Default)]
pub(crate) struct Statuses(Arc<Mutex<HashMap<(Service, Uid), Record>>>);

/// Wakes the reconcile of a claim, in whichever controller watches it.
#[derive(Clone, Default)]
pub(crate) struct Wakes(Vec<(Kind, Option<String>, mpsc::UnboundedSender<Identity>)>);

impl Wakes {
    /// A controller of a kind in a namespace, or in all.
    pub(crate) fn add(
        &mut self,
        kind: Kind,
        namespace: Option<String>,
        wake: mpsc::UnboundedSender<Identity>,
    ) {
        self.0.push((kind, namespace, wake));
    }

    fn wake(&self, identity: &Identity) {
        for (kind, namespace, wake) in &self.0 {
            if *kind == identity.kind
                && namespace.as_ref().is_none_or(|namespace| *namespace == identity.namespace)
            {
                // The controller ends only with the leader.
                let _ = wake.send(identity.clone());
            }
        }
    }
}

impl Statuses {
    /// What a worker's record says of a uid.
    pub(crate) fn of(&self, worker: Service, uid: &Uid) -> Option<Record> {
        self.lock().get(&(worker, uid.clone())).cloned()
    }

    /// Follows a worker for ever.
    pub(crate) async fn follow(
        self,
        worker: Service,
        url: String,
        tls: TlsConfig,
        wakes: Wakes,
    ) -> anyhow::Result<()> {
        let (sender, mut news) = mpsc::channel(BACKLOG);
        let followed = tokio::spawn(follow(url, tls, sender));
        while let Some(news) = news.recv().await {
            let records = match news {
                Followed::Snapshot(records) => records,
                Followed::Changed(record) => vec![*record],
                Followed::Lost => continue,
            };
            for record in records {
                self.learn(worker, record, &wakes);
            }
        }
        Ok(followed.await??)
    }

    fn learn(&self, worker: Service, record: Record, wakes: &Wakes) {
        let identity = record.identity.clone();
        let key = (worker, identity.uid.clone());
        let is_news = self.lock().get(&key) != Some(&record);
        if is_news {
            self.lock().insert(key, record);
            wakes.wake(&identity);
        }
    }

    /// Forgets a uid that is gone.
    pub(crate) fn forget(&self, uid: &Uid) {
        self.lock().retain(|(_, known), _| known != uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Service, Uid), Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
