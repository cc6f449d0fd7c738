//! The definitions of the kinds, over whatever is there.

use crds::ClaimKind;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use setup::{Certificates, Definitions, InstallConfig, install_with};
use stack::Stack;

const NAME: &str = "postgres.integreatly.org";

fn config(allow_downgrade: bool) -> InstallConfig {
    InstallConfig {
        namespace: "definitions".to_owned(),
        crds: Definitions::Apply,
        allow_downgrade,
        certificates: Certificates::None,
    }
}

/// As the Go operator's manifest has it: no validation to speak of, applied by kubectl.
fn older() -> Value {
    let anything = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": NAME},
        "spec": {
            "group": "integreatly.org", "scope": "Namespaced",
            "names": {"kind": "Postgres", "listKind": "PostgresList", "plural": "postgres", "singular": "postgres"},
            "versions": [{
                "name": "v1alpha1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": anything, "status": anything}}},
                "subresources": {"status": {}},
            }],
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn older_definitions_are_replaced_and_objects_stay() {
    let stack = Stack::alone("definitions").await.unwrap();
    let definitions: Api<CustomResourceDefinition> = Api::all(stack.client.clone());
    let apply = PatchParams::apply("kubectl").force();
    definitions.patch(NAME, &apply, &Patch::Apply(older())).await.unwrap();
    let claims: Api<DynamicObject> = Api::namespaced_with(
        stack.client.clone(),
        "definitions",
        &ClaimKind::Postgres.api_resource(),
    );
    let claim = json!({
        "apiVersion": "integreatly.org/v1alpha1", "kind": "Postgres", "metadata": {"name": "orders"},
        "spec": {"type": "workshop", "tier": "development", "secretRef": {"name": "orders"}},
    });
    let made = claims
        .create(&PostParams::default(), &serde_json::from_value(claim).unwrap())
        .await
        .unwrap();

    install_with(stack.client.clone(), &config(false)).await.unwrap();
    let definition = definitions.get(NAME).await.unwrap();
    let schema = |definition: CustomResourceDefinition| definition.spec.versions[0].schema.clone();
    assert_eq!(schema(definition), schema(crds::definition(ClaimKind::Postgres)));
    assert_eq!(claims.get("orders").await.unwrap().metadata.uid, made.metadata.uid);
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_definitions_are_not_replaced_unless_that_is_asked_for() {
    let stack = Stack::alone("definitions").await.unwrap();
    let definitions: Api<CustomResourceDefinition> = Api::all(stack.client.clone());
    let newer =
        json!({"metadata": {"annotations": {"integreatly.org/operator-version": "99.0.0"}}});
    definitions.patch(NAME, &PatchParams::default(), &Patch::Merge(newer)).await.unwrap();

    let error = install_with(stack.client.clone(), &config(false)).await.unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("99.0.0") && error.contains("crds.allowDowngrade"), "{error}");
    install_with(stack.client.clone(), &config(true)).await.unwrap();
}
