//! Stands before the doubles of AWS: one account for each test, a log of calls, what they lack, and faults on demand.

mod action;
mod call;
mod controls;
mod fault;
mod look;
mod s3_pages;
mod seen;
mod tls_only;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Method, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};

use crate::aws::{Account, Ask, Controls, LARGEST_BODY, Query, Refusal, Upstream, cbor};
use crate::doubles::Doubles;
use crate::localstack::LocalStack;

pub use call::Call;
pub use fault::Fault;

/// A proxy before the doubles. Ends when dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    server: AbortHandle,
}

struct Shared {
    upstream: Upstream,
    account: Account,
    state: Mutex<State>,
    /// Answers that were held may go.
    released: Notify,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    faults: fault::Faults,
}

impl Proxy {
    /// Starts a proxy before these for a 12-digit account.
    pub async fn start(doubles: &Doubles, account: &str) -> anyhow::Result<Self> {
        let localstack = doubles.localstack.as_ref().map(LocalStack::port);
        Self::before(doubles.moto.port(), localstack, account).await
    }

    /// Starts a proxy before doubles on these ports.
    pub(crate) async fn before(
        moto: u16,
        localstack: Option<u16>,
        account: &str,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let upstream = Upstream {
            moto,
            localstack,
            account: account.to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        };
        let shared = Arc::new(Shared {
            upstream,
            account: Account::default(),
            state: Mutex::default(),
            released: Notify::new(),
        });
        let server = tokio::spawn(listen(listener, shared.clone()));
        Ok(Self { port, shared, server: server.abort_handle() })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Every call so far, in the order of their answers.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    fn controls<T>(&self, act: impl FnOnce(&mut Controls) -> T) -> T {
        self.shared.controls(act)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
        seen::record(&self.shared.lock().calls);
    }
}

/// Connections end with the server.
async fn listen(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(connection(stream, shared.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers are not held back for others.
    let _ = stream.set_nodelay(true);
    let service = tower::service_fn(move |request: http::Request<_>| {
        let shared = shared.clone();
        async move { shared.serve(request.map(Body::new)).await.ok_or(Lost) }
    });
    let server = auto::Builder::new(TokioExecutor::new()).http1_only();
    let _lost =
        server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
}

/// Ends a connection that gets no answer.
#[derive(Debug, thiserror::Error)]
#[error("lost on purpose")]
struct Lost;

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn controls<T>(&self, act: impl FnOnce(&mut Controls) -> T) -> T {
        act(&mut self.account.controls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers a call and logs it; nothing when its answer is lost.
    async fn serve(&self, request: Request) -> Option<Response> {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
            return Some(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        };
        let mut call = Call::of(&parts, &body);
        let start = Instant::now();
        let fault = self.lock().faults.next(&call.service, &call.operation);
        let response = self.meet(fault, &mut call, parts, body).await;
        call.duration = start.elapsed();
        call.status = response.as_ref().map_or(0, |response| response.status().as_u16());
        // Whoever sees the call may release its answer.
        let released = self.released.notified();
        self.lock().calls.push(call);
        if fault == Some(Fault::AnswerHeld) {
            released.await;
        }
        response
    }

    async fn meet(
        &self,
        fault: Option<Fault>,
        call: &mut Call,
        parts: Parts,
        body: Bytes,
    ) -> Option<Response> {
        match fault {
            Some(Fault::Answered(status, code)) => {
                return Some(Refusal::new(status, code, "planned").answer(&call.service));
            }
            Some(Fault::Throttled) => {
                return Some(Refusal::throttled(&call.service).answer(&call.service));
            }
            Some(Fault::RequestLost) => return None,
            Some(Fault::Delayed(delay)) => tokio::time::sleep(delay).await,
            Some(Fault::AnswerLost | Fault::AnswerCut | Fault::AnswerHeld) | None => {}
        }
        let answer = self.answer(call, parts, body).await;
        if let Err(refusal) = &answer {
            call.refusal = format!("{}: {}", refusal.code, refusal.message);
        }
        match fault {
            Some(Fault::AnswerCut) => None,
            Some(Fault::AnswerLost) => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
            _ => Some(answer.unwrap_or_else(|refusal| refusal.answer(&call.service))),
        }
    }

    async fn answer(&self, call: &Call, parts: Parts, body: Bytes) -> Result<Response, Refusal> {
        if let Some(query) = cbor::operation(&parts.uri).and_then(|it| cbor::query(it, &body)) {
            return Ok(cbor::answer(&self.ask(call, &parts, query).forward().await?));
        }
        let Some(query) = Query::parse(&String::from_utf8_lossy(&body)) else {
            return Ok(self.forward(call, parts, body).await);
        };
        let ask = self.ask(call, &parts, query);
        if let Some(refusal) = self.account.refusal(&ask).await {
            return Err(refusal);
        }
        if !Account::serves(&ask) {
            return Ok(self.forward(call, parts, body).await);
        }
        let root = self.account.answer(&ask).await?;
        Ok(([("content-type", "text/xml")], root.document()).into_response())
    }

    fn ask<'a>(&'a self, call: &'a Call, parts: &'a Parts, query: Query) -> Ask<'a> {
        Ask {
            upstream: &self.upstream,
            controls: &self.account.controls,
            headers: &parts.headers,
            service: &call.service,
            region: &call.region,
            query,
        }
    }

    async fn forward(&self, call: &Call, mut parts: Parts, mut body: Bytes) -> Response {
        let forced = self.controls(|controls| controls.page_size);
        if let Some(uri) = forced
            .filter(|_| parts.method == Method::GET)
            .and_then(|it| s3_pages::force(&parts.uri, it))
        {
            parts.uri = uri;
        }
        let service = &call.service;
        let is_masked =
            tls_only::is_policy(&parts.uri) && self.upstream.localstack(service).is_none();
        if is_masked {
            body = tls_only::mask(body);
        }
        let request = Request::from_parts(parts, Body::from(body));
        let response = self.upstream.send(service, request).await;
        if is_masked { unmasked(response).await } else { response }
    }
}

async fn unmasked(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let policy = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(tls_only::unmask(&policy)))
}
