//! Policies, as values: TLS only for a bucket, least privilege for its user.

use serde_json::{Value, json};

pub mod minted;
pub mod operator;
pub mod trust;

/// Marks our statement in a bucket's policy.
const TLS_ONLY: &str = "CloudResourceOperatorTlsOnly";

/// What a workload may do with objects; nothing about policies, settings or the bucket itself.
const OBJECT_ACTIONS: [&str; 5] = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
];
const LIST_ACTIONS: [&str; 3] =
    ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"];

/// A policy that is there and is not a policy document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// ARN of a bucket.
pub fn bucket_arn(partition: &str, bucket: &str) -> String {
    format!("arn:{partition}:s3:::{bucket}")
}

/// What a bucket's user, or a workload's role, may do.
pub fn access(bucket_arn: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": OBJECT_ACTIONS, "Resource": format!("{bucket_arn}/*") },
            { "Effect": "Allow", "Action": LIST_ACTIONS, "Resource": bucket_arn },
        ],
    })
}

/// What a mail user may do.
pub fn send_mail(identity_arns: &[String]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": identity_arns },
        ],
    })
}

/// The bucket policy that must be written so that only TLS is spoken; other statements stay. `None` when it is so.
pub fn tls_only(observed: Option<&str>, bucket_arn: &str) -> Result<Option<Value>, Unreadable> {
    let ours = tls_statement(bucket_arn);
    let mut document = match observed {
        Some(text) => serde_json::from_str(text).map_err(|_| Unreadable)?,
        None => json!({ "Version": "2012-10-17" }),
    };
    let mut statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        None if document.is_object() => Vec::new(),
        _ => return Err(Unreadable),
    };
    if statements.iter().any(|it| is_same(it, &ours)) {
        return Ok(None);
    }
    statements.retain(|statement| statement.get("Sid") != Some(&json!(TLS_ONLY)));
    statements.push(ours);
    document["Statement"] = Value::Array(statements);
    Ok(Some(document))
}

/// Whether two documents say the same: AWS may write a list of one as a single value, and lists in any order.
pub fn is_same(left: &Value, right: &Value) -> bool {
    normal(left) == normal(right)
}

fn tls_statement(bucket_arn: &str) -> Value {
    json!({
        "Sid": TLS_ONLY,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, format!("{bucket_arn}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

fn normal(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 => normal(&items[0]),
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(normal).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => {
            // `{"AWS": "*"}` is how S3 may write the principal `*`.
            if fields.len() == 1 && fields.get("AWS").map(normal) == Some(json!("*")) {
                return json!("*");
            }
            fields.iter().map(|(key, value)| (key.clone(), normal(value))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:s3:::cro-team-pictures";

    #[test]
    fn a_user_may_use_objects_and_list_and_nothing_else() {
        let policy = access(ARN);
        insta::assert_json_snapshot!(policy);
        assert!(!policy.to_string().contains("s3:*"));
    }

    #[test]
    fn the_partition_is_part_of_every_arn() {
        let arn = bucket_arn("aws-us-gov", "b");
        assert_eq!(arn, "arn:aws-us-gov:s3:::b");
        assert!(!access(&arn).to_string().contains("arn:aws:"));
    }

    #[test]
    fn a_bucket_without_a_policy_gets_ours() {
        insta::assert_json_snapshot!(tls_only(None, ARN).unwrap());
    }

    #[test]
    fn statements_of_others_stay() {
        let theirs =
            r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"Theirs","Effect":"Allow"}}"#;
        insta::assert_json_snapshot!(tls_only(Some(theirs), ARN).unwrap());
    }

    #[test]
    fn our_statement_is_replaced_by_its_sid_when_somebody_changed_it() {
        let mut policy = tls_only(None, ARN).unwrap().unwrap();
        policy["Statement"][0]["Effect"] = json!("Allow");
        let mended = tls_only(Some(&policy.to_string()), ARN).unwrap().unwrap();
        assert_eq!(Some(mended), tls_only(None, ARN).unwrap());
    }

    #[test]
    fn our_statement_is_recognised_however_aws_writes_it() {
        let ours = tls_only(None, ARN).unwrap().unwrap();
        assert_eq!(tls_only(Some(&ours.to_string()), ARN), Ok(None));
        let mut written = ours;
        written["Statement"][0]["Action"] = json!(["s3:*"]);
        written["Statement"][0]["Principal"] = json!({ "AWS": "*" });
        let resources = written["Statement"][0]["Resource"].as_array_mut().unwrap();
        resources.reverse();
        assert_eq!(tls_only(Some(&written.to_string()), ARN), Ok(None));
    }

    #[test]
    fn what_is_no_policy_is_not_overwritten() {
        for text in ["", "[]", "3", r#"{"Statement":3}"#] {
            assert_eq!(tls_only(Some(text), ARN), Err(Unreadable), "{text}");
        }
    }
}
