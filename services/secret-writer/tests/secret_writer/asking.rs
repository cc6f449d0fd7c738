//! The `CredentialsRequest`, and a Cloud Credential Operator that answers, refuses, or is not there.

use kube::ResourceExt as _;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use stack::{Cco, Stack};

use crate::world::{Replica, World, eventually};

const NAME: &str = "cloud-resources-aws-credentials";

/// A replica that asks in the claims' namespace, and looks every second.
async fn asking(world: &World) -> Replica {
    let namespace = format!("--credentials-request-namespace={}", world.stack.namespace);
    world.replica_with(&[&namespace, "--credentials-request-period-seconds=1"]).await
}

async fn shows(replica: &Replica, state: &str) {
    let line = format!("secret_writer_credentials_request{{state=\"{state}\"}} 1");
    eventually(&line, async || replica.metrics().contains(&line).then_some(())).await;
    let all = replica.metrics();
    assert_eq!(all.matches("secret_writer_credentials_request{").count(), 1, "{all}");
}

async fn until(cco: &Cco, what: &str, is_it: impl Fn(&DynamicObject) -> bool) -> DynamicObject {
    eventually(what, async || cco.api.get_opt(NAME).await.ok()?.filter(&is_it)).await
}

async fn told(world: &World, reason: &str) {
    eventually(reason, async || (world.events(reason).await == 1).then_some(())).await;
}

fn actions(request: &DynamicObject) -> Vec<&str> {
    let entries = request.data["spec"]["providerSpec"]["statementEntries"].as_array();
    let actions = entries.into_iter().flatten().filter_map(|entry| entry["action"].as_array());
    actions.flatten().filter_map(Value::as_str).collect()
}

fn is_ours(request: &DynamicObject) -> bool {
    actions(request).contains(&"rds:CreateDBInstance")
        && request.data["spec"]["secretRef"]["name"] == NAME
}

/// Writes of secret-writer to the request so far.
fn writes(world: &World) -> usize {
    let user = format!("system:serviceaccount:{}:secret-writer", world.stack.namespace);
    let calls = world.stack.site().plane.calls().into_iter();
    calls.filter(|it| it.user == user && it.name == NAME && it.is_write()).count()
}

fn reads(world: &World) -> usize {
    let user = format!("system:serviceaccount:{}:secret-writer", world.stack.namespace);
    let calls = world.stack.site().plane.calls().into_iter();
    calls.filter(|it| it.user == user && it.name == NAME && it.verb == "get").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_changed_or_deleted_is_put_back_and_else_left_alone() {
    let world = World::new("asked").await;
    let cco = Cco::install(&world.stack, NAME).await.unwrap();
    let replica = asking(&world).await;
    let first = until(&cco, "asked for", is_ours).await;
    shows(&replica, "waiting").await;

    let patch = json!({
        "metadata": {"finalizers": ["cloudcredential.openshift.io/deprovision"]},
        "spec": {
            "secretRef": {"name": "elsewhere"},
            "providerSpec": {
                "stsIAMRoleARN": "arn:aws:iam::1:role/theirs",
                "statementEntries": [{"effect": "Allow", "action": ["s3:*"], "resource": "*"}],
            },
        },
    });
    cco.api.patch(NAME, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    let back = until(&cco, "put back", is_ours).await;
    assert_eq!(back.uid(), first.uid());
    assert_eq!(back.finalizers().len(), 1, "what others need stays");
    assert_eq!(back.data["spec"]["providerSpec"]["stsIAMRoleARN"], "arn:aws:iam::1:role/theirs");
    assert!(!actions(&back).contains(&"s3:*"));

    cco.api.delete(NAME, &DeleteParams::default()).await.unwrap();
    shows(&replica, "deleting").await;
    let free = json!({"metadata": {"finalizers": null}});
    cco.api.patch(NAME, &PatchParams::default(), &Patch::Merge(free)).await.unwrap();
    until(&cco, "made anew", |it| it.uid() != first.uid() && is_ours(it)).await;

    cco.answer("MINTED").await.unwrap();
    shows(&replica, "provisioned").await;
    let (written, looked) = (writes(&world), reads(&world));
    eventually("more looks", async || (reads(&world) > looked + 2).then_some(())).await;
    assert_eq!(writes(&world), written, "steady state has no write");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_never_answered_is_told_and_holds_nobody_up() {
    let world = World::new("unanswered").await;
    let cco = Cco::install(&world.stack, NAME).await.unwrap();
    let replica = asking(&world).await;
    shows(&replica, "unanswered").await;
    told(&world, "CredentialsUnanswered").await;
    // It is ready, and Secrets are written.
    world.complete("db").await;

    let limit = "LimitExceeded: Maximum policy size of 2048 bytes exceeded, RequestID: 1";
    cco.refuse("CredentialsProvisionFailure", limit).await.unwrap();
    shows(&replica, "refused").await;
    told(&world, "CredentialsRefused").await;
    cco.refuse("CredentialsProvisionFailure", "the same, RequestID: 2").await.unwrap();
    cco.answer("MINTED").await.unwrap();
    shows(&replica, "provisioned").await;
    told(&world, "CredentialsProvisioned").await;
    assert_eq!(world.events("CredentialsRefused").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_go_operators_request_keeps_its_key_and_stays_when_we_go() {
    let world = World::new("adopted").await;
    let cco = Cco::install(&world.stack, NAME).await.unwrap();
    let theirs = json!({
        "apiVersion": "cloudcredential.openshift.io/v1", "kind": "CredentialsRequest",
        "metadata": {"name": NAME, "finalizers": ["cloudcredential.openshift.io/deprovision"]},
        "spec": {
            "secretRef": {"name": NAME, "namespace": world.stack.namespace},
            "providerSpec": {
                "apiVersion": "cloudcredential.openshift.io/v1", "kind": "AWSProviderSpec",
                "statementEntries": [{"effect": "Allow", "action": ["s3:CreateBucket"], "resource": "*"}],
            },
        },
    });
    let theirs = serde_json::from_value(theirs).unwrap();
    let theirs = cco.api.create(&PostParams::default(), &theirs).await.unwrap();
    cco.answer("THEIRS").await.unwrap();
    let user = json!({"status": {"providerStatus": {"user": "theirs"}}});
    cco.api.patch_status(NAME, &PatchParams::default(), &Patch::Merge(user)).await.unwrap();

    let replica = asking(&world).await;
    let adopted = until(&cco, "brought up to date", is_ours).await;
    // The newest version is not followed yet.
    shows(&replica, "unanswered").await;
    cco.answer("THEIRS").await.unwrap();
    shows(&replica, "provisioned").await;
    assert_eq!(adopted.uid(), theirs.uid());
    assert_eq!(adopted.data["status"]["providerStatus"]["user"], "theirs");
    told(&world, "CredentialsProvisioned").await;
    drop(replica);
    // Who starts again finds it as it should be.
    let written = writes(&world);
    let replica = asking(&world).await;
    shows(&replica, "provisioned").await;
    assert_eq!((writes(&world), world.events("CredentialsProvisioned").await), (written, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_the_kind_is_told_and_holds_nobody_up() {
    let world = World::on(Stack::alone("unknown-kind").await.unwrap()).await;
    let replica = asking(&world).await;
    shows(&replica, "unknown").await;
    world.complete("db").await;
    let cco = Cco::install(&world.stack, NAME).await.unwrap();
    shows(&replica, "waiting").await;
    cco.answer("MINTED").await.unwrap();
    shows(&replica, "provisioned").await;
}
