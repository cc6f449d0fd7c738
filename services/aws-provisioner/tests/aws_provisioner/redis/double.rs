//! Before the AWS double: what it does not know of ElastiCache, and what it shows otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::AbortHandle;

pub struct Double {
    port: u16,
    shared: Arc<Shared>,
    server: AbortHandle,
}

struct Shared {
    upstream: String,
    client: Client<HttpConnector, Body>,
    state: Mutex<Answers>,
}

#[derive(Default)]
struct Answers {
    whole: BTreeMap<String, String>,
    edits: Vec<(String, String)>,
    gone: BTreeSet<String>,
    calls: Vec<(String, String)>,
}

impl Double {
    pub async fn start(upstream: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let shared = Arc::new(Shared { upstream, client, state: Mutex::default() });
        let router = Router::new().fallback(serve).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let double = Self { port, shared, server: server.abort_handle() };
        double.offer(&[("redis", "6.2"), ("redis", "7.0"), ("redis", "7.1"), ("valkey", "7.2")]);
        double
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Versions that are offered from now on.
    pub fn offer(&self, versions: &[(&str, &str)]) {
        let version = |(engine, version): &(&str, &str)| {
            format!(
                "<CacheEngineVersion><Engine>{engine}</Engine>\
                 <EngineVersion>{version}</EngineVersion></CacheEngineVersion>"
            )
        };
        let versions: String = versions.iter().map(version).collect();
        let versions = format!("<CacheEngineVersions>{versions}</CacheEngineVersions>");
        self.answer("DescribeCacheEngineVersions", &versions);
    }

    /// The one member of a group that is shown from now on, with what is pending of it.
    pub fn show_member(&self, group: &str, version: &str, window: &str, pending: &str) {
        let member = format!(
            "<CacheClusters><CacheCluster><CacheClusterId>{group}-001</CacheClusterId>\
             <ReplicationGroupId>{group}</ReplicationGroupId><EngineVersion>{version}</EngineVersion>\
             <PreferredMaintenanceWindow>{window}</PreferredMaintenanceWindow>\
             <PendingModifiedValues>{pending}</PendingModifiedValues></CacheCluster></CacheClusters>"
        );
        self.answer("DescribeCacheClusters", &member);
    }

    /// A service update that AWS has for a group.
    pub fn plan(&self, group: &str, name: &str) {
        let action = format!(
            "<UpdateActions><UpdateAction><ReplicationGroupId>{group}</ReplicationGroupId>\
             <ServiceUpdateName>{name}</ServiceUpdateName>\
             <UpdateActionStatus>not-applied</UpdateActionStatus></UpdateAction></UpdateActions>"
        );
        self.answer("DescribeUpdateActions", &action);
        self.answer("BatchApplyUpdateAction", "");
    }

    /// Shows `to` instead of `from` wherever groups are shown.
    pub fn show(&self, from: &str, to: &str) {
        self.shared.lock().edits.push((from.to_owned(), to.to_owned()));
    }

    pub fn show_status(&self, status: &str) {
        self.show("<Status>available</Status>", &format!("<Status>{status}</Status>"));
    }

    pub fn show_all(&self) {
        self.shared.lock().edits.clear();
    }

    /// Operations that were asked for, answered here or not.
    pub fn calls(&self) -> Vec<String> {
        self.shared.lock().calls.iter().map(|(operation, _)| operation.clone()).collect()
    }

    pub fn count(&self, operation: &str) -> usize {
        self.calls().iter().filter(|call| *call == operation).count()
    }

    /// What was asked for last by this operation, as a form.
    pub fn last(&self, operation: &str) -> String {
        let state = self.shared.lock();
        let found = state.calls.iter().rev().find(|(name, _)| name == operation);
        found.map(|(_, form)| form.clone()).unwrap_or_default()
    }

    fn answer(&self, operation: &str, result: &str) {
        let answer = whole(operation, result);
        self.shared.lock().whole.insert(operation.to_owned(), answer);
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.state.lock().unwrap()
    }

    async fn forward(&self, mut parts: Parts, body: Bytes) -> Response {
        parts.uri = format!("{}/", self.upstream).parse().unwrap();
        parts.headers.remove(CONTENT_LENGTH);
        let request = http::Request::from_parts(parts, Body::from(body));
        let (mut parts, body) = self.client.request(request).await.unwrap().into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        Response::from_parts(parts, Body::new(body))
    }

    /// The double keeps a deleted group for ever, and takes no final snapshot.
    async fn delete(&self, parts: Parts, form: &str) -> Response {
        let id = value(form, "ReplicationGroupId").unwrap_or_default();
        if self.lock().gone.contains(&id) {
            return error(404, "ReplicationGroupNotFoundFault");
        }
        if let Some(name) = value(form, "FinalSnapshotIdentifier") {
            let snapshot = format!(
                "Action=CreateSnapshot&Version=2015-02-02&SnapshotName={name}&ReplicationGroupId={id}"
            );
            let answer = self.forward(parts.clone(), snapshot.into()).await;
            if !answer.status().is_success() {
                return answer;
            }
        }
        let form =
            format!("Action=DeleteReplicationGroup&Version=2015-02-02&ReplicationGroupId={id}");
        let answer = self.forward(parts, form.into()).await;
        // An answer that was lost had its effect.
        if answer.status().is_success() || answer.status().is_server_error() {
            self.lock().gone.insert(id);
        }
        answer
    }

    /// As groups are shown now.
    async fn shown(&self, answer: Response) -> Response {
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, 64 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        let state = self.lock();
        let text = without(text, &state.gone);
        let edited = state.edits.iter().fold(text, |text, (from, to)| text.replace(from, to));
        Response::from_parts(parts, Body::from(edited))
    }
}

/// A caller that goes away does not stop what it has asked for.
async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    tokio::spawn(answered(shared, request)).await.unwrap()
}

async fn answered(shared: Arc<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let form = String::from_utf8_lossy(&body).into_owned();
    let operation = value(&form, "Action").unwrap_or_default();
    let whole = {
        let mut state = shared.lock();
        state.calls.push((operation.clone(), form.clone()));
        state.whole.get(&operation).cloned()
    };
    match (whole, operation.as_str()) {
        (Some(whole), _) => ([("content-type", "text/xml")], whole).into_response(),
        (None, "DeleteReplicationGroup") => shared.delete(parts, &form).await,
        (None, "DescribeReplicationGroups" | "CreateReplicationGroup") => {
            let answer = shared.forward(parts, body).await;
            shared.shown(answer).await
        }
        (None, _) => shared.forward(parts, body).await,
    }
}

/// The listing without the groups that are gone.
fn without(listing: String, gone: &BTreeSet<String>) -> String {
    const END: &str = "</ReplicationGroup>";
    let Some((head, groups)) = listing.split_once("<ReplicationGroup>") else { return listing };
    let Some((groups, tail)) = groups.rsplit_once(END) else { return listing };
    let between = format!("{END}<ReplicationGroup>");
    let groups = groups.split(&between);
    let is_there = |group: &&str| {
        !gone
            .iter()
            .any(|id| group.contains(&format!("<ReplicationGroupId>{id}</ReplicationGroupId>")))
    };
    let groups = groups.filter(is_there).map(|it| format!("<ReplicationGroup>{it}{END}"));
    format!("{head}{}{tail}", groups.collect::<String>())
}

fn value(form: &str, key: &str) -> Option<String> {
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_owned())
}

fn whole(operation: &str, result: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"http://elasticache.amazonaws.com/doc/2015-02-02/\">\
         <{operation}Result>{result}</{operation}Result></{operation}Response>"
    )
}

fn error(status: u16, code: &str) -> Response {
    let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
    let status = http::StatusCode::from_u16(status).unwrap();
    (status, [("content-type", "text/xml")], body).into_response()
}
