//! LocalStack: another double of AWS, for what its free edition has.

use std::path::Path;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::child::{Child, Spawn};
use crate::port::free_port;
use crate::tools::localstack_tools;

/// What it serves; anything else is moto's.
const SERVICES: [&str; 4] = ["s3", "iam", "sts", "ses"];
/// How keys begin that it has issued: they tell their account.
const ISSUED: [&str; 2] = ["LKIA", "LSIA"];

/// A LocalStack server. Tests share it, as they share [`Moto`](crate::Moto).
pub struct LocalStack {
    port: u16,
    _server: Child,
}

impl LocalStack {
    /// Starts it and waits until it answers.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut server = Spawn::new("localstack", localstack_tools()?.join("python"), folder)
            .args(["-m", "localstack.runtime.main"])
            .env("GATEWAY_LISTEN", format!("127.0.0.1:{port}"))
            .env("SERVICES", SERVICES.join(","))
            // It asks nobody on the network, and writes nowhere else.
            .env("SKIP_SSL_CERT_DOWNLOAD", "1")
            .env("DISABLE_EVENTS", "1")
            .env("DNS_ADDRESS", "0")
            .env("OVERRIDE_IN_DOCKER", "0")
            .env("FILESYSTEM_ROOT", folder.join("localstack").to_string_lossy())
            .start()?;
        server.until_listening(port).await?;
        Ok(Self { port, _server: server })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it serves what is called by this signing name.
    pub(crate) fn serves(service: &str) -> bool {
        SERVICES.contains(&service)
    }
}

/// Makes a call one of this account's, which LocalStack reads from the access key id; it checks no signature.
pub(crate) fn call_as(account: &str, service: &str, headers: &mut HeaderMap) {
    let signed = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    let parts = signed.and_then(|it| {
        let (before, scope) = it.split_once("Credential=")?;
        let (key, rest) = scope.split_once('/')?;
        Some((before, key, rest))
    });
    let signed = match parts {
        Some((_, key, _)) if ISSUED.iter().any(|it| key.starts_with(it)) => return,
        Some((before, _, rest)) => format!("{before}Credential={account}/{rest}"),
        None => format!(
            "AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        ),
    };
    let signed = HeaderValue::from_str(&signed).expect("it was a header before");
    headers.insert(AUTHORIZATION, signed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_of_the_account_unless_its_key_tells_another() {
        let called = |authorization: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(authorization) = authorization {
                headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
            }
            call_as("123456789012", "sts", &mut headers);
            headers[AUTHORIZATION].to_str().unwrap().to_owned()
        };
        assert_eq!(called(Some("A Credential=operator/d, S")), "A Credential=123456789012/d, S");
        let issued = "A Credential=LSIAQAAAAAAAGMKEM7X5/d, S";
        assert_eq!(called(Some(issued)), issued);
        assert!(called(None).contains("Credential=123456789012/20260101/us-east-1/sts/"));
    }
}
