//! Each service may do its work in Kubernetes, and nothing else: verbs here, objects in `admission`.

use std::collections::BTreeSet;

use k8s_openapi::api::authorization::v1::{SelfSubjectRulesReview, SubjectAccessReview};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DynamicObject, ListParams, PostParams};
use proto::Service;
use serde_json::{Value, json};
use stack::{Stack, eventually, render};

/// All rules of each account, as the API server tells them.
const RULES: &str = include_str!("grants/rules.txt");

const VERBS: [&str; 8] =
    ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
const BUCKET_CLAIMS: &str = "objectbucket.io/objectbucketclaims";
const RESOURCES: [&str; 22] = [
    "integreatly.org/postgres",
    "integreatly.org/postgres/status",
    "integreatly.org/postgres/finalizers",
    "/secrets",
    "/configmaps",
    "/configmaps:cloud-resource-config",
    "/pods",
    "/pods/exec",
    "/services",
    "/persistentvolumeclaims",
    "/serviceaccounts/token",
    "/namespaces",
    "/nodes",
    "apps/deployments",
    "apps/statefulsets",
    BUCKET_CLAIMS,
    "coordination.k8s.io/leases:cloud-resource-operator-watcher",
    "events.k8s.io/events",
    "config.openshift.io/infrastructures:cluster",
    "config.openshift.io/networks:cluster",
    "cloudcredential.openshift.io/credentialsrequests",
    "cloudcredential.openshift.io/credentialsrequests:cloud-resources-aws-credentials",
];

/// What a service may do with each of these resources, as `verb group/resource/subresource:name`.
async fn allowed(stack: &Stack, service: Service, namespace: &str) -> BTreeSet<String> {
    let user = format!("system:serviceaccount:{}:{service}", stack.namespace);
    let reviews: Api<SubjectAccessReview> = Api::all(stack.client.clone());
    let mut allowed = BTreeSet::new();
    for resource in RESOURCES {
        for verb in VERBS {
            let attributes = attributes(resource, verb, namespace);
            let spec = json!({"user": user, "resourceAttributes": attributes});
            let review = serde_json::from_value(json!({"spec": spec, "metadata": {}})).unwrap();
            let answer = reviews.create(&PostParams::default(), &review).await.unwrap();
            if answer.status.unwrap().allowed {
                allowed.insert(format!("{verb} {resource}"));
            }
        }
    }
    allowed
}

fn attributes(resource: &str, verb: &str, namespace: &str) -> Value {
    let (path, name) = resource.split_once(':').unwrap_or((resource, ""));
    let mut parts = path.splitn(3, '/');
    let group = parts.next().unwrap();
    let (resource, subresource) = (parts.next().unwrap(), parts.next().unwrap_or_default());
    let cluster_wide = ["infrastructures", "networks", "nodes", "namespaces"].contains(&resource);
    json!({
        "verb": verb, "group": group, "resource": resource, "subresource": subresource,
        "name": name, "namespace": if cluster_wide { "" } else { namespace },
    })
}

fn set(entries: &[(&str, &[&str])]) -> BTreeSet<String> {
    entries
        .iter()
        .flat_map(|(resource, verbs)| verbs.iter().map(move |verb| format!("{verb} {resource}")))
        .collect()
}

fn expected(service: Service) -> BTreeSet<String> {
    match service {
        Service::Watcher => set(&[
            ("integreatly.org/postgres", &["get", "list", "watch", "patch"]),
            ("integreatly.org/postgres/status", &["patch"]),
            ("/configmaps:cloud-resource-config", &["get", "list", "watch"]),
            (
                "coordination.k8s.io/leases:cloud-resource-operator-watcher",
                &["get", "create", "update"],
            ),
            ("events.k8s.io/events", &["create", "patch"]),
            ("config.openshift.io/infrastructures:cluster", &["get"]),
            ("config.openshift.io/networks:cluster", &["get"]),
        ]),
        Service::AwsProvisioner => BTreeSet::new(),
        Service::OpenshiftProvisioner => set(&[
            ("apps/deployments", &["get", "list", "watch", "create", "patch", "delete"]),
            ("/services", &["get", "list", "watch", "create", "patch", "delete"]),
            ("/persistentvolumeclaims", &["get", "list", "watch", "create", "patch", "delete"]),
            ("/pods", &["list"]),
            (BUCKET_CLAIMS, &["get", "list", "watch", "create", "patch", "delete"]),
            ("/configmaps", &["get"]),
            ("/configmaps:cloud-resource-config", &["get"]),
        ]),
        Service::SecretWriter => set(&[
            ("/secrets", &["get", "list", "watch", "create", "update"]),
            ("integreatly.org/postgres", &["get"]),
            (BUCKET_CLAIMS, &["get"]),
            ("events.k8s.io/events", &["create", "patch"]),
            (
                "cloudcredential.openshift.io/credentialsrequests:cloud-resources-aws-credentials",
                &["get", "create", "patch"],
            ),
        ]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w26_each_service_may_do_its_work_in_its_namespaces_and_nothing_else() {
    let stack = Stack::prepare("grants").await.unwrap();
    for service in Service::ALL {
        assert_eq!(allowed(&stack, service, "grants").await, expected(service), "{service}");
        let elsewhere = allowed(&stack, service, "default").await;
        let is_cluster = |it: &String| it.starts_with("get config.openshift.io/");
        assert!(elsewhere.iter().all(is_cluster), "{service}: {elsewhere:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_request_is_answered_with_403() {
    let mut stack = Stack::prepare("denied").await.unwrap();
    for service in [Service::Watcher, Service::OpenshiftProvisioner] {
        let client = stack.service(service).client().await.unwrap();
        let secrets: Api<Secret> = Api::namespaced(client, "denied");
        let error = secrets.list(&ListParams::default()).await.unwrap_err();
        assert!(matches!(error, kube::Error::Api(status) if status.code == 403));
    }
    let calls = stack.site().plane.calls();
    let user = "system:serviceaccount:denied:watcher";
    assert!(calls.iter().any(|call| call.user == user && call.verb == "list" && call.code == 403));
}

/// The rules of an account in its namespace, without those that everybody has.
async fn rules(client: &kube::Client, namespace: &str) -> BTreeSet<String> {
    let reviews: Api<SelfSubjectRulesReview> = Api::all(client.clone());
    let review = json!({"spec": {"namespace": namespace}, "metadata": {}});
    let review = serde_json::from_value(review).unwrap();
    let answer = reviews.create(&PostParams::default(), &review).await.unwrap();
    let rules = answer.status.unwrap().resource_rules.into_iter();
    let words = |words: Option<Vec<String>>| words.unwrap_or_default().join(",");
    let rules = rules.map(|rule| {
        let names = rule.resource_names.map(|names| format!(": {}", names.join(",")));
        let (groups, resources) = (words(rule.api_groups), words(rule.resources));
        format!("{} {groups}/{resources}{}", rule.verbs.join(","), names.unwrap_or_default())
    });
    rules.filter(|rule| !rule.contains("selfsubject")).collect()
}

/// Changed rules are read by people in the file's difference.
#[tokio::test(flavor = "multi_thread")]
async fn x01_the_rules_of_each_account_are_those_that_were_reviewed() {
    let mut stack = Stack::prepare("rules").await.unwrap();
    let mut found = String::new();
    for service in Service::ALL {
        let client = match service {
            Service::AwsProvisioner => {
                stack.account(service.as_str()).await.unwrap().client().await.unwrap()
            }
            _ => stack.service(service).client().await.unwrap(),
        };
        // The API server learns of bindings in the background.
        let rules = eventually("the account's rules", stack.patience, async || {
            let rules = rules(&client, "rules").await;
            let is_known = service == Service::AwsProvisioner || rules.len() > 2;
            Ok(is_known.then_some(rules))
        })
        .await
        .unwrap();
        found.extend(rules.iter().map(|rule| format!("{service}: {rule}\n")));
    }
    assert_eq!(found, RULES, "found:\n{found}");
}

#[test]
fn x02_no_role_has_a_wildcard_or_a_way_to_more_rights() {
    let values = ["mappingNamespace=claim", "openshift.credentialsRequest.enabled=true"];
    let objects = render("roles", &values.map(str::to_owned)).unwrap();
    let is_role = |object: &&DynamicObject| {
        object.types.as_ref().is_some_and(|types| types.kind.ends_with("Role"))
    };
    let rules: Vec<&Value> =
        objects.iter().filter(is_role).filter_map(|role| role.data.get("rules")).collect();
    assert_eq!(rules.len(), 10);
    let text = serde_json::to_string(&rules).unwrap();
    for word in ["*", "escalate", "bind", "impersonate", "exec", "nodes", "deletecollection"] {
        assert!(!text.contains(&format!("\"{word}\"")) && !text.contains("pods/"), "{word}");
    }
}
