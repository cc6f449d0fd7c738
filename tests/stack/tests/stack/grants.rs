//! Each service may do its work in Kubernetes, and nothing else.

use std::collections::BTreeSet;

use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DynamicObject, ListParams, PostParams};
use proto::Service;
use serde_json::{Value, json};
use stack::{Stack, repository};

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

#[test]
fn no_role_has_a_wildcard_or_a_way_to_more_rights() {
    let objects = stack::read_folder(&repository().join("deploy/rbac")).unwrap();
    let rules: Vec<&Value> =
        objects.iter().filter_map(|role: &DynamicObject| role.data.get("rules")).collect();
    assert_eq!(rules.len(), 8);
    let text = serde_json::to_string(&rules).unwrap();
    for word in ["*", "escalate", "bind", "impersonate", "exec", "nodes", "deletecollection"] {
        assert!(!text.contains(&format!("\"{word}\"")) && !text.contains("pods/"), "{word}");
    }
}
