//! Claims that nobody works on get a turn when something outside may have changed.
//!
//! Two ways to learn it, at moments that all replicas share, so that the one that gets the lease of a moment does it
//! for all: a listing per region and API, which shows which buckets are gone, and which instances and groups are gone or
//! changed; and, once per claim and drift period, spread over it, a turn that reads what no listing shows, and asks
//! again for what was refused. A claim that settled within the last drift period is not read.

pub(crate) mod regions;
mod schedule;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bus::{Bus, RecordFollower};
use proto::{Kind, Provider, Record, State, Uid};
use service::CancellationToken;
use service::status::StatusSource as _;
use tokio::time::{Instant, sleep};
use worker::Waker;

use crate::aws::Aws;
use crate::config::DriftConfig;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::postgres;
use crate::redis;
use crate::snapshot;
use schedule::{Schedule, missing};

/// Kinds that are looked after.
const KINDS: [Kind; 7] = [
    Kind::BlobStorage,
    Kind::SmtpCredentialSet,
    Kind::Postgres,
    Kind::Redis,
    Kind::PostgresSnapshot,
    Kind::RedisSnapshot,
    Kind::Network,
];
/// The lease of a moment is held for this long, so that a replica whose clock is behind finds it taken.
const HOLD: Duration = Duration::from_secs(5);
/// The part of a period over which turns are spread.
const SPREAD: f64 = 0.8;

/// Looks for drift.
pub struct Drift {
    /// For the lease of a moment.
    pub bus: Bus,
    /// For the listing.
    pub aws: Aws,
    /// What is settled.
    pub records: RecordFollower,
    /// Gives a claim its turn.
    pub waker: Waker,
    /// Counts those turns.
    pub metrics: Metrics,
    /// How often.
    pub config: DriftConfig,
}

impl Drift {
    /// Looks at every shared moment until shutdown.
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::select! {
            () = self.run_forever() => {}
            () = shutdown.cancelled() => {}
        }
    }

    async fn run_forever(&self) {
        let mut schedule = Schedule::new(self.config);
        loop {
            let (wait, moment) = next_moment(SystemTime::now(), self.config.inventory_period);
            sleep(wait).await;
            // Without a snapshot, who is settled stays what was learned last.
            let Some(handled) = self.handled() else { continue };
            schedule.learn(&handled, Instant::now());
            if !handled.is_empty() && self.is_ours().await {
                self.look(&handled, &schedule.due(moment, Instant::now())).await;
            }
        }
    }

    /// Resources that nobody works on: they are as desired, as far as anybody knows, or cannot be made so.
    fn handled(&self) -> Option<Vec<Record>> {
        let (records, _) = self.records.snapshot()?;
        let is_handled = |it: &Record| {
            KINDS.contains(&it.identity.kind) && matches!(it.state, State::Ready | State::Refused)
        };
        Some(records.into_iter().filter(is_handled).collect())
    }

    /// Whether this replica looks at this moment.
    async fn is_ours(&self) -> bool {
        let uid: Uid = "inventory".parse().expect("a word is a safe token");
        match self.bus.lease(Provider::Aws, &uid).await {
            Ok(Some(lease)) => {
                tokio::spawn(async move {
                    sleep(HOLD).await;
                    lease.release().await;
                });
                true
            }
            Ok(None) => false,
            Err(error) => {
                tracing::debug!(error = %error, "no look for drift at this moment");
                false
            }
        }
    }

    async fn look(&self, handled: &[Record], due: &[Uid]) {
        let is_settled = |it: &&Record| it.state == State::Ready;
        let settled: Vec<Record> = handled.iter().filter(is_settled).cloned().collect();
        let used = self.aws.session().await;
        match self.gone(&of_kind(&settled, Kind::BlobStorage)).await {
            Ok(gone) => gone.iter().for_each(|uid| self.wake(&settled, uid)),
            Err(error) => {
                self.aws.heed(error.reason(), &used).await;
                tracing::warn!(error = %error, "failed to list buckets");
            }
        }
        let (aws, of) = (&self.aws, &settled);
        let changed = [
            regions::changed(aws, of, &[Kind::Postgres], postgres::drift::changed).await,
            regions::changed(aws, of, &[Kind::Redis], redis::drift::changed).await,
            regions::changed(aws, of, &[Kind::PostgresSnapshot], snapshot::drift::changed).await,
            regions::changed(aws, of, &[Kind::RedisSnapshot], snapshot::drift::changed).await,
        ];
        changed.iter().flatten().for_each(|uid| self.wake(&settled, uid));
        let spread = self.config.inventory_period.mul_f64(SPREAD);
        for uid in due {
            self.wake(handled, uid);
            sleep(spread / u32::try_from(due.len()).unwrap_or(u32::MAX)).await;
        }
    }

    /// Claims whose buckets are not in the listing.
    async fn gone(&self, settled: &[Record]) -> Result<Vec<Uid>, Error> {
        let Some(first) = settled.first() else { return Ok(Vec::new()) };
        let (place, clients) = self.aws.reach(&first.placement, None).await?;
        let names = clients.s3.names().await?;
        Ok(missing(settled, &place.account, &names))
    }

    fn wake(&self, records: &[Record], uid: &Uid) {
        let Some(record) = records.iter().find(|it| it.identity.uid == *uid) else { return };
        self.metrics.drift_turns.inc();
        self.waker.wake(record.identity.kind, uid.clone());
    }
}

fn of_kind(records: &[Record], kind: Kind) -> Vec<Record> {
    records.iter().filter(|it| it.identity.kind == kind).cloned().collect()
}

/// How long until the next moment, and its number: the same for every replica.
fn next_moment(now: SystemTime, period: Duration) -> (Duration, u64) {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = period.as_secs().max(1);
    let moment = since.as_secs() / seconds + 1;
    (Duration::from_secs(moment * seconds).saturating_sub(since), moment)
}
