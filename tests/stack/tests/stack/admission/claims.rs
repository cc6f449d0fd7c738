//! The watcher's patches to claims.

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use proto::Service;
use serde_json::{Value, json};
use stack::{Claim, Stack, eventually};

use super::{api, said};

async fn refusal(claims: &Api<DynamicObject>, patch: Value) -> Option<String> {
    let params = PatchParams { dry_run: true, ..PatchParams::default() };
    said(claims.patch("orders", &params, &Patch::Merge(&patch)).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn x04_claims_get_finalizers_annotations_and_a_status_and_nothing_else() {
    let mut stack = Stack::prepare("admit-claims").await.unwrap();
    stack.create(&Claim::postgres("orders")).await.unwrap();
    let client = stack.service(Service::Watcher).client().await.unwrap();
    let kind = json!({"apiVersion": "integreatly.org/v1alpha1", "kind": "Postgres"});
    let own = api(&client, &stack.client, &kind, &stack.namespace).await;
    let admin = api(&stack.client, &stack.client, &kind, &stack.namespace).await;
    let theirs = json!({"metadata": {"finalizers": ["example.com/theirs"]}});
    admin.patch("orders", &PatchParams::default(), &Patch::Merge(&theirs)).await.unwrap();
    eventually("the policy counts", stack.patience, async || {
        Ok(refusal(&own, json!({"metadata": {"labels": {"a": "b"}}})).await.map(drop))
    })
    .await
    .unwrap();

    let ours = "cloud-resources-operator.integreatly.org/finalizers";
    for patch in [
        json!({"metadata": {"annotations": {"resourceIdentifier": "x"}}}),
        json!({"metadata": {"finalizers": ["example.com/theirs", ours]}}),
    ] {
        assert_eq!(refusal(&own, patch.clone()).await, None, "{patch}");
    }
    let forged = [
        (json!({"spec": {"tier": "production"}}), "never writes the spec"),
        (json!({"metadata": {"labels": {"a": "b"}}}), "no other metadata"),
        (json!({"metadata": {"finalizers": []}}), "finalizers of others"),
        (
            json!({"metadata": {"finalizers": ["example.com/theirs", "example.com/mine"]}}),
            "finalizers of others",
        ),
        (json!({"metadata": {"ownerReferences": super::owner(super::UID)}}), "no other metadata"),
    ];
    for (patch, message) in forged {
        let said = refusal(&own, patch.clone()).await.unwrap_or_default();
        assert!(said.contains(message), "{patch}: {said}");
    }
    let status = Patch::Merge(json!({"status": {"phase": "in progress"}}));
    own.patch_status("orders", &PatchParams::default(), &status).await.unwrap();
}
