//! What an IAM policy must allow for a call:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

/// All of them.
pub(super) fn all(service: &str, operation: &str, resource: &str) -> Vec<String> {
    // Who assumes a role is not the operator yet.
    if service == "sts" && operation.starts_with("AssumeRole") {
        return Vec::new();
    }
    let one = of(service, operation, resource);
    let other = match operation {
        // One call deletes objects and versions of objects.
        "POST delete" => Some(format!("{one}Version")),
        // With a final snapshot, as a rule.
        "DeleteDBInstance" => Some("rds:CreateDBSnapshot".to_owned()),
        "DeleteReplicationGroup" => Some("elasticache:CreateSnapshot".to_owned()),
        _ => None,
    };
    [Some(one), other].into_iter().flatten().collect()
}

/// `s3:PutBucketTagging`, `rds:CreateDBInstance`.
fn of(service: &str, operation: &str, resource: &str) -> String {
    match service {
        "s3" => format!("s3:{}", s3(operation, resource)),
        "email" => format!("ses:{operation}"),
        "monitoring" => format!("cloudwatch:{operation}"),
        _ => format!("{service}:{operation}"),
    }
}

fn s3(operation: &str, resource: &str) -> String {
    let (method, subresource) = operation.split_once(' ').unwrap_or((operation, ""));
    let (bucket, key) = resource.split_once('/').unwrap_or((resource, ""));
    if bucket.is_empty() {
        return "ListAllMyBuckets".to_owned();
    }
    let action = if key.is_empty() {
        on_bucket(method, subresource)
    } else {
        on_object(method, subresource)
    };
    action.map_or_else(|| format!("? {operation}"), str::to_owned)
}

fn on_bucket(method: &str, subresource: &str) -> Option<&'static str> {
    Some(match (method, subresource) {
        ("PUT", "") => "CreateBucket",
        ("DELETE", "") => "DeleteBucket",
        ("POST", "delete") => "DeleteObject",
        ("GET", "versions") => "ListBucketVersions",
        ("GET", "uploads") => "ListBucketMultipartUploads",
        ("GET", "location") => "GetBucketLocation",
        ("GET", "tagging") => "GetBucketTagging",
        ("PUT" | "DELETE", "tagging") => "PutBucketTagging",
        ("GET", "policy") => "GetBucketPolicy",
        ("PUT", "policy") => "PutBucketPolicy",
        ("DELETE", "policy") => "DeleteBucketPolicy",
        ("GET", "encryption") => "GetEncryptionConfiguration",
        ("PUT" | "DELETE", "encryption") => "PutEncryptionConfiguration",
        ("GET", "publicAccessBlock") => "GetBucketPublicAccessBlock",
        ("PUT" | "DELETE", "publicAccessBlock") => "PutBucketPublicAccessBlock",
        ("GET", "versioning") => "GetBucketVersioning",
        ("PUT", "versioning") => "PutBucketVersioning",
        ("HEAD", _)
        | ("GET", "" | "list-type" | "prefix" | "max-keys" | "delimiter" | "encoding-type") => {
            "ListBucket"
        }
        _ => return None,
    })
}

fn on_object(method: &str, subresource: &str) -> Option<&'static str> {
    Some(match (method, subresource) {
        ("DELETE", "versionId") => "DeleteObjectVersion",
        ("DELETE", "uploadId") => "AbortMultipartUpload",
        ("DELETE", _) => "DeleteObject",
        ("GET" | "HEAD", _) => "GetObject",
        ("PUT" | "POST", _) => "PutObject",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_as_policies_name_it() {
        let cases = [
            ("rds", "CreateDBInstance", "db", "rds:CreateDBInstance"),
            ("s3", "GET", "", "s3:ListAllMyBuckets"),
            ("s3", "PUT", "bucket", "s3:CreateBucket"),
            ("s3", "HEAD", "bucket", "s3:ListBucket"),
            ("s3", "GET list-type", "bucket", "s3:ListBucket"),
            ("s3", "PUT tagging", "bucket", "s3:PutBucketTagging"),
            ("s3", "GET", "bucket/key", "s3:GetObject"),
            ("s3", "DELETE versionId", "bucket/key", "s3:DeleteObjectVersion"),
            ("s3", "PUT odd", "bucket", "s3:? PUT odd"),
        ];
        for (service, operation, resource, action) in cases {
            assert_eq!(of(service, operation, resource), action);
        }
    }
}
