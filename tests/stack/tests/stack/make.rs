//! What `make` does to the current cluster.

use std::process::{Command, Output};

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ServiceAccount};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use serde_json::json;
use stack::{Claim, Kubeconfig, PATIENCE, Stack, eventually, repository, tools};

const NAMESPACE: &str = "made";

/// Runs a target with this kubeconfig.
fn make(target: &str, kubeconfig: &Kubeconfig) -> Output {
    Command::new("make")
        .current_dir(repository())
        .env("KUBECONFIG", kubeconfig.path())
        .arg(format!("KUBECTL={}", tools().unwrap().join("kubectl").display()))
        .arg(format!("HELM={}", tools().unwrap().join("helm").display()))
        .arg(format!("NAMESPACE={NAMESPACE}"))
        .arg(target)
        .output()
        .unwrap()
}

fn succeeds(target: &str, kubeconfig: &Kubeconfig) {
    let output = make(target, kubeconfig);
    assert!(output.status.success(), "{target}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What it said when it failed.
fn fails(target: &str, kubeconfig: &Kubeconfig) -> String {
    let output = make(target, kubeconfig);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{target}: {error}");
    error
}

/// Accounts, ConfigMaps and definitions of ours that are there.
async fn parts(stack: &Stack) -> [usize; 3] {
    let client = || stack.client.clone();
    let accounts: Api<ServiceAccount> = Api::namespaced(client(), NAMESPACE);
    let configs: Api<ConfigMap> = Api::namespaced(client(), NAMESPACE);
    let definitions: Api<CustomResourceDefinition> = Api::all(client());
    let all = ListParams::default();
    let accounts = accounts.list(&all).await.unwrap().items;
    let configs = configs.list(&all).await.unwrap().items;
    let definitions = definitions.list(&all).await.unwrap().items;
    let is_ours =
        |name: &Option<String>| name.as_ref().is_some_and(|it| it.starts_with("cloud-resource"));
    [
        accounts.iter().filter(|it| it.metadata.name.as_deref() != Some("default")).count(),
        configs.iter().filter(|it| is_ours(&it.metadata.name)).count(),
        definitions.iter().filter(|it| it.spec.group == "integreatly.org").count(),
    ]
}

/// Somebody who may do anything but look at claims.
async fn blind(stack: &Stack) -> Kubeconfig {
    let rights = "rbac.authorization.k8s.io";
    let rules = json!([{
        "apiGroups": ["", "apiextensions.k8s.io", rights], "resources": ["*"], "verbs": ["*"],
    }]);
    let role = json!({
        "apiVersion": format!("{rights}/v1"), "kind": "ClusterRole",
        "metadata": {"name": "blind"}, "rules": rules,
    });
    let binding = json!({
        "apiVersion": format!("{rights}/v1"), "kind": "ClusterRoleBinding",
        "metadata": {"name": "blind"},
        "roleRef": {"apiGroup": rights, "kind": "ClusterRole", "name": "blind"},
        "subjects": [{"kind": "ServiceAccount", "name": "blind", "namespace": stack.namespace}],
    });
    for object in [role, binding] {
        stack.apply(&serde_json::from_value(object).unwrap()).await.unwrap();
    }
    stack.account("blind").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_prepared_seeded_and_cleaned_only_when_no_claim_is_left() {
    let mut stack = Stack::alone("make").await.unwrap();
    let admin = stack.site().plane.admin().clone();
    let definitions: Api<CustomResourceDefinition> = Api::all(stack.client.clone());
    let (new, all) = (DeleteParams::default(), ListParams::default());
    definitions.delete_collection(&new, &all).await.unwrap();
    let gone = async || Ok((parts(&stack).await[2] == 0).then_some(()));
    eventually("no definitions", PATIENCE, gone).await.unwrap();
    for _ in 0..2 {
        succeeds("cluster/prepare", &admin);
        assert_eq!(parts(&stack).await, [4, 3, 6]);
    }
    succeeds("cluster/seed/workshop/postgres", &admin);
    stack.namespace = NAMESPACE.to_owned();
    let claim = Claim::postgres("example-postgres");
    let seeded = stack.get(&claim).await.unwrap().unwrap();
    assert_eq!(seeded.data["spec"]["type"], "workshop");
    assert_eq!(seeded.data["spec"]["tier"], "development");

    let refusal = fails("cluster/clean", &admin);
    let place: Vec<&str> = refusal.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(place, ["Postgres", NAMESPACE, "example-postgres"]);
    stack.delete(&claim).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
    succeeds("cluster/clean", &admin);
    assert_eq!(parts(&stack).await, [0, 0, 0]);
    let namespaces: Api<Namespace> = Api::all(stack.client.clone());
    assert!(namespaces.get_opt(NAMESPACE).await.unwrap().is_none());
    succeeds("cluster/clean", &admin);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_is_left_as_it_is() {
    let stack = Stack::alone("make-beside").await.unwrap();
    let admin = stack.site().plane.admin().clone();
    let namespaces: Api<Namespace> = Api::all(stack.client.clone());
    let configs: Api<ConfigMap> = Api::namespaced(stack.client.clone(), NAMESPACE);
    let namespace = json!({"metadata": {"name": NAMESPACE}});
    let config = json!({"metadata": {"name": "cloud-resource-config"}, "data": {"managed": "{}"}});
    let new = PostParams::default();
    namespaces.create(&new, &serde_json::from_value(namespace).unwrap()).await.unwrap();
    configs.create(&new, &serde_json::from_value(config).unwrap()).await.unwrap();
    succeeds("cluster/prepare", &admin);
    assert_eq!(parts(&stack).await, [4, 3, 6]);
    succeeds("cluster/clean", &admin);
    assert_eq!(parts(&stack).await, [0, 1, 6]);
    let kept = configs.get("cloud-resource-config").await.unwrap();
    assert_eq!(kept.data.unwrap()["managed"], "{}");

    let installed = json!({"metadata": {
        "name": "watcher", "annotations": {"meta.helm.sh/release-name": "a"},
    }});
    let accounts: Api<ServiceAccount> = Api::namespaced(stack.client.clone(), NAMESPACE);
    accounts.create(&new, &serde_json::from_value(installed).unwrap()).await.unwrap();
    for target in ["cluster/prepare", "cluster/clean"] {
        assert!(fails(target, &admin).contains("Helm has installed the operator"));
    }
    assert_eq!(parts(&stack).await, [1, 1, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cleaned_by_who_cannot_see_whether_claims_are_left() {
    let stack = Stack::alone("make-blind").await.unwrap();
    let admin = stack.site().plane.admin().clone();
    succeeds("cluster/prepare", &admin);
    let path = stack.site().folder.path().join("nobody.kubeconfig");
    let nobody = stack.site().plane.kubeconfig(path, "nobody", NAMESPACE).unwrap();
    fails("cluster/clean", &nobody);
    let refusal = fails("cluster/clean", &blind(&stack).await);
    assert!(refusal.contains("forbidden"), "{refusal}");
    assert_eq!(parts(&stack).await, [4, 3, 6]);
}
