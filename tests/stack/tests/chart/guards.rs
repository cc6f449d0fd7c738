//! What only the cluster knows is looked up before anything is done.

use std::process::Output;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use stack::{CHART, Stack, helm};

/// What `helm install` would do.
fn install(stack: &Stack, namespace: &str, values: &[&str]) -> Output {
    let mut helm = helm().unwrap();
    helm.args(["install", "another", CHART, "--dry-run=server", "--namespace", namespace])
        .env("KUBECONFIG", stack.site().plane.admin().path());
    for value in values {
        helm.args(["--set", value]);
    }
    helm.output().unwrap()
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_operator_for_the_same_claims_is_refused() {
    let stack = Stack::alone("first").await.unwrap();
    for values in [&[][..], &["watchNamespaces={first,shop}"]] {
        let said = refusal(&install(&stack, "second", values));
        assert!(said.contains("the operator in namespace first serves first"), "{said}");
    }
    let output = install(&stack, "second", &["watchNamespaces={shop}"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_definitions_and_configuration_of_others_are_kept() {
    let stack = Stack::alone("kept").await.unwrap();
    let definitions: Api<CustomResourceDefinition> = Api::all(stack.client.clone());
    let note = |version: &str| json!({"metadata": {"annotations": {"integreatly.org/operator-version": version}}});
    let apply = async |version: &str| {
        let patch = Patch::Merge(note(version));
        definitions
            .patch("postgres.integreatly.org", &PatchParams::default(), &patch)
            .await
            .unwrap();
    };
    let others = "watchNamespaces={shop}";
    apply("9.0.0").await;
    let said = refusal(&install(&stack, "second", &[others]));
    assert!(said.contains("the CRDs are of version 9.0.0 and this chart is 0.1.0"), "{said}");
    let allowed = install(&stack, "second", &[others, "crds.allowDowngrade=true"]);
    assert!(allowed.status.success(), "{}", String::from_utf8_lossy(&allowed.stderr));
    apply("0.0.1").await;
    let said = refusal(&install(&stack, "second", &[others, "crds.install=false"]));
    assert!(said.contains("the CRDs are of version 0.0.1 and this chart needs 0.1.0"), "{said}");

    // The stack has ConfigMaps of its own, as an administrator of the Go operator would.
    let values = [others, "mappingNamespace=kept", "config.types.a.redis=openshift"];
    let output = install(&stack, "second", &values);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("kept/cloud-resource-config existed before"), "{said}");
    assert!(!said.contains("{\"redis\":\"openshift\"}"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_go_operator_and_volumes_of_more_servers_are_told() {
    let stack = Stack::alone("go").await.unwrap();
    let labels = json!({"name": "cloud-resource-operator"});
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "cloud-resource-operator", "namespace": "go"},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "operator", "image": "cro", "env": [{
                "name": "WATCH_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}},
            }]}]},
        }},
    });
    stack.apply(&serde_json::from_value(deployment).unwrap()).await.unwrap();
    for values in [&[][..], &["watchNamespaces={go,shop}"]] {
        let said = refusal(&install(&stack, "second", values));
        assert!(said.contains("the Go operator in namespace go serves go"), "{said}");
    }

    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-nats-1", "namespace": "go"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}},
    });
    stack.apply(&serde_json::from_value(volume).unwrap()).await.unwrap();
    let others = "watchNamespaces={shop}";
    let said = refusal(&install(&stack, "go", &[others]));
    assert!(said.contains("nats.replicas cannot go from 3 to 1"), "{said}");
    // What this stack has of the same names is refused next.
    let said = refusal(&install(&stack, "go", &[others, "nats.replicas=3"]));
    assert!(said.contains("invalid ownership metadata"), "{said}");
}
