//! What the API server accepts, refuses and shows.

use std::process::Command;

use kube::api::{DynamicObject, Patch, PatchParams};
use serde_json::{Value, json};
use stack::{Claim, Stack, tools};

fn refusal(result: anyhow::Result<DynamicObject>) -> String {
    match result {
        Ok(object) => panic!("accepted: {}", object.data),
        Err(error) => format!("{error:#}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused_at_once() {
    let stack = Stack::prepare("crd-refused").await.unwrap();
    let cases = [
        (Claim::redis("a").with("type", ""), "spec.type"),
        (Claim::redis("a").with("tier", ""), "spec.tier"),
        (Claim::redis("a").secret(""), "secretRef.name"),
        (Claim::redis("a").secret("Not_A_Name"), "secretRef.name"),
        (Claim::redis("a").with("secretRef", Value::Null), "spec.secretRef: Required"),
        (Claim::redis("a").with("size", "a b"), "spec.size"),
        (Claim::redis("a").with("snapshotFrequency", "1w"), "spec.snapshotFrequency"),
    ];
    for (claim, part) in cases {
        let message = refusal(stack.create(&claim).await);
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn type_and_secret_are_fixed_once_provisioned_and_the_rest_is_not() {
    let stack = Stack::start("crd-fixed").await.unwrap();
    let claim = Claim::placeholder("files");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    for patch in [json!({"type": "managed"}), json!({"secretRef": {"name": "other"}})] {
        let refused = stack.patch(&claim, json!({"spec": patch})).await.unwrap_err();
        assert!(format!("{refused:#}").contains("provisioned"), "{refused:#}");
    }
    stack.patch(&claim, json!({"spec": {"tier": "production"}})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_shows_useful_columns_conditions_and_events() {
    let stack = Stack::start("crd-kubectl").await.unwrap();
    let claim = Claim::redis("cache");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let kubectl = |arguments: &[&str]| {
        let output = Command::new(tools().unwrap().join("kubectl"))
            .arg("--kubeconfig")
            .arg(stack.site().plane.admin().path())
            .args(["--namespace", &stack.namespace])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let table = kubectl(&["get", "postgres,redis,blobstorage"]);
    let columns = ["TYPE", "TIER", "PROVIDER", "PHASE", "REASON", "SECRET", "AGE"];
    for part in columns.into_iter().chain(["complete", "cache-sec"]) {
        assert!(table.contains(part), "{part}: {table}");
    }
    let description = kubectl(&["describe", "redis", "cache"]);
    for part in ["Conditions:", "SecretWritten", "Provisioned", "Events:"] {
        assert!(description.contains(part), "{part}: {description}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w07_a_finalizer_of_somebody_else_is_left_to_them() {
    let stack = Stack::start("crd-finalizer").await.unwrap();
    let claim = Claim::redis("cache");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let api = stack.claims(&claim);
    let theirs = "example.com/theirs";
    let patch = json!({"metadata": {"finalizers": [
        "cloud-resources-operator.integreatly.org/finalizers", theirs,
    ]}});
    api.patch("cache", &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    stack.delete(&claim).await.unwrap();
    let only_theirs = stack.until(&claim, "released by us", |object| {
        object.metadata.finalizers.as_deref() == Some(&[theirs.to_owned()])
    });
    only_theirs.await.unwrap();
    let patch = json!({"metadata": {"finalizers": null}});
    api.patch("cache", &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    stack.until_gone(&claim).await.unwrap();
}
