//! Stands before the AWS double: one account for each test, a log of calls, and faults on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::AbortHandle;

const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// One call that was made to AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Signing name of the service, such as `s3`.
    pub service: String,
    /// `Action` of a query API, or method and path of a REST API.
    pub operation: String,
    /// HTTP status of the answer; 0 when the proxy dropped it.
    pub status: u16,
}

/// What happens to the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answered with 503 and never forwarded.
    Unavailable,
    /// Forwarded, but the answer is lost: 500.
    AnswerLost,
}

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
    faults: VecDeque<(String, Fault)>,
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
        let router = Router::new().fallback(forward).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { port, shared, server: server.abort_handle() })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// From now on every call fails with 503, or is served again.
    pub fn set_down(&self, is_down: bool) {
        self.shared.lock().is_down = is_down;
    }

    /// The next call whose operation contains this text meets a fault.
    pub fn fail_next(&self, operation: &str, fault: Fault) {
        self.shared.lock().faults.push_back((operation.to_owned(), fault));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Switches> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that this operation meets, if any.
    fn fault(&self, operation: &str) -> Option<Fault> {
        let mut state = self.lock();
        if state.is_down {
            return Some(Fault::Unavailable);
        }
        let position = state.faults.iter().position(|(text, _)| operation.contains(text))?;
        state.faults.remove(position).map(|(_, fault)| fault)
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let service = signing_name(&parts.headers).unwrap_or_default();
    let operation = operation(parts.method.as_str(), &parts.uri, &parts.headers, &body);
    let fault = shared.fault(&operation);
    let response = if fault == Some(Fault::Unavailable) {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else {
        shared.send(parts, body).await
    };
    let status = if fault == Some(Fault::AnswerLost) { 0 } else { response.status().as_u16() };
    shared.lock().calls.push(Call { service, operation, status });
    if fault == Some(Fault::AnswerLost) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    response
}

impl Shared {
    async fn send(&self, mut parts: http::request::Parts, body: Bytes) -> Response {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("http://127.0.0.1:{}{path}", self.upstream);
        let Ok(uri) = uri.parse::<Uri>() else { return StatusCode::BAD_REQUEST.into_response() };
        parts.uri = uri;
        parts.headers.insert("x-moto-account-id", self.account.clone());
        match self.client.request(http::Request::from_parts(parts, Body::from(body))).await {
            Ok(response) => response.map(Body::new),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }
}

/// `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, ...`
fn signing_name(headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get("authorization")?.to_str().ok()?;
    let scope = authorization.split("Credential=").nth(1)?.split(',').next()?;
    scope.split('/').nth(3).map(str::to_owned)
}

fn operation(method: &str, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> String {
    if let Some(target) = headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        return target.to_owned();
    }
    let form = String::from_utf8_lossy(body);
    match form.split('&').find_map(|pair| pair.strip_prefix("Action=")) {
        Some(action) => action.to_owned(),
        None => format!("{method} {uri}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_by_its_service_and_operation() {
        let mut headers = HeaderMap::new();
        let scope = "AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/iam/aws4_request, Signed";
        headers.insert("authorization", HeaderValue::from_static(scope));
        assert_eq!(signing_name(&headers).as_deref(), Some("iam"));
        let form = Bytes::from_static(b"Action=CreateUser&Version=2010-05-08");
        assert_eq!(operation("POST", &Uri::from_static("/"), &headers, &form), "CreateUser");
        let path = Uri::from_static("/bucket?tagging=");
        assert_eq!(operation("PUT", &path, &headers, &Bytes::new()), "PUT /bucket?tagging=");
    }
}
