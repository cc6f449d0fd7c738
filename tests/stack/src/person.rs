//! Calls of a person who has the account's keys: they are none of our services' calls.

use anyhow::Context as _;
use axum::body::Body;
use http::header::AUTHORIZATION;
use http::request::Builder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::stack::REGION;

/// Content type of the query APIs.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Sends a request to a service and returns its answer, an error unless it is good. The double wants to know the
/// service and checks no signature.
pub(crate) async fn ask(service: &str, request: Builder, body: String) -> anyhow::Result<String> {
    let scope = format!("person/20260101/{REGION}/{service}/aws4_request");
    let credential =
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let request = request.header(AUTHORIZATION, credential).body(Body::from(body))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let answer = client.request(request).await?;
    let status = answer.status();
    let text = axum::body::to_bytes(Body::new(answer), usize::MAX).await?;
    let text = String::from_utf8(text.into())?;
    anyhow::ensure!(status.is_success(), "AWS answered {status}: {text}");
    Ok(text)
}

/// What elements of this name hold.
pub(crate) fn texts(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = xml.split(&*open).skip(1);
    parts.filter_map(|part| Some(part.split_once(&*close)?.0.to_owned())).collect()
}

/// What the only element of this name holds.
pub(crate) fn text(xml: &str, element: &str) -> anyhow::Result<String> {
    texts(xml, element).into_iter().next().with_context(|| format!("no {element} in {xml}"))
}
