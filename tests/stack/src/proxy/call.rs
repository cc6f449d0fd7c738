//! What was asked of AWS.

use std::time::Duration;

use axum::body::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;

use crate::aws::cbor;

/// One call that was made to AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// When it came in.
    pub at: Timestamp,
    /// Until it was answered.
    pub duration: Duration,
    /// Access key id of who called; empty when nobody signed.
    pub caller: String,
    /// Signing name of the service, such as `s3`.
    pub service: String,
    /// Region that it is for.
    pub region: String,
    /// `Action` of a query API; `<method> <subresource>` of S3, such as `PUT tagging`.
    pub operation: String,
    /// `<bucket>/<key>` on S3; the first name or identifier among the parameters of a query API.
    pub resource: String,
    /// HTTP status of the answer; 0 when there was none.
    pub status: u16,
    /// Code and text with which AWS itself refused it; empty when it did not, or never got it.
    pub refusal: String,
}

impl Call {
    pub(super) fn of(parts: &Parts, body: &Bytes) -> Self {
        let [caller, region, service] = scope(&parts.headers).unwrap_or_else(unsigned);
        let form = String::from_utf8_lossy(body);
        let cbor = cbor::operation(&parts.uri).map(|it| (it.to_owned(), String::new()));
        let (operation, resource) =
            cbor.or_else(|| query(&form)).unwrap_or_else(|| rest(&parts.method, &parts.uri));
        let (at, duration, status, refusal) = (Timestamp::now(), Duration::ZERO, 0, String::new());
        Self { at, duration, caller, service, region, operation, resource, status, refusal }
    }

    /// What an IAM policy must allow for it, such as `s3:PutBucketTagging`.
    pub fn actions(&self) -> Vec<String> {
        super::action::all(&self.service, &self.operation, &self.resource)
    }

    /// Whether it was to change something in a state in which AWS does not take that.
    pub fn is_mistimed(&self) -> bool {
        let code = self.refusal.split(':').next().unwrap_or_default();
        let is_state = code.starts_with("Invalid") && code.contains("State");
        self.is_write() && (is_state || code == "IncorrectState")
    }

    /// Whether it may have changed something.
    pub fn is_write(&self) -> bool {
        let reads = ["Get", "List", "Describe", "GET", "HEAD"];
        !reads.iter().any(|read| self.operation.starts_with(read))
    }
}

/// `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, ...`
fn scope(headers: &HeaderMap) -> Option<[String; 3]> {
    let authorization = headers.get("authorization")?.to_str().ok()?;
    let scope = authorization.split("Credential=").nth(1)?.split(',').next()?;
    let [key, _date, region, service, ..] = scope.split('/').collect::<Vec<_>>()[..] else {
        return None;
    };
    Some([key, region, service].map(str::to_owned))
}

/// Only STS takes calls that nobody signed: a token proves who asks for a role.
fn unsigned() -> [String; 3] {
    [String::new(), String::new(), "sts".to_owned()]
}

/// `Action=CreateUser&Version=2010-05-08&UserName=u`
fn query(form: &str) -> Option<(String, String)> {
    let pairs: Vec<(&str, &str)> =
        form.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let (_, action) = pairs.iter().find(|(key, _)| *key == "Action")?;
    // A database is not the instance that holds it.
    let is_name =
        |key: &str| key != "DBName" && (key.ends_with("Name") || key.ends_with("Identifier"));
    let name = pairs.iter().find(|(key, _)| is_name(key) || *key == "ReplicationGroupId");
    Some(((*action).to_owned(), name.map_or_else(String::new, |(_, value)| (*value).to_owned())))
}

fn rest(method: &Method, uri: &Uri) -> (String, String) {
    let keys = uri.query().unwrap_or_default().split('&').filter_map(|it| it.split('=').next());
    let subresource = keys.into_iter().find(|key| !key.is_empty() && *key != "x-id");
    let operation = subresource.map_or_else(|| method.to_string(), |it| format!("{method} {it}"));
    (operation, uri.path().trim_start_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_by_its_service_operation_and_resource() {
        let call = |method: &str, uri: &str, body: &'static str| {
            let scope = "AWS4-HMAC-SHA256 Credential=AK/20261123/eu-west-1/iam/aws4_request, S";
            let request = http::Request::builder().method(method).uri(uri);
            let (parts, ()) = request.header("authorization", scope).body(()).unwrap().into_parts();
            let call = Call::of(&parts, &Bytes::from_static(body.as_bytes()));
            assert_eq!(call.service, "iam");
            (call.operation.clone(), call.resource.clone(), call.is_write())
        };
        let cases = [
            ("POST", "/", "Action=CreateUser&Version=1&UserName=u", "CreateUser", "u", true),
            ("POST", "/", "Action=GetUser&UserName=u", "GetUser", "u", false),
            ("POST", "/", "Action=GetCallerIdentity", "GetCallerIdentity", "", false),
            (
                "POST",
                "/",
                "Action=CreateDBInstance&DBName=d&DBInstanceIdentifier=i",
                "CreateDBInstance",
                "i",
                true,
            ),
            ("PUT", "/bucket", "", "PUT", "bucket", true),
            ("PUT", "/bucket?tagging=", "", "PUT tagging", "bucket", true),
            ("GET", "/bucket/key?x-id=GetObject", "", "GET", "bucket/key", false),
            ("GET", "/bucket?list-type=2&prefix=p", "", "GET list-type", "bucket", false),
        ];
        for (method, uri, body, operation, resource, is_write) in cases {
            let expected = (operation.to_owned(), resource.to_owned(), is_write);
            assert_eq!(call(method, uri, body), expected);
        }
    }
}
