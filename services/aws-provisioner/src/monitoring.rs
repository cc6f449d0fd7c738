//! The Go operator's metrics of what AWS knows of databases and caches: [what CloudWatch measures](measured), [what is
//! planned](planned), [how large instances are](size). Of our own claims only, and gone with them (W-65). Beside that,
//! [what keeps their network from being made](vpc).
//!
//! One replica looks for all (W-64): it holds a lease for as long as it lives. The others have no series.

mod measured;
mod planned;
mod size;
pub mod vpc;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bus::{Bus, Lease, RecordFollower};
use proto::{ItemId, Kind, Placement, Provider, Record, State, Uid};
use service::Process;
use service::gauges::{Gauges, Labels, Series};
use service::status::StatusSource as _;
use tokio::time::{Instant, sleep};

use crate::aws::Aws;
use crate::drift::regions;
use crate::listing::at_most;
use size::Memories;

/// How soon a replica takes over, and one that has lost the lease falls silent.
const LEASE_LOOK: Duration = Duration::from_secs(10);
/// What must be left of the lease for a look.
const NEEDED: Duration = Duration::from_secs(10);

/// Looks at what AWS knows of all claims, one period after the other.
pub struct Monitoring {
    /// For the lease, and what items say of claims.
    pub bus: Bus,
    /// Where to look.
    pub aws: Aws,
    /// What there is.
    pub records: RecordFollower,
    /// Between two looks; nobody looks when zero.
    pub period: Duration,
}

/// A database or a cache of ours.
struct Resource {
    kind: Kind,
    account: String,
    id: String,
    labels: Labels,
}

/// Labels of claims, read once for each item.
type Known = HashMap<Uid, (ItemId, Labels)>;

impl Monitoring {
    /// Adds the task that looks to the process.
    pub fn start(self, process: &mut Process) {
        if self.period.is_zero() {
            return;
        }
        let sources = [measured::METRICS, planned::METRICS, size::METRICS];
        let gauges = sources.map(|metrics| Gauges::register(&process.metrics, metrics));
        let shutdown = process.shutdown.clone();
        process.spawn("monitoring", async move {
            tokio::select! {
                () = self.run(gauges) => {}
                () = shutdown.cancelled() => {}
            }
            Ok(())
        });
    }

    async fn run(self, gauges: [Gauges; 3]) {
        let (mut lease, mut known, mut memories) = (None, Known::new(), Memories::new());
        let mut looked: Option<Instant> = None;
        loop {
            sleep(LEASE_LOOK.min(self.period)).await;
            lease = self.hold(lease).await;
            if lease.is_none() {
                looked = None;
                for gauges in &gauges {
                    gauges.replace(Vec::new());
                }
            } else if looked.is_none_or(|looked| looked.elapsed() >= self.period)
                && let Some((records, _)) = self.records.snapshot()
            {
                let found = self.look(&records, &mut known, &mut memories).await;
                gauges.iter().zip(found).for_each(|(gauges, series)| gauges.replace(series));
                looked = Some(Instant::now());
            }
        }
    }

    async fn hold(&self, held: Option<Lease>) -> Option<Lease> {
        if let Some(lease) = held
            && lease.ensure(NEEDED).await.is_ok()
        {
            return Some(lease);
        }
        let uid: Uid = "monitoring".parse().expect("a word is a safe token");
        self.bus.lease(Provider::Aws, &uid).await.ok().flatten()
    }

    /// What is measured, planned, and how large it is.
    async fn look(
        &self,
        records: &[Record],
        known: &mut Known,
        memories: &mut Memories,
    ) -> [Vec<Series>; 3] {
        let mut found: [Vec<Series>; 3] = Default::default();
        // What changes seldom is not listed anew for every look.
        let since = |periods| at_most(self.period * periods, Instant::now());
        *known = self.learn(records, std::mem::take(known)).await;
        for (region, resources) in by_region(records, known) {
            let used = self.aws.session().await;
            let placement = Placement { region: region.clone(), ..Placement::at(Provider::Aws) };
            let (place, clients) = match regions::reach(&self.aws, &placement).await {
                Ok(reached) => reached,
                Err(error) => {
                    self.aws.heed(error.reason(), &used).await;
                    tracing::warn!(error = %error, region, "no metrics of this region");
                    continue;
                }
            };
            let is_here = |it: &Resource| it.account == place.account;
            let resources: Vec<Resource> = resources.into_iter().filter(is_here).collect();
            let looked = [
                measured::series(&clients, &place, &resources, since(2)).await,
                planned::series(&clients, &place, &resources, since(12)).await,
                size::series(&clients, &place, &resources, since(2), memories).await,
            ];
            for (found, looked) in found.iter_mut().zip(looked) {
                match looked {
                    Ok(looked) => found.extend(looked),
                    // What one source does not tell keeps nobody from hearing the others.
                    Err(error) => {
                        self.aws.heed(error.reason(), &used).await;
                        tracing::warn!(error = %error, region, "metrics are missing");
                    }
                }
            }
        }
        found
    }

    /// Labels of what is there; what cannot be read is tried again in the next period.
    async fn learn(&self, records: &[Record], mut before: Known) -> Known {
        let mut known = Known::new();
        for record in records {
            let Some(strategy) = strategy(record).filter(|_| is_there(record)) else { continue };
            let uid = record.identity.uid.clone();
            let labels = match before.remove(&uid).filter(|(item, _)| *item == record.item_id) {
                Some((_, labels)) => Some(labels),
                None => worker::labels(&self.bus, record, strategy).await,
            };
            known.extend(labels.map(|labels| (uid, (record.item_id.clone(), labels))));
        }
        known
    }
}

fn strategy(record: &Record) -> Option<&'static str> {
    crate::provider_name(record.identity.kind)
}

fn is_there(record: &Record) -> bool {
    record.placement.observed && record.state != State::Absent
}

fn by_region(records: &[Record], known: &Known) -> BTreeMap<String, Vec<Resource>> {
    let mut regions: BTreeMap<String, Vec<Resource>> = BTreeMap::new();
    for record in records {
        let (Some((_, labels)), Some(id)) =
            (known.get(&record.identity.uid), record.placement.identifier.clone())
        else {
            continue;
        };
        let (kind, account) = (record.identity.kind, record.placement.account.clone());
        let resource = Resource { kind, account, id, labels: labels.clone() };
        regions.entry(record.placement.region.clone()).or_default().push(resource);
    }
    regions
}

/// Series of a resource with these labels besides its own.
fn series(
    metric: &'static str,
    resource: &Resource,
    more: impl IntoIterator<Item = (&'static str, String)>,
    value: f64,
) -> Series {
    let labels = resource.labels.iter().cloned().chain(more).collect();
    Series { metric, labels, value }
}

#[cfg(test)]
mod fixture {
    use super::*;

    pub(super) fn resource(kind: Kind, id: &str) -> Resource {
        let labels = vec![("resourceID", "orders".to_owned()), ("instanceID", id.to_owned())];
        Resource { kind, account: "1".into(), id: id.into(), labels }
    }
}
