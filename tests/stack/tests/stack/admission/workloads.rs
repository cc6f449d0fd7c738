//! openshift-provisioner's objects.

use kube::api::{Api, DeleteParams, DynamicObject, PostParams};
use proto::Service;
use serde_json::{Value, json};
use stack::Stack;

use super::{OTHER_UID, UID, api, labels, refusal, said, until_refused, with};

fn deployment() -> Value {
    let credential =
        json!({"secretKeyRef": {"name": "orders-postgres-credentials", "key": "password"}});
    let container = json!({
        "name": "postgres", "image": "quay.io/sclorg/postgresql-16-c9s:20260819",
        "env": [{"name": "POSTGRESQL_PASSWORD", "valueFrom": credential}],
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
    });
    let pod = json!({
        "automountServiceAccountToken": false,
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": "orders-x"}},
            {"name": "temporary", "emptyDir": {}},
        ],
    });
    let selector = json!({"integreatly.org/claim-uid": UID});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "orders-x", "labels": labels(UID, "postgres")},
        "spec": {
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": selector}, "spec": pod},
        },
    })
}

fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "orders-x", "labels": labels(UID, "postgres")},
        "spec": {"selector": {"integreatly.org/claim-uid": UID}, "ports": [{"port": 5432}]},
    })
}

fn volume() -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "orders-x", "labels": labels(UID, "postgres")},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    })
}

const MANAGER: &str = "metadata/labels/app.kubernetes.io~managed-by";
const POD: &str = "spec/template/spec";
const CONTAINER: &str = "spec/template/spec/containers/0";

/// Where, what instead, and what is said of it.
fn forged_pods() -> Vec<(String, Value, &'static str)> {
    let pod = |path: &str| format!("{POD}/{path}");
    let container = |path: &str| format!("{CONTAINER}/{path}");
    let security = |path: &str| format!("{CONTAINER}/securityContext/{path}");
    let node = "share nothing of the node's";
    let gain = "drop all capabilities";
    let mounts = "mount their own volume";
    let images = "images of claims are of";
    let reads = "read credential Secrets of their kind";
    let other = json!({"secretKeyRef": {"name": "watcher-keys", "key": "nats.seed"}});
    vec![
        (pod("hostNetwork"), json!(true), node),
        (pod("hostPID"), json!(true), node),
        (container("ports"), json!([{"containerPort": 80, "hostPort": 80}]), node),
        (pod("securityContext/runAsNonRoot"), json!(false), "do not run as root"),
        (security("runAsUser"), json!(0), "do not run as root"),
        (security("allowPrivilegeEscalation"), Value::Null, gain),
        (security("capabilities"), Value::Null, gain),
        (security("capabilities/add"), json!(["NET_ADMIN"]), gain),
        (pod("securityContext/seccompProfile"), Value::Null, "seccomp profile"),
        (security("seccompProfile"), json!({"type": "Unconfined"}), "seccomp profile"),
        (
            pod("securityContext/sysctls"),
            json!([{"name": "a.b", "value": "1"}]),
            "security settings",
        ),
        (security("seLinuxOptions"), json!({"type": "spc_t"}), "security settings"),
        (pod("serviceAccountName"), json!("admin"), "have no ServiceAccount"),
        (pod("automountServiceAccountToken"), json!(true), "have no ServiceAccount"),
        (pod("volumes/1"), json!({"name": "t", "hostPath": {"path": "/"}}), mounts),
        (pod("volumes/1"), json!({"name": "t", "secret": {"secretName": "s"}}), mounts),
        (pod("volumes/0/persistentVolumeClaim/claimName"), json!("another"), mounts),
        (container("image"), json!("docker.io/library/busybox"), images),
        (container("image"), json!("quay.io/sclorg/postgresql-16-c9s-evil:1"), images),
        (container("image"), json!("quay.io/sclorg/postgresql-16-c9s:1/evil"), images),
        (pod("initContainers"), json!([{"name": "a", "image": "busybox"}]), gain),
        (container("env/0/valueFrom"), other, reads),
        (container("envFrom"), json!([{"secretRef": {"name": "s"}}]), reads),
        (
            container("lifecycle"),
            json!({"postStart": {"exec": {"command": ["a"]}}}),
            "have no hooks",
        ),
    ]
}

async fn check(api: &Api<DynamicObject>, good: &Value, forged: Vec<(String, Value, &str)>) {
    assert_eq!(refusal(api, good).await, None);
    for (path, value, message) in forged {
        let said = refusal(api, &with(good, &[(&path, value)])).await.unwrap_or_default();
        assert!(said.contains(message), "{path}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x04_workloads_are_of_a_claim_restricted_and_of_allowed_images() {
    let mut stack = Stack::prepare("admit-workloads").await.unwrap();
    let client = stack.service(Service::OpenshiftProvisioner).client().await.unwrap();
    let unlabelled = (MANAGER.to_owned(), json!("Helm"), "carries the labels");

    let deployments = api(&client, &stack.client, &deployment(), &stack.namespace).await;
    let bad = with(&deployment(), &[(&format!("{CONTAINER}/image"), json!("busybox"))]);
    until_refused(&stack, &deployments, &bad, "images of claims").await;
    let mut forged = forged_pods();
    forged.push(unlabelled.clone());
    check(&deployments, &deployment(), forged).await;
    let digest = format!("quay.io/sclorg/redis-7-c9s@sha256:{}", "0".repeat(64));
    let pinned = with(&deployment(), &[(&format!("{CONTAINER}/image"), json!(digest))]);
    assert_eq!(refusal(&deployments, &pinned).await, None);

    let services = api(&client, &stack.client, &service(), &stack.namespace).await;
    let forged = [
        ("spec/type", json!("LoadBalancer"), "not exposed"),
        ("spec/type", json!("NodePort"), "not exposed"),
        ("spec/externalIPs", json!(["10.0.0.1"]), "not exposed"),
        ("spec/selector", json!({"app": "another"}), "leads to that claim's pods"),
    ];
    let forged = forged.map(|(path, value, message)| (path.to_owned(), value, message));
    check(&services, &service(), forged.into_iter().chain([unlabelled.clone()]).collect()).await;

    let volumes = api(&client, &stack.client, &volume(), &stack.namespace).await;
    let snapshot = json!({"kind": "PersistentVolumeClaim", "name": "another"});
    let forged = [
        ("spec/accessModes", json!(["ReadWriteMany"]), "serves one pod"),
        ("spec/volumeName", json!("another"), "new and empty"),
        ("spec/dataSource", snapshot, "new and empty"),
    ];
    let forged = forged.map(|(path, value, message)| (path.to_owned(), value, message));
    check(&volumes, &volume(), forged.into_iter().chain([unlabelled]).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x04_what_is_not_the_claims_is_neither_changed_nor_deleted() {
    let mut stack = Stack::prepare("admit-foreign").await.unwrap();
    let client = stack.service(Service::OpenshiftProvisioner).client().await.unwrap();
    let own = api(&client, &stack.client, &service(), &stack.namespace).await;
    let admin = api(&stack.client, &stack.client, &service(), &stack.namespace).await;
    until_refused(
        &stack,
        &own,
        &with(&service(), &[(MANAGER, json!("Helm"))]),
        "carries the labels",
    )
    .await;
    let foreign =
        with(&service(), &[("metadata/name", json!("foreign")), ("metadata/labels", json!({}))]);
    let others = with(
        &service(),
        &[("metadata/name", json!("others")), ("metadata/labels", labels(OTHER_UID, "redis"))],
    );
    for (present, message) in
        [(foreign, "is not the operator's"), (others, "was not of this claim")]
    {
        let name = present["metadata"]["name"].as_str().unwrap();
        let made = serde_json::from_value(present.clone()).unwrap();
        admin.create(&PostParams::default(), &made).await.unwrap();
        let wanted = with(&service(), &[("metadata/name", json!(name))]);
        let wanted: DynamicObject = serde_json::from_value(wanted).unwrap();
        let apply = kube::api::PatchParams::apply("test").force();
        let said = said(own.patch(name, &apply, &kube::api::Patch::Apply(&wanted)).await);
        assert!(said.as_deref().unwrap_or_default().contains(message), "{said:?}");
    }
    let refused = said(own.delete("foreign", &DeleteParams::default()).await).unwrap_or_default();
    assert!(refused.contains("is not the operator's"), "{refused}");
    assert_eq!(said(own.delete("others", &DeleteParams::default()).await), None);
}
