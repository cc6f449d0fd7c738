//! Whether databases and caches can be reached from here: a TCP connection now and then, beside all other work (W-66).

use std::collections::HashMap;
use std::time::Duration;

use bus::{Bus, RecordFollower};
use futures::StreamExt as _;
use proto::{Connection, Digest, Field, ItemId, Kind, Record, State, Subject, Uid};
use service::Process;
use service::gauges::{Gauges, Labels, Series};
use service::status::StatusSource as _;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::labels::labels;

/// The Go operator's.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are tried at the same time.
const AT_ONCE: usize = 16;
const POSTGRES: &str = "cro_postgres_connection";
const REDIS: &str = "cro_redis_connection";
const HELP: &str = "1 if a TCP connection to it was made from here a moment ago, else 0";
const METRICS: [(&str, &str); 2] = [(POSTGRES, HELP), (REDIS, HELP)];

/// The metric's label `strategy` for a kind; `None` for kinds that nobody connects to.
pub type StrategyOf = fn(Kind) -> Option<&'static str>;

/// Where a claim's resource answers, and what its series carry. Read from the bus once for each item and connection.
#[derive(Clone, Debug)]
struct Known {
    item: ItemId,
    digest: Digest,
    address: String,
    labels: Labels,
}

/// Adds the task that tries all connections, one period after the other, to the process.
pub fn check_connections(
    bus: &Bus,
    records: &RecordFollower,
    period: Duration,
    strategy: StrategyOf,
    process: &mut Process,
) {
    let gauges = Gauges::register(&process.metrics, &METRICS);
    let (bus, records, shutdown) = (bus.clone(), records.clone(), process.shutdown.clone());
    process.spawn("connections", async move {
        tokio::select! {
            () = run(bus, records, period, strategy, gauges) => {}
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
    gauges: Gauges,
) {
    let mut known = HashMap::new();
    loop {
        sleep(period).await;
        if let Some((records, _)) = records.snapshot() {
            known = learn(&bus, records, strategy, known).await;
            let tried = futures::stream::iter(known.values().cloned()).map(attempt);
            gauges.replace(tried.buffer_unordered(AT_ONCE).collect().await);
        }
    }
}

/// What is known of all that applications were told of, in whatever state it is now: that it cannot be reached matters
/// most when it has failed. What cannot be read is tried again in the next period.
async fn learn(
    bus: &Bus,
    records: Vec<Record>,
    strategy: StrategyOf,
    mut before: HashMap<Uid, (Kind, Known)>,
) -> HashMap<Uid, (Kind, Known)> {
    let mut known = HashMap::new();
    for record in records.into_iter().filter(|record| record.state != State::Absent) {
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
    let identity = &record.identity;
    let result = Subject::Result(record.provider, identity.kind, identity.uid.clone());
    let connection = bus.read::<Connection>(&result).await.ok()?.value?;
    let address = address(&connection)?;
    let labels = labels(bus, record, strategy).await?;
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

async fn attempt((kind, known): (Kind, Known)) -> Series {
    let connected = timeout(PATIENCE, TcpStream::connect(&known.address)).await;
    Series {
        metric: if kind == Kind::Postgres { POSTGRES } else { REDIS },
        labels: known.labels,
        value: f64::from(u8::from(matches!(connected, Ok(Ok(_))))),
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
