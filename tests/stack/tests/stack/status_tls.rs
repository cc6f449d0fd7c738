//! Who speaks with the status server of a worker.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use proto::{Identity, ItemId, Kind, Placement, Provider, Record, Uid};
use service::CancellationToken;
use service::config::{GrpcConfig, TlsConfig};
use service::status::{Followed, StatusSource, follow, serve};
use tokio::sync::{broadcast, mpsc};

/// Knows one record.
struct Source(broadcast::Sender<Record>);

impl StatusSource for Source {
    fn get(&self, _uid: &Uid) -> Option<Record> {
        None
    }

    fn snapshot(&self) -> Option<(Vec<Record>, broadcast::Receiver<Record>)> {
        let identity = Identity {
            kind: Kind::Redis,
            namespace: "shop".into(),
            name: "cache".into(),
            uid: "a".parse().ok()?,
            generation: 1,
        };
        let record = Record::new(identity, Placement::at(Provider::Aws), ItemId::random());
        Some((vec![record], self.0.subscribe()))
    }
}

fn with(folder: Option<PathBuf>) -> TlsConfig {
    TlsConfig { grpc_plaintext: folder.is_none(), grpc_tls_dir: folder }
}

fn keys(folder: &Path, service: &str) -> TlsConfig {
    with(Some(folder.join(service)))
}

/// What a follower hears first.
async fn first(url: String, tls: TlsConfig) -> Followed {
    let (sender, mut heard) = mpsc::channel(1);
    tokio::spawn(follow(url, tls, sender));
    tokio::time::timeout(Duration::from_secs(30), heard.recv()).await.unwrap().unwrap()
}

/// Serves with the certificates of this folder; says where.
async fn server(tls: TlsConfig) -> SocketAddr {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let grpc_address = taken.local_addr().unwrap();
    drop(taken);
    let source = Arc::new(Source(broadcast::channel(1).0));
    let config = GrpcConfig { grpc_address, tls };
    tokio::spawn(serve(config, source, CancellationToken::new()));
    while tokio::net::TcpStream::connect(grpc_address).await.is_err() {
        tokio::task::yield_now().await;
    }
    grpc_address
}

#[tokio::test]
async fn statuses_are_told_over_tls_to_services_of_the_same_installation_only() {
    let (ours, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&ours, &others] {
        setup::folder::write(folder.path(), &[]).unwrap();
    }
    let address = server(keys(ours.path(), "aws-provisioner")).await;
    let url = |scheme| format!("{scheme}://{address}");
    let heard = first(url("https"), keys(ours.path(), "watcher")).await;
    assert!(matches!(&heard, Followed::Snapshot(records) if records.len() == 1), "{heard:?}");
    let strangers = [(url("https"), keys(others.path(), "watcher")), (url("http"), with(None))];
    for (url, tls) in strangers {
        let heard = first(url, tls).await;
        assert!(matches!(heard, Followed::Lost), "{heard:?}");
    }
    // Nor does a follower believe a server of another installation.
    let address = server(keys(others.path(), "aws-provisioner")).await;
    let heard = first(format!("https://{address}"), keys(ours.path(), "watcher")).await;
    assert!(matches!(heard, Followed::Lost), "{heard:?}");
}
