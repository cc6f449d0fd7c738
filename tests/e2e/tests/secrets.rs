//! Secrets that people delete, edit and fill in.

use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use serde_json::json;
use stack::{Claim, Stack};

fn secrets(stack: &Stack) -> Api<Secret> {
    Api::namespaced(stack.client.clone(), &stack.namespace)
}

pub async fn delete(stack: &Stack, name: &str) {
    secrets(stack).delete(name, &DeleteParams::default()).await.unwrap();
}

async fn edit(stack: &Stack, name: &str, key: &str, value: &str) {
    let patch = Patch::Merge(json!({"stringData": {key: value}}));
    secrets(stack).patch(name, &PatchParams::default(), &patch).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_and_edited_secrets_come_back_unchanged() {
    let stack = Stack::start("secrets-restored").await.unwrap();
    let claim = Claim::postgres("orders");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    for name in ["orders-sec", "orders-sec-binding", "orders-postgres-credentials"] {
        let values = stack.secret(name).await.unwrap().unwrap();
        delete(&stack, name).await;
        stack.until_secret(name, "is back", |it| *it == values).await.unwrap();
        edit(&stack, name, "password", "guessed").await;
        stack.until_secret(name, "is corrected", |it| *it == values).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_what_runs_nowhere_are_labelled() {
    let stack = Stack::start("secrets-simulated").await.unwrap();
    let claims = [Claim::postgres("a"), Claim::redis("b"), Claim::bucket("c")];
    for claim in &claims {
        stack.create(claim).await.unwrap();
    }
    // What people fill in is real.
    let placeholder = Claim::placeholder("d");
    stack.create(&placeholder).await.unwrap();
    let is_labelled = async |name: String| {
        let secret = secrets(&stack).get(&name).await.unwrap();
        secret.labels().get("integreatly.org/simulated").is_some_and(|it| it == "true")
    };
    for claim in claims.iter().chain([&placeholder]) {
        stack.until_complete(claim).await.unwrap();
        for secret in ["sec", "sec-binding"].map(|it| format!("{}-{it}", claim.name)) {
            assert_eq!(is_labelled(secret).await, claim.name != placeholder.name, "{}", claim.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_an_aws_claim_come_back_while_aws_is_down() {
    let stack = Stack::start("secrets-aws-down").await.unwrap();
    let claim = Claim::bucket("files");
    stack.create(&claim).await.unwrap();
    stack.until_complete(&claim).await.unwrap();
    let values = stack.secret("files-sec").await.unwrap().unwrap();
    stack.aws.set_down(true);
    delete(&stack, "files-sec").await;
    stack.until_secret("files-sec", "is back", |it| *it == values).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_people_filled_into_a_placeholder_are_kept() {
    let stack = Stack::start("secrets-filled").await.unwrap();
    for (claim, key, other) in [
        (Claim::placeholder("files"), "bucketName", "credentialKeyID"),
        (Claim::mail("mail"), "host", "password"),
    ] {
        let name = format!("{}-sec", claim.name);
        stack.create(&claim).await.unwrap();
        stack.until_complete(&claim).await.unwrap();
        edit(&stack, &name, key, "mine").await;
        edit(&stack, &name, "note", "kept").await;
        // A change of the claim makes everything be looked at again.
        stack.patch(&claim, json!({"spec": {"tier": "production"}})).await.unwrap();
        let seen = stack.until(&claim, "seen", |object| {
            object.data["status"]["observedGeneration"] == json!(object.metadata.generation)
                && object.data["status"]["phase"] == "complete"
        });
        seen.await.unwrap();
        let values = stack.secret(&name).await.unwrap().unwrap();
        assert_eq!((values[key].as_str(), values["note"].as_str()), ("mine", "kept"));
        assert_eq!(values[other], "REPLACE_ME");
    }
}
