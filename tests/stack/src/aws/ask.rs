//! One call, with what it takes to ask the double behind the proxy.

use std::sync::{Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;

use super::controls::Controls;
use super::paging;
use super::query::Query;
use super::refusal::Refusal;
use super::xml::Element;
use crate::localstack::{self, LocalStack};

pub(crate) const LARGEST_BODY: usize = 64 << 20;

/// The way to the doubles, as one account.
pub(crate) struct Upstream {
    /// Ports.
    pub(crate) moto: u16,
    pub(crate) localstack: Option<u16>,
    pub(crate) account: String,
    pub(crate) client: Client<HttpConnector, Body>,
}

impl Upstream {
    /// Where LocalStack listens, if it serves this service.
    pub(crate) fn localstack(&self, service: &str) -> Option<u16> {
        self.localstack.filter(|_| LocalStack::serves(service))
    }

    /// Sends a request to a service whose target is a path.
    pub(crate) async fn send(&self, service: &str, mut request: Request<Body>) -> Response {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let localstack = self.localstack(service);
        let uri = format!("http://127.0.0.1:{}{path}", localstack.unwrap_or(self.moto));
        *request.uri_mut() = uri.parse().expect("a path that was parsed before");
        let headers = request.headers_mut();
        headers.remove(CONTENT_LENGTH);
        if localstack.is_some() {
            localstack::call_as(&self.account, service, headers);
        } else {
            let account = HeaderValue::from_str(&self.account).expect("an account is digits");
            headers.insert("x-moto-account-id", account);
        }
        match self.client.request(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }
}

/// A call of the query protocol.
pub(crate) struct Ask<'a> {
    pub(crate) upstream: &'a Upstream,
    pub(crate) controls: &'a Mutex<Controls>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) query: Query,
}

impl Ask<'_> {
    pub(crate) fn action(&self) -> &str {
        self.query.action()
    }

    /// Reads or changes what the test has asked for.
    pub(crate) fn controls<T>(&self, act: impl FnOnce(&mut Controls) -> T) -> T {
        act(&mut self.controls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the double answers to this very call.
    pub(crate) async fn forward(&self) -> Result<Element, Refusal> {
        if paging::pages(self.action()) {
            return self.all(self.service, &self.query).await;
        }
        self.send(self.service, &self.query).await
    }

    /// What the double answers to a call, in the name of the caller.
    pub(crate) async fn send(&self, service: &str, query: &Query) -> Result<Element, Refusal> {
        let authorization = self.headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
        let (own, other) =
            (format!("/{}/aws4_request", self.service), format!("/{service}/aws4_request"));
        let authorization = authorization.unwrap_or_default().replace(&own, &other);
        let request = Request::post("/")
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(query.form()))
            .expect("headers that were read before");
        let response = self.upstream.send(service, request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), LARGEST_BODY).await.unwrap_or_default();
        let body = String::from_utf8_lossy(&body);
        if !(200..300).contains(&status) {
            return Err(Refusal::read(status, &body));
        }
        Element::parse(&body).map_err(|error| Refusal::new(502, "NoXml", error))
    }

    /// All pages of a listing in one.
    pub(crate) async fn all(&self, service: &str, query: &Query) -> Result<Element, Refusal> {
        let mut query = paging::whole(service, query);
        let mut whole = self.send(service, &query).await?;
        let mut last = whole.clone();
        while let Some(next) = paging::after(service, &query, &last) {
            last = self.send(service, &next).await?;
            if let (Some(all), Some(more)) =
                (paging::list(service, &mut whole), paging::list(service, &mut last.clone()))
            {
                all.children.append(&mut more.children);
            }
            query = next;
        }
        Ok(whole)
    }
}

/// An answer that the double does not give.
pub(crate) fn answer(
    service: &str,
    action: &str,
    content: impl IntoIterator<Item = Element>,
) -> Element {
    let (namespace, is_wrapped) = match service {
        "rds" => ("http://rds.amazonaws.com/doc/2014-10-31/", true),
        "elasticache" => ("http://elasticache.amazonaws.com/doc/2015-02-02/", true),
        "ec2" => ("http://ec2.amazonaws.com/doc/2016-11-15/", false),
        _ => ("https://iam.amazonaws.com/doc/2010-05-08/", true),
    };
    let id = |name: &str| Element::leaf(name, "double");
    let children = if is_wrapped {
        let result = Element::tree(&format!("{action}Result"), content);
        vec![result, Element::tree("ResponseMetadata", [id("RequestId")])]
    } else {
        content.into_iter().chain([id("requestId")]).collect()
    };
    let mut root = Element::tree(&format!("{action}Response"), children);
    root.namespace = Some(namespace.to_owned());
    root
}
