//! What the operator itself must be allowed, from the list of its calls.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::aws::{Operation, Service, operations};

/// Asked by AWS itself when the account has its first database or cache.
const LINKED_ROLE: &str = "iam:CreateServiceLinkedRole";
const LINKED_SERVICES: [&str; 2] = ["rds.amazonaws.com", "elasticache.amazonaws.com"];
/// Users that the operator makes; it touches no others.
const USERS: &str = "arn:*:iam::*:user/cro-*";

/// Every action that the operator's calls need, such as `rds:CreateDBInstance`.
pub fn actions() -> BTreeSet<String> {
    operations::all().flat_map(|operation| operation.allowed_by()).collect()
}

/// The policy document.
pub fn operator() -> Value {
    let of = |service: Service| -> BTreeSet<String> {
        let calls = operations::all().filter(|it| it.service == service);
        calls.flat_map(|it: Operation| it.allowed_by()).collect()
    };
    let statement = |sid: &str, service, resource: &str| json!({"Sid": sid, "Effect": "Allow", "Action": of(service), "Resource": resource});
    json!({
        "Version": "2012-10-17",
        "Statement": [
            statement("Caller", Service::Sts, "*"),
            statement("Buckets", Service::S3, "*"),
            statement("UsersOfBucketsAndMail", Service::Iam, USERS),
            statement("Mail", Service::Ses, "*"),
            statement("Databases", Service::Rds, "*"),
            statement("Caches", Service::ElastiCache, "*"),
            statement("NetworkOfDatabases", Service::Ec2, "*"),
            statement("Metrics", Service::CloudWatch, "*"),
            {
                "Sid": "FirstDatabaseOfTheAccount",
                "Effect": "Allow",
                "Action": LINKED_ROLE,
                "Resource": "*",
                "Condition": {"StringEquals": {"iam:AWSServiceName": LINKED_SERVICES}},
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_in_the_policy_once() {
        let policy = operator();
        let statements = policy["Statement"].as_array().unwrap();
        let listed = statements.iter().filter_map(|it| it["Action"].as_array()).flatten();
        let listed: Vec<&str> = listed.filter_map(Value::as_str).collect();
        let all = actions();
        assert_eq!(listed.len(), all.len());
        assert!(listed.into_iter().all(|action| all.contains(action)));
        assert!(all.contains("s3:DeleteObjectVersion") && !all.contains("s3:DeleteObjects"));
    }
}
