//! The AWS double, through the proxy.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use stack::{Fault, Proxy, Site};

/// Any signature will do; what matters is whom the call is for.
fn authorization(service: &str) -> String {
    let scope = format!("AK/20261123/eu-west-1/{service}/aws4_request");
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
}

async fn call(proxy: &Proxy, service: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let content_type = match service {
        "s3" => "application/octet-stream",
        _ => "application/x-www-form-urlencoded",
    };
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", proxy.url()))
        .header("authorization", authorization(service))
        .header("content-type", content_type)
        .body(Body::from(body.to_owned()));
    let response = client.request(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(Body::new(response), usize::MAX).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn succeed(proxy: &Proxy, method: &str, path: &str, body: &str) {
    let (status, text) = call(proxy, "s3", method, path, body).await;
    assert!((200..300).contains(&status), "{method} {path}: {status} {text}");
}

async fn proxy(account: &str) -> Proxy {
    let site = Site::shared().await.unwrap();
    Proxy::start(&site.doubles, account).await.unwrap()
}

const REGION: &str = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";

#[tokio::test(flavor = "multi_thread")]
async fn each_test_has_an_account_of_its_own_and_a_log_of_its_calls() {
    let (one, other) = (proxy("111111111111").await, proxy("222222222222").await);
    let identity = "Action=GetCallerIdentity&Version=2011-06-15";
    for (proxy, account) in [(&one, "111111111111"), (&other, "222222222222")] {
        let (status, text) = call(proxy, "sts", "POST", "/", identity).await;
        assert!(status == 200 && text.contains(account), "{text}");
    }
    assert_eq!(call(&one, "s3", "PUT", "/of-one", REGION).await.0, 200);
    assert!(call(&one, "s3", "GET", "/", "").await.1.contains("of-one"));
    assert!(!call(&other, "s3", "GET", "/", "").await.1.contains("of-one"));
    let made: Vec<_> = one.calls().into_iter().filter(stack::Call::is_write).collect();
    assert_eq!(made.len(), 1);
    let made = &made[0];
    assert_eq!((made.service.as_str(), made.resource.as_str(), made.status), ("s3", "of-one", 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_happen_when_they_are_asked_for_and_then_no_more() {
    let proxy = proxy("333333333333").await;
    let create = "Action=CreateUser&Version=2010-05-08&UserName=u";
    let make = async || call(&proxy, "iam", "POST", "/", create).await;
    proxy.set_down(true);
    assert_eq!(make().await.0, 503);
    proxy.set_down(false);
    proxy.fail("CreateUser", 1, Fault::Answered(400, "Throttling"));
    let (status, text) = make().await;
    assert!(status == 400 && text.contains("<Code>Throttling</Code>"), "{text}");
    proxy.fail("CreateUser", 1, Fault::AnswerLost);
    assert_eq!(make().await.0, 500);
    proxy.fail("CreateUser", 1, Fault::Delayed(Duration::from_millis(1)));
    let (status, text) = make().await;
    assert!(
        status == 409 && text.contains("EntityAlreadyExists"),
        "the lost call was made: {text}"
    );
    assert_eq!(
        proxy.calls().iter().map(|call| call.status).collect::<Vec<_>>(),
        [503, 400, 500, 409]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_demands_tls_is_kept_and_does_not_lock_us_out() {
    let proxy = proxy("444444444444").await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::tls-only","arn:aws:s3:::tls-only/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    succeed(&proxy, "PUT", "/tls-only", REGION).await;
    succeed(&proxy, "PUT", "/tls-only?policy=", policy).await;
    succeed(&proxy, "PUT", "/tls-only/key", "text").await;
    assert_eq!(call(&proxy, "s3", "GET", "/tls-only/key", "").await, (200, "text".to_owned()));
    succeed(&proxy, "GET", "/tls-only?versions=", "").await;
    succeed(&proxy, "DELETE", "/tls-only/key", "").await;
    let (status, text) = call(&proxy, "s3", "GET", "/tls-only?policy=", "").await;
    assert!(status == 200 && text.contains("aws:SecureTransport"), "{text}");
    succeed(&proxy, "DELETE", "/tls-only", "").await;
}
