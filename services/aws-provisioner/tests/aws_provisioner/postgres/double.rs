//! Before the AWS double: what it does not know of RDS, and what it shows otherwise.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_LENGTH;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::task::AbortHandle;

pub struct Double {
    port: u16,
    shared: Arc<Shared>,
    server: AbortHandle,
}

struct Shared {
    upstream: String,
    state: Mutex<Answers>,
}

#[derive(Default)]
struct Answers {
    whole: BTreeMap<String, String>,
    edits: Vec<(String, String)>,
    calls: Vec<String>,
}

impl Double {
    pub async fn start(upstream: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { upstream, state: Mutex::default() });
        let router = Router::new().fallback(serve).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let double = Self { port, shared, server: server.abort_handle() };
        double.offer(&["13.20", "15.15", "15.16", "16.3"]);
        double
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Versions that are offered from now on.
    pub fn offer(&self, versions: &[&str]) {
        let version = |version: &&str| {
            format!("<DBEngineVersion><EngineVersion>{version}</EngineVersion></DBEngineVersion>")
        };
        let versions: String = versions.iter().map(version).collect();
        let versions = format!("<DBEngineVersions>{versions}</DBEngineVersions>");
        self.answer("DescribeDBEngineVersions", &versions);
    }

    /// Maintenance that AWS plans.
    pub fn plan(&self, arn: &str, action: &str, auto_applied_after: &str) {
        let planned = format!(
            "<PendingMaintenanceActions><ResourcePendingMaintenanceActions>\
             <ResourceIdentifier>{arn}</ResourceIdentifier><PendingMaintenanceActionDetails>\
             <PendingMaintenanceAction><Action>{action}</Action>\
             <AutoAppliedAfterDate>{auto_applied_after}</AutoAppliedAfterDate>\
             </PendingMaintenanceAction></PendingMaintenanceActionDetails>\
             </ResourcePendingMaintenanceActions></PendingMaintenanceActions>"
        );
        self.answer("DescribePendingMaintenanceActions", &planned);
        self.answer("ApplyPendingMaintenanceAction", "");
    }

    /// Shows `to` instead of `from` in every listing of instances.
    pub fn show(&self, from: &str, to: &str) {
        self.shared.state.lock().unwrap().edits.push((from.to_owned(), to.to_owned()));
    }

    pub fn show_status(&self, status: &str) {
        let from = "<DBInstanceStatus>available</DBInstanceStatus>";
        self.show(from, &format!("<DBInstanceStatus>{status}</DBInstanceStatus>"));
    }

    pub fn show_all(&self) {
        self.shared.state.lock().unwrap().edits.clear();
    }

    /// Operations that were asked for, answered here or not.
    pub fn calls(&self) -> Vec<String> {
        self.shared.state.lock().unwrap().calls.clone()
    }

    pub fn count(&self, operation: &str) -> usize {
        self.calls().iter().filter(|call| *call == operation).count()
    }

    fn answer(&self, operation: &str, result: &str) {
        let answer = format!(
            "<{operation}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
             <{operation}Result>{result}</{operation}Result></{operation}Response>"
        );
        self.shared.state.lock().unwrap().whole.insert(operation.to_owned(), answer);
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let form = String::from_utf8_lossy(&body).into_owned();
    let operation = form.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let operation = operation.unwrap_or_default().to_owned();
    let (whole, edits) = {
        let mut state = shared.state.lock().unwrap();
        state.calls.push(operation.clone());
        (state.whole.get(&operation).cloned(), state.edits.clone())
    };
    if let Some(whole) = whole {
        return ([("content-type", "text/xml")], whole).into_response();
    }
    parts.uri = format!("{}/", shared.upstream).parse().unwrap();
    parts.headers.remove(CONTENT_LENGTH);
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let forwarded = client.request(http::Request::from_parts(parts, Body::from(body))).await;
    let (mut parts, body) = forwarded.unwrap().into_parts();
    let mut body = to_bytes(Body::new(body), 64 << 20).await.unwrap();
    if operation == "DescribeDBInstances" {
        let text = String::from_utf8_lossy(&body).into_owned();
        body = edits.iter().fold(text, |text, (from, to)| text.replace(from, to)).into();
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}
