//! Serves statuses from the records that this replica follows.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use proto::wire::status_event::Event;
use proto::wire::status_service_server::{StatusService, StatusServiceServer};
use proto::{Record, Uid, wire};
use tokio::sync::broadcast;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::wrappers::{BroadcastStream, TcpListenerStream};
use tokio_util::sync::CancellationToken;
use tonic::codegen::http::{self, HeaderName, HeaderValue};
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Request, Response, Status};
use tracing::Span;

use super::{MAX_MESSAGE_BYTES, StatusError, read_tls};
use crate::config::GrpcConfig;

const DEFAULT_PAGE: usize = 500;
const MAX_PAGE: usize = 1000;

/// Where statuses come from. Implemented by the follower of a worker's records.
pub trait StatusSource: Send + Sync + 'static {
    /// The record of one uid.
    fn get(&self, uid: &Uid) -> Option<Record>;
    /// Every record, ordered by uid, and from then on every change. `None` while there is no full snapshot.
    fn snapshot(&self) -> Option<(Vec<Record>, broadcast::Receiver<Record>)>;
}

/// Serves statuses and the standard health service until shutdown.
pub async fn serve(
    config: GrpcConfig,
    source: Arc<dyn StatusSource>,
    shutdown: CancellationToken,
) -> Result<(), StatusError> {
    let address = config.grpc_address;
    let transport = |source| StatusError::Transport { endpoint: address.to_string(), source };
    let mut server = Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(10)))
        .max_concurrent_streams(64)
        .trace_fn(span);
    if let Some(folder) = &config.tls.grpc_tls_dir {
        let files = read_tls(folder)?;
        let tls = ServerTlsConfig::new().identity(files.identity).client_ca_root(files.ca);
        server = server.tls_config(tls).map_err(transport)?;
    }
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|source| StatusError::Listen { address, source })?;
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<StatusServiceServer<Statuses>>().await;
    let statuses = StatusServiceServer::new(Statuses { source, shutdown: shutdown.clone() })
        .max_decoding_message_size(MAX_MESSAGE_BYTES);
    server
        .add_service(health_service)
        .add_service(statuses)
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), shutdown.cancelled_owned())
        .await
        .map_err(transport)
}

/// The span of one request, a child of its caller's.
fn span(request: &http::Request<()>) -> Span {
    let span = tracing::info_span!("grpc", rpc.method = request.uri().path());
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    crate::trace::continue_from(&span, &request.headers().iter().filter_map(text).collect());
    span
}

struct Statuses {
    source: Arc<dyn StatusSource>,
    shutdown: CancellationToken,
}

impl Statuses {
    fn snapshot(&self) -> Result<(Vec<Record>, broadcast::Receiver<Record>), Status> {
        self.source.snapshot().ok_or_else(|| Status::unavailable("records are not read yet"))
    }
}

type Events = Pin<Box<dyn Stream<Item = Result<wire::StatusEvent, Status>> + Send>>;

#[tonic::async_trait]
impl StatusService for Statuses {
    async fn get_status(
        &self,
        request: Request<wire::GetStatusRequest>,
    ) -> Result<Response<wire::Status>, Status> {
        let uid = parse_uid(&request.get_ref().uid)?;
        let record = self.source.get(&uid).ok_or_else(|| Status::not_found("no such record"))?;
        Ok(Response::new(record.into()))
    }

    async fn list_statuses(
        &self,
        request: Request<wire::ListStatusesRequest>,
    ) -> Result<Response<wire::ListStatusesResponse>, Status> {
        let (records, _) = self.snapshot()?;
        Ok(Response::new(page(records, request.get_ref())))
    }

    type WatchStatusesStream = Events;

    async fn watch_statuses(
        &self,
        _request: Request<wire::WatchStatusesRequest>,
    ) -> Result<Response<Events>, Status> {
        let (records, changes) = self.snapshot()?;
        let changes = BroadcastStream::new(changes).map(|change| match change {
            Ok(record) => Ok(Event::Status(record.into())),
            Err(BroadcastStreamRecvError::Lagged(_)) => {
                Err(Status::aborted("changes were missed; watch again"))
            }
        });
        let snapshot = std::iter::once(Event::SnapshotBegin(wire::SnapshotBegin {}))
            .chain(records.into_iter().map(|record| Event::Status(record.into())))
            .chain(std::iter::once(Event::SnapshotEnd(wire::SnapshotEnd {})));
        let events = futures::stream::iter(snapshot.map(Ok))
            .chain(changes)
            .map(|event| event.map(|event| wire::StatusEvent { event: Some(event) }))
            .take_until(self.shutdown.clone().cancelled_owned());
        Ok(Response::new(Box::pin(events)))
    }
}

fn parse_uid(text: &str) -> Result<Uid, Status> {
    text.parse().map_err(|_| Status::invalid_argument("uid is not valid"))
}

fn page(records: Vec<Record>, request: &wire::ListStatusesRequest) -> wire::ListStatusesResponse {
    let size = match usize::try_from(request.page_size).unwrap_or(MAX_PAGE) {
        0 => DEFAULT_PAGE,
        size => size.min(MAX_PAGE),
    };
    let mut rest = records
        .into_iter()
        .filter(|record| record.identity.uid.as_str() > request.page_token.as_str())
        .peekable();
    let statuses: Vec<wire::Status> = rest.by_ref().take(size).map(Into::into).collect();
    let last = statuses.last().and_then(|status| status.identity.as_ref());
    let next_page_token = match (rest.peek(), last) {
        (Some(_), Some(identity)) => identity.uid.clone(),
        _ => String::new(),
    };
    wire::ListStatusesResponse { statuses, next_page_token }
}

#[cfg(test)]
mod tests;
