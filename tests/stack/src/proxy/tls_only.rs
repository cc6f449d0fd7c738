//! A bucket policy that denies plain text. moto cannot evaluate `aws:SecureTransport` and would deny every call on
//! objects, so such statements are stored for a resource that nobody asks for, and read back as they were written.

use axum::body::Bytes;
use http::Uri;
use serde_json::Value;

const MASK: &str = "masked:";

pub(super) fn is_policy(uri: &Uri) -> bool {
    uri.query()
        .is_some_and(|query| query.split('&').any(|it| it.split('=').next() == Some("policy")))
}

/// The policy as the double may see it.
pub(super) fn mask(policy: Bytes) -> Bytes {
    let Ok(mut document) = serde_json::from_slice::<Value>(&policy) else { return policy };
    let statements = document["Statement"].as_array_mut().into_iter().flatten();
    for statement in statements.filter(|it| it["Condition"].to_string().contains("SecureTransport"))
    {
        match &mut statement["Resource"] {
            Value::Array(resources) => resources.iter_mut().for_each(hide),
            resource => hide(resource),
        }
    }
    document.to_string().into()
}

fn hide(resource: &mut Value) {
    if let Value::String(arn) = resource {
        arn.insert_str(0, MASK);
    }
}

/// The policy as it was written.
pub(super) fn unmask(policy: &Bytes) -> Bytes {
    String::from_utf8_lossy(policy).replace(MASK, "").into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_statements_about_tls_are_hidden_and_all_come_back() {
        let tls = json!({
            "Effect": "Deny", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        });
        let other = json!({"Effect": "Allow", "Resource": "arn:aws:s3:::b/public/*"});
        let policy = Bytes::from(json!({"Statement": [tls, other]}).to_string());
        let masked = mask(policy.clone());
        let text = String::from_utf8_lossy(&masked);
        assert_eq!(text.matches("\"masked:arn").count(), 2);
        assert!(text.contains("\"arn:aws:s3:::b/public/*\""));
        assert_eq!(unmask(&masked), policy);
        assert_eq!(mask(Bytes::from_static(b"no json")), "no json");
    }

    #[test]
    fn a_policy_is_known_by_its_subresource() {
        assert!(
            is_policy(&Uri::from_static("/bucket?policy="))
                && is_policy(&Uri::from_static("/b?policy"))
        );
        assert!(!is_policy(&Uri::from_static("/bucket/policy?policyStatus")));
    }
}
