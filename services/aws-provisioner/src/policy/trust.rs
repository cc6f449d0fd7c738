//! Who may act as the operator's role. Names in angle brackets are filled in by whoever makes it.

use serde_json::{Value, json};

const VERSION: &str = "2012-10-17";
/// Of tokens for AWS itself: IRSA.
pub const AWS_AUDIENCE: &str = "sts.amazonaws.com";
/// Of tokens that OpenShift's operators use.
pub const OPENSHIFT_AUDIENCE: &str = "openshift";

/// The ServiceAccount of aws-provisioner, by a token with this audience.
pub fn service_account(audience: &str) -> Value {
    json!({
        "Version": VERSION,
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": "arn:<partition>:iam::<account>:oidc-provider/<issuer>"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {
                "<issuer>:sub": "system:serviceaccount:<namespace>:aws-provisioner",
                "<issuer>:aud": audience,
            }},
        }],
    })
}

/// EKS Pod Identity, for the ServiceAccount of its association.
pub fn pod_identity() -> Value {
    json!({
        "Version": VERSION,
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_one_service_account_is_trusted() {
        for audience in [AWS_AUDIENCE, OPENSHIFT_AUDIENCE] {
            let statement = &service_account(audience)["Statement"][0];
            let condition = &statement["Condition"]["StringEquals"];
            assert_eq!(condition["<issuer>:aud"], audience);
            assert!(condition["<issuer>:sub"].as_str().unwrap().ends_with(":aws-provisioner"));
        }
    }
}
