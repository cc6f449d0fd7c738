//! Follows the statuses of one worker for ever: reconnects, and starts each time with a snapshot.

use std::time::Duration;

use proto::wire::status_event::Event;
use proto::wire::status_service_client::StatusServiceClient;
use proto::{Record, wire};
use tokio::sync::mpsc;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use super::{MAX_MESSAGE_BYTES, StatusError, read_tls};
use crate::config::TlsConfig;

/// Pause between attempts. Short: one connection a worker, and news wait behind it.
const RETRY: Duration = Duration::from_millis(500);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What a follower hears.
#[derive(Debug)]
pub enum Followed {
    /// The whole state of a worker; what is not in it is not known there.
    Snapshot(Vec<Record>),
    /// One record changed.
    Changed(Box<Record>),
    /// The worker cannot be reached; what was heard stays as it was.
    Lost,
}

/// Follows the worker at `url` until the receiver is dropped.
pub async fn follow(
    url: String,
    tls: TlsConfig,
    followed: mpsc::Sender<Followed>,
) -> Result<(), StatusError> {
    let endpoint = endpoint(&url, &tls)?;
    while !followed.is_closed() {
        // A connection anew: another replica may answer where this one cannot.
        if let Err(status) = watch(endpoint.connect_lazy(), &followed).await {
            tracing::debug!(endpoint = url, code = ?status.code(), "statuses interrupted");
        }
        if followed.send(Followed::Lost).await.is_err() {
            break;
        }
        tokio::time::sleep(RETRY).await;
    }
    Ok(())
}

fn endpoint(url: &str, tls: &TlsConfig) -> Result<Endpoint, StatusError> {
    let transport = |source| StatusError::Transport { endpoint: url.to_owned(), source };
    let mut endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(transport)?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_while_idle(true);
    if let Some(folder) = &tls.grpc_tls_dir {
        let files = read_tls(folder)?;
        let tls = ClientTlsConfig::new().ca_certificate(files.ca).identity(files.identity);
        endpoint = endpoint.tls_config(tls).map_err(transport)?;
    }
    Ok(endpoint)
}

async fn watch(channel: Channel, followed: &mpsc::Sender<Followed>) -> Result<(), tonic::Status> {
    let mut client = StatusServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let mut request = tonic::Request::new(wire::WatchStatusesRequest {});
    for (name, value) in crate::trace::inject(&tracing::Span::current()) {
        if let (Ok(name), Ok(value)) =
            (name.parse::<tonic::metadata::MetadataKey<_>>(), value.parse())
        {
            request.metadata_mut().insert(name, value);
        }
    }
    let mut events = client.watch_statuses(request).await?.into_inner();
    let mut snapshot = None;
    while let Some(event) = events.message().await? {
        let news = match event.event {
            Some(Event::SnapshotBegin(_)) => {
                snapshot = Some(Vec::new());
                continue;
            }
            Some(Event::SnapshotEnd(_)) => Followed::Snapshot(snapshot.take().unwrap_or_default()),
            Some(Event::Status(status)) => {
                let Ok(record) = Record::try_from(status) else { continue };
                match snapshot.as_mut() {
                    Some(records) => {
                        records.push(record);
                        continue;
                    }
                    None => Followed::Changed(Box::new(record)),
                }
            }
            None => continue,
        };
        if followed.send(news).await.is_err() {
            break;
        }
    }
    Ok(())
}
