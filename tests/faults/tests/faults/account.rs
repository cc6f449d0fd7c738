//! What exists in a test's AWS account, and how often it was made.

use std::collections::{BTreeMap, BTreeSet};

use stack::{Call, Proxy};

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
        let buckets = aws.buckets().await?.into_iter().collect();
        let list = |action: &str| format!("Action={action}&Version=2010-05-08");
        let mut users = BTreeMap::new();
        for user in aws.query("iam", &list("ListUsers"), "UserName").await? {
            let keys = format!("{}&UserName={user}", list("ListAccessKeys"));
            let keys = aws.query("iam", &keys, "AccessKeyId").await?;
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
