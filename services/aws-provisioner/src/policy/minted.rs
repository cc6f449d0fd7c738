//! The operator's policy as OpenShift's Cloud Credential Operator takes it, in a `CredentialsRequest`.
//!
//! It keeps the policy inline at an IAM user, where AWS has room for 2,048 characters. So statements about the same
//! resource are one, and some actions share a [wildcard](WILDCARDS).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

const API: &str = "cloudcredential.openshift.io/v1";
/// The Go operator's, of the request and of the Secret.
const NAME: &str = "cloud-resources-aws-credentials";
/// Where the operator lives unless it is told another place.
const NAMESPACE: &str = "cloud-resource-operator";
/// Who acts with these rights where `ccoctl` makes a role of them.
const ACCOUNT: &str = "aws-provisioner";
/// Those that read settings and never data, and those that AWS has no more of than the operator needs.
const WILDCARDS: [&str; 8] = [
    "ec2:Describe*",
    "elasticache:*CacheSubnetGroup",
    "elasticache:Describe*",
    "iam:GetUser*",
    "rds:*DBSubnetGroup",
    "rds:Describe*",
    "s3:GetBucket*",
    "s3:List*",
];

/// The `CredentialsRequest`, in the default namespace.
pub fn credentials_request(policy: &Value) -> Value {
    json!({
        "apiVersion": API,
        "kind": "CredentialsRequest",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/managed-by": "cloud-resource-operator"},
        },
        "spec": {
            "providerSpec": {
                "apiVersion": API,
                "kind": "AWSProviderSpec",
                "statementEntries": entries(policy),
            },
            "secretRef": {"name": NAME, "namespace": NAMESPACE},
            "serviceAccountNames": [ACCOUNT],
        },
    })
}

fn entries(policy: &Value) -> Vec<Value> {
    let (mut plain, mut conditional) = (BTreeMap::<&str, BTreeSet<&str>>::new(), Vec::new());
    for statement in policy["Statement"].as_array().into_iter().flatten() {
        let resource = statement["Resource"].as_str().unwrap_or_default();
        let actions = actions(&statement["Action"]);
        match statement.get("Condition") {
            None => plain.entry(resource).or_default().extend(actions),
            Some(condition) => conditional.push(json!({
                "effect": "Allow", "action": actions, "resource": resource, "policyCondition": condition,
            })),
        }
    }
    let plain = plain.iter().map(|(resource, actions)| {
        json!({"effect": "Allow", "action": shortened(actions), "resource": resource})
    });
    plain.chain(conditional).collect()
}

/// One action, or several.
fn actions(value: &Value) -> Vec<&str> {
    let several = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(several).collect()
}

fn shortened<'a>(actions: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let wildcard = |action| WILDCARDS.into_iter().find(|wildcard| covers(wildcard, action));
    actions.iter().map(|action| wildcard(action).unwrap_or(action)).collect()
}

/// Whether an action of a policy allows this one.
fn covers(allowed: &str, action: &str) -> bool {
    match allowed.split_once('*') {
        Some((start, end)) => {
            action.len() >= start.len() + end.len()
                && action.starts_with(start)
                && action.ends_with(end)
        }
        None => allowed == action,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::operator;

    /// What AWS counts of all inline policies of a user.
    const ROOM: usize = 2048;

    fn all() -> Vec<Value> {
        entries(&operator::operator())
    }

    fn allowed(entries: &[Value]) -> Vec<&str> {
        entries.iter().flat_map(|entry| actions(&entry["action"])).collect()
    }

    #[test]
    fn every_action_of_the_operator_is_allowed_once_and_no_wildcard_stands_for_one_alone() {
        let (entries, actions) = (all(), operator::actions());
        let allowed = allowed(&entries);
        for action in &actions {
            assert_eq!(allowed.iter().filter(|it| covers(it, action)).count(), 1, "{action}");
        }
        for wildcard in WILDCARDS {
            let all = actions.iter().filter(|action| covers(wildcard, action)).count();
            assert!(all > 1 && allowed.contains(&wildcard), "{wildcard}");
        }
        let is_known = |it: &&&str| !it.contains('*') || WILDCARDS.contains(it);
        assert_eq!(allowed.iter().filter(is_known).count(), allowed.len());
    }

    #[test]
    fn users_of_others_and_other_linked_roles_stay_out_of_reach() {
        let of = |action: &str| {
            all().into_iter().find(|entry| actions(&entry["action"]).contains(&action)).unwrap()
        };
        assert_eq!(of("iam:CreateUser")["resource"], "arn:*:iam::*:user/cro-*");
        let linked = &of("iam:CreateServiceLinkedRole")["policyCondition"]["StringEquals"];
        assert_eq!(linked["iam:AWSServiceName"][0], "rds.amazonaws.com");
    }

    #[test]
    fn the_policy_that_openshift_makes_of_it_has_room_at_a_user() {
        let statement = |entry: &Value| match entry.get("policyCondition") {
            None => {
                json!({"Effect": "Allow", "Action": entry["action"], "Resource": entry["resource"]})
            }
            Some(condition) => {
                json!({"Effect": "Allow", "Action": entry["action"], "Resource": entry["resource"], "Condition": condition})
            }
        };
        let mut statements: Vec<Value> = all().iter().map(statement).collect();
        // It adds this one.
        let user = format!("arn:aws-us-gov:iam::123456789012:user/{}", "u".repeat(64));
        statements.push(json!({"Effect": "Allow", "Action": ["iam:GetUser"], "Resource": user}));
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        assert!(policy.len() <= ROOM, "{} of {ROOM}", policy.len());
    }
}
