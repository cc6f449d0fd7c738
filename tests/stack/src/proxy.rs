//! Stands before the AWS double: one account for each test, a log of calls, and faults on demand.

mod call;
mod fault;
mod tls_only;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::AbortHandle;

pub use call::Call;
pub use fault::Fault;

const LARGEST_BODY: usize = 16 << 20;

/// A proxy before the double. Ends when dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    server: AbortHandle,
}

struct Shared {
    upstream: u16,
    account: HeaderValue,
    client: Client<HttpConnector, Body>,
    state: Mutex<Switches>,
}

#[derive(Default)]
struct Switches {
    calls: Vec<Call>,
    is_down: bool,
    faults: Vec<fault::Planned>,
}

impl Proxy {
    /// Starts a proxy before the double on `upstream` for a 12-digit account.
    pub async fn start(upstream: u16, account: &str) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            upstream,
            account: HeaderValue::from_str(account).context("an account is digits")?,
            client: Client::builder(TokioExecutor::new()).build_http(),
            state: Mutex::default(),
        });
        let router = Router::new().fallback(serve).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { port, shared, server: server.abort_handle() })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every call so far, in the order of their answers.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// From now on every call fails with 503, or is served again.
    pub fn set_down(&self, is_down: bool) {
        self.shared.lock().is_down = is_down;
    }

    /// The next calls of this operation meet a fault; an empty text means any call.
    pub fn fail(&self, operation: &str, times: usize, fault: Fault) {
        let planned = fault::Planned { operation: operation.to_owned(), times, fault };
        self.shared.lock().faults.push(planned);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut call = Call::of(&parts, &body);
    let start = Instant::now();
    let response = match shared.fault(&call.operation) {
        None => shared.forward(parts, body).await,
        Some(Fault::Answered(status, code)) => fault::answer(&call.service, status, code),
        Some(Fault::AnswerLost) => {
            let _lost = shared.forward(parts, body).await;
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Some(Fault::Delayed(delay)) => {
            tokio::time::sleep(delay).await;
            shared.forward(parts, body).await
        }
    };
    call.duration = start.elapsed();
    call.status = response.status().as_u16();
    shared.lock().calls.push(call);
    response
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Switches> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self, operation: &str) -> Option<Fault> {
        let mut state = self.lock();
        if state.is_down {
            return Some(Fault::Answered(503, "ServiceUnavailable"));
        }
        fault::next(&mut state.faults, operation)
    }

    async fn forward(&self, mut parts: Parts, mut body: Bytes) -> Response {
        let is_policy = tls_only::is_policy(&parts.uri);
        if is_policy {
            body = tls_only::mask(body);
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("http://127.0.0.1:{}{path}", self.upstream);
        parts.uri = uri.parse().expect("a path that was parsed before");
        parts.headers.insert("x-moto-account-id", self.account.clone());
        parts.headers.remove(CONTENT_LENGTH);
        match self.client.request(http::Request::from_parts(parts, Body::from(body))).await {
            Ok(response) if is_policy => unmasked(response.map(Body::new)).await,
            Ok(response) => response.map(Body::new),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }
}

async fn unmasked(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let policy = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(tls_only::unmask(&policy)))
}
