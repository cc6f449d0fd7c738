//! Whether databases and caches can be reached from here: a TCP connection now and then, beside all other work (W-66).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Bus, RecordFollower};
use futures::StreamExt as _;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use proto::{Connection, Digest, Field, ItemId, Kind, Record, State, Subject, Uid, WorkItem};
use service::Process;
use service::status::StatusSource as _;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// The Go operator's.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are tried at the same time.
const AT_ONCE: usize = 16;
const METRICS: [(Kind, &str); 2] =
    [(Kind::Postgres, "cro_postgres_connection"), (Kind::Redis, "cro_redis_connection")];
const HELP: &str = "1 if a TCP connection to it was made from here a moment ago, else 0";

type Labels = [(&'static str, String); 6];
/// The metric's label `strategy` for a kind; `None` for kinds that nobody connects to.
pub type StrategyOf = fn(Kind) -> Option<&'static str>;

/// What was found of one claim.
#[derive(Clone, Debug)]
struct Found {
    kind: Kind,
    labels: Labels,
    is_reached: bool,
}

#[derive(Clone, Debug, Default)]
struct Reach(Arc<Mutex<Vec<Found>>>);

/// Where a claim's resource answers, and what its series carry. Read from the bus once for each item and connection.
#[derive(Clone, Debug)]
struct Known {
    item: ItemId,
    digest: Digest,
    address: String,
    labels: Labels,
}

/// Adds the task that tries all settled claims, one period after the other, to the process.
pub fn check_connections(
    bus: &Bus,
    records: &RecordFollower,
    period: Duration,
    strategy: StrategyOf,
    process: &mut Process,
) {
    let reach = Reach::default();
    process.metrics.register(|registry| registry.register_collector(Box::new(reach.clone())));
    let (bus, records, shutdown) = (bus.clone(), records.clone(), process.shutdown.clone());
    process.spawn("connections", async move {
        tokio::select! {
            () = run(bus, records, period, strategy, reach) => {}
            () = shutdown.cancelled() => {}
        }
        Ok(())
    });
}

async fn run(
    bus: Bus,
    records: RecordFollower,
    period: Duration,
    strategy: StrategyOf,
    reach: Reach,
) {
    let mut known = HashMap::new();
    loop {
        sleep(period).await;
        if let Some((records, _)) = records.snapshot() {
            known = learn(&bus, records, strategy, known).await;
            let tried = futures::stream::iter(known.values().cloned()).map(attempt);
            // Claims that are gone are gone from the series too.
            *reach.lock() = tried.buffer_unordered(AT_ONCE).collect().await;
        }
    }
}

/// What is known of claims that are settled; what cannot be read is tried again in the next period.
async fn learn(
    bus: &Bus,
    records: Vec<Record>,
    strategy: StrategyOf,
    mut before: HashMap<Uid, (Kind, Known)>,
) -> HashMap<Uid, (Kind, Known)> {
    let mut known = HashMap::new();
    for record in records.into_iter().filter(|record| record.state == State::Ready) {
        let (uid, kind) = (record.identity.uid.clone(), record.identity.kind);
        let (Some(strategy), Some(digest)) = (strategy(kind), record.digest.clone()) else {
            continue;
        };
        let is_current = |it: &Known| it.item == record.item_id && it.digest == digest;
        let known_already = before.remove(&uid).filter(|(_, it)| is_current(it));
        let found = match known_already {
            Some((_, it)) => Some(it),
            None => read(bus, &record, digest, strategy).await,
        };
        known.extend(found.map(|found| (uid, (kind, found))));
    }
    known
}

async fn read(bus: &Bus, record: &Record, digest: Digest, strategy: &str) -> Option<Known> {
    let (provider, identity) = (record.provider, &record.identity);
    let (kind, uid) = (identity.kind, || identity.uid.clone());
    let item = bus.read::<WorkItem>(&Subject::Work(provider, kind, uid())).await.ok()?.value?;
    let result = Subject::Result(provider, kind, uid());
    let connection = bus.read::<Connection>(&result).await.ok()?.value?;
    let labels = [
        ("clusterID", item.cluster.id),
        ("resourceID", identity.name.clone()),
        ("namespace", identity.namespace.clone()),
        ("instanceID", record.placement.identifier.clone().unwrap_or_default()),
        ("productName", item.options.product_name),
        ("strategy", strategy.to_owned()),
    ];
    let address = address(&connection)?;
    Some(Known { item: record.item_id.clone(), digest, address, labels })
}

/// `host:port`; `None` where nothing real answers.
fn address(connection: &Connection) -> Option<String> {
    let literal = |key: &str| match connection.fields.get(key) {
        Some(Field::Literal(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    // The Go operator's keys: a Redis has its bare host in `uri`.
    let host = literal("host").or_else(|| literal("uri")).filter(|_| !connection.simulated)?;
    Some(format!("{host}:{}", literal("port")?))
}

async fn attempt((kind, known): (Kind, Known)) -> Found {
    let connected = timeout(PATIENCE, TcpStream::connect(&known.address)).await;
    Found { kind, labels: known.labels, is_reached: matches!(connected, Ok(Ok(_))) }
}

impl Reach {
    fn lock(&self) -> MutexGuard<'_, Vec<Found>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Reach {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let found = self.lock().clone();
        for (kind, name) in METRICS {
            let mut metric = encoder.encode_descriptor(name, HELP, None, MetricType::Gauge)?;
            for it in found.iter().filter(|it| it.kind == kind) {
                let value = f64::from(u8::from(it.is_reached));
                ConstGauge::new(value).encode(metric.encode_family(&it.labels)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proto::{Identity, Provider};

    use super::*;

    fn connection(fields: &[(&str, &str)], simulated: bool) -> Connection {
        let literal =
            |(key, text): &(&str, &str)| ((*key).to_owned(), Field::Literal((*text).to_owned()));
        Connection {
            item_id: ItemId::random(),
            identity: Identity {
                kind: Kind::Redis,
                namespace: "shop".into(),
                name: "cache".into(),
                uid: "u".parse().unwrap(),
                generation: 1,
            },
            provider: Provider::Aws,
            fields: fields.iter().map(literal).collect(),
            simulated,
        }
    }

    #[test]
    fn the_address_is_in_the_go_operators_keys() {
        let postgres = [("host", "db.example"), ("port", "5432")];
        let redis = [("uri", "cache.example"), ("port", "6379")];
        let found = |fields: &[_], simulated| address(&connection(fields, simulated));
        assert_eq!(found(&postgres, false).as_deref(), Some("db.example:5432"));
        assert_eq!(found(&redis, false).as_deref(), Some("cache.example:6379"));
        assert_eq!(found(&redis, true), None);
        assert_eq!(found(&redis[..1], false), None);
    }
}
