use std::collections::BTreeMap;
use std::sync::Mutex;

use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use proto::{Identity, ItemId, Kind, Placement, Provider};
use tokio::sync::mpsc;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::config::TlsConfig;
use crate::status::{Followed, follow};

struct Fixed {
    records: Mutex<BTreeMap<Uid, Record>>,
    changes: broadcast::Sender<Record>,
}

impl StatusSource for Fixed {
    fn get(&self, uid: &Uid) -> Option<Record> {
        self.records.lock().unwrap().get(uid).cloned()
    }

    fn snapshot(&self) -> Option<(Vec<Record>, broadcast::Receiver<Record>)> {
        let records = self.records.lock().unwrap().values().cloned().collect();
        Some((records, self.changes.subscribe()))
    }
}

fn record(uid: &str) -> Record {
    let identity = Identity {
        kind: Kind::Redis,
        namespace: "shop".into(),
        name: "cache".into(),
        uid: uid.parse().unwrap(),
        generation: 1,
    };
    Record::new(identity, Placement::at(Provider::Aws), ItemId::random())
}

fn plaintext(address: &str) -> GrpcConfig {
    GrpcConfig {
        grpc_address: address.parse().unwrap(),
        tls: TlsConfig { grpc_tls_dir: None, grpc_plaintext: true },
    }
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn pages_cover_every_record_once() {
    let records: Vec<Record> = ["a", "b", "c", "d", "e"].map(record).to_vec();
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = wire::ListStatusesRequest { page_size: 2, page_token };
        let answer = page(records.clone(), &request);
        seen.extend(answer.statuses.into_iter().filter_map(|it| it.identity).map(|it| it.uid));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_follower_hears_a_snapshot_then_changes_and_survives_a_restart() {
    let source = Arc::new(Fixed {
        records: Mutex::new(BTreeMap::from([("a".parse().unwrap(), record("a"))])),
        changes: broadcast::channel(16).0,
    });
    let address = free_address();
    let start = || {
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(plaintext(&address), source.clone(), stop.clone()));
        (stop, server)
    };
    let (stop, server) = start();
    let (sender, mut heard) = mpsc::channel(16);
    let tls = plaintext(&address).tls;
    tokio::spawn(follow(format!("http://{address}"), tls, sender));

    let next_snapshot = async |heard: &mut mpsc::Receiver<Followed>| loop {
        if let Followed::Snapshot(records) = heard.recv().await.unwrap() {
            break records;
        }
    };
    assert_eq!(next_snapshot(&mut heard).await.len(), 1);
    source.changes.send(record("b")).unwrap();
    let Followed::Changed(changed) = heard.recv().await.unwrap() else { panic!("no change") };
    assert_eq!(changed.identity.uid.as_str(), "b");

    stop.cancel();
    server.await.unwrap().unwrap();
    let (_stop, _server) = start();
    assert_eq!(next_snapshot(&mut heard).await.len(), 1);
}

#[test]
fn a_request_goes_on_with_its_callers_trace() {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let caller = tracing::info_span!("caller");
        let mut request = http::Request::new(());
        for (name, value) in crate::trace::inject(&caller) {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let trace = |span: &Span| span.context().span().span_context().trace_id();
        assert_eq!(trace(&span(&request)), trace(&caller));
        assert_ne!(trace(&span(&http::Request::new(()))), trace(&caller));
    });
}

/// Knows nothing, as one that has lost the bus.
struct Deaf;

impl StatusSource for Deaf {
    fn get(&self, _uid: &Uid) -> Option<Record> {
        None
    }

    fn snapshot(&self) -> Option<(Vec<Record>, broadcast::Receiver<Record>)> {
        None
    }
}

/// Leads the first connection to one address and all others to the next, as when a replica is not ready any more.
async fn lead(first: String, next: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        for target in std::iter::once(first).chain(std::iter::repeat(next)) {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut replica = tokio::net::TcpStream::connect(target).await.unwrap();
                tokio::io::copy_bidirectional(&mut client, &mut replica).await
            });
        }
    });
    address
}

#[tokio::test]
async fn a_follower_leaves_a_replica_that_knows_nothing() {
    let (deaf, hearing) = (free_address(), free_address());
    let stop = CancellationToken::new();
    tokio::spawn(serve(plaintext(&deaf), Arc::new(Deaf), stop.clone()));
    let records = Mutex::new(BTreeMap::from([("a".parse().unwrap(), record("a"))]));
    let source = Arc::new(Fixed { records, changes: broadcast::channel(16).0 });
    tokio::spawn(serve(plaintext(&hearing), source, stop.clone()));
    for address in [&deaf, &hearing] {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
    let address = lead(deaf, hearing).await;
    let (sender, mut heard) = mpsc::channel(16);
    tokio::spawn(follow(format!("http://{address}"), plaintext(&address).tls, sender));
    let snapshot = async {
        loop {
            if let Followed::Snapshot(records) = heard.recv().await.unwrap() {
                break records;
            }
        }
    };
    let heard = tokio::time::timeout(Duration::from_secs(10), snapshot).await.unwrap();
    assert_eq!(heard.len(), 1);
}
