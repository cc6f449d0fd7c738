//! What exists in a test's AWS account, and how often it was made.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use stack::{Call, Proxy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Names of buckets.
    pub buckets: BTreeSet<String>,
    /// Names of users, with the ids of their keys.
    pub users: BTreeMap<String, Vec<String>>,
}

impl Account {
    /// Lists everything.
    pub async fn of(aws: &Proxy) -> anyhow::Result<Self> {
        let buckets = texts(&ask(aws, "s3", "GET", "").await?, "Name").into_iter().collect();
        let list = |action: &str| format!("Action={action}&Version=2010-05-08");
        let mut users = BTreeMap::new();
        for user in texts(&ask(aws, "iam", "POST", &list("ListUsers")).await?, "UserName") {
            let query = format!("{}&UserName={user}", list("ListAccessKeys"));
            let keys = texts(&ask(aws, "iam", "POST", &query).await?, "AccessKeyId");
            users.insert(user, keys);
        }
        Ok(Self { buckets, users })
    }
}

/// Calls of our services that may have changed something.
pub fn writes(aws: &Proxy) -> Vec<Call> {
    // `Account::of` lists by POST too, but its actions are reads.
    aws.calls().into_iter().filter(Call::is_write).collect()
}

/// How often each bucket and each user was made with an answer that says so.
pub fn creations(aws: &Proxy) -> BTreeMap<(String, String), usize> {
    let is_creation = |call: &Call| ["PUT", "CreateUser"].contains(&call.operation.as_str());
    let mut counts = BTreeMap::new();
    for call in writes(aws).into_iter().filter(is_creation).filter(|call| call.status < 300) {
        *counts.entry((call.operation, call.resource)).or_default() += 1;
    }
    counts
}

async fn ask(aws: &Proxy, service: &str, method: &str, body: &str) -> anyhow::Result<String> {
    let url = aws.url();
    let address = url.strip_prefix("http://").context("the proxy speaks HTTP")?;
    let scope = format!("Credential=test/20260101/eu-west-1/{service}/aws4_request");
    // HTTP/1.0: the answer ends with the connection.
    let request = format!(
        "{method} / HTTP/1.0\r\nHost: {address}\r\nAuthorization: AWS4-HMAC-SHA256 {scope}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let is_good = answer.lines().next().is_some_and(|line| line.contains(" 200 "));
    anyhow::ensure!(is_good, "AWS answered: {answer}");
    Ok(answer)
}

fn texts(xml: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let parts = xml.split(&*open).skip(1);
    parts.filter_map(|part| Some(part.split_once(&*close)?.0.to_owned())).collect()
}
