//! OpenShift's Cloud Credential Operator, as a test plays it: the kind that it serves, and its answers.

use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

use crate::control_plane::define;
use crate::stack::Stack;

const GROUP: &str = "cloudcredential.openshift.io";
const KIND: &str = "CredentialsRequest";
const PLURAL: &str = "credentialsrequests";

/// It, for one request of one namespace.
pub struct Cco {
    /// Of requests.
    pub api: Api<DynamicObject>,
    secrets: Api<Secret>,
    namespace: String,
    name: String,
}

impl Cco {
    /// Makes its kind known in the cluster; the request of this name is answered when a test says so.
    pub async fn install(stack: &Stack, name: &str) -> anyhow::Result<Self> {
        define(&stack.client, vec![serde_json::from_value(definition())?]).await?;
        let gvk = GroupVersionKind::gvk(GROUP, "v1", KIND);
        let resource = ApiResource::from_gvk_with_plural(&gvk, PLURAL);
        let (client, namespace) = (|| stack.client.clone(), stack.namespace.clone());
        Ok(Self {
            api: Api::namespaced_with(client(), &namespace, &resource),
            secrets: Api::namespaced(client(), &namespace),
            name: name.to_owned(),
            namespace,
        })
    }

    /// Mints a key into the Secret that the request names, and says so.
    pub async fn answer(&self, key_id: &str) -> anyhow::Result<()> {
        let request = self.api.get(&self.name).await?;
        let reference = &request.data["spec"]["secretRef"];
        anyhow::ensure!(reference["namespace"] == self.namespace, "asked for {reference}");
        let name = reference["name"].as_str().unwrap_or_default();
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
            "stringData": {"aws_access_key_id": key_id, "aws_secret_access_key": "minted"},
        });
        self.secrets.patch(name, &manager(), &Patch::Apply(secret)).await?;
        self.say(&request, true, json!([])).await
    }

    /// Says that it cannot.
    pub async fn refuse(&self, condition: &str, message: &str) -> anyhow::Result<()> {
        let request = self.api.get(&self.name).await?;
        let condition = json!({"type": condition, "status": "True", "message": message});
        self.say(&request, false, json!([condition])).await
    }

    async fn say(
        &self,
        request: &DynamicObject,
        is_provisioned: bool,
        conditions: Value,
    ) -> anyhow::Result<()> {
        let status = json!({
            "provisioned": is_provisioned,
            "lastSyncGeneration": request.metadata.generation,
            "conditions": conditions,
        });
        let patch = Patch::Merge(json!({"status": status}));
        self.api.patch_status(&self.name, &PatchParams::default(), &patch).await?;
        Ok(())
    }
}

fn manager() -> PatchParams {
    PatchParams::apply("cloud-credential-operator").force()
}

/// Fields as in <https://github.com/openshift/cloud-credential-operator>; others are dropped by the API server.
fn definition() -> Value {
    let text = json!({"type": "string"});
    let free = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let condition = json!({
        "type": "object", "required": ["status", "type"],
        "properties": {"type": text, "status": text, "reason": text, "message": text},
    });
    let spec = json!({
        "type": "object", "required": ["secretRef"],
        "properties": {
            "cloudTokenPath": text,
            "providerSpec": free,
            "secretRef": {"type": "object", "properties": {"name": text, "namespace": text}},
            "serviceAccountNames": {"type": "array", "items": text},
        },
    });
    let status = json!({
        "type": "object", "required": ["lastSyncGeneration", "provisioned"],
        "properties": {
            "conditions": {"type": "array", "items": condition},
            "lastSyncGeneration": {"type": "integer", "format": "int64"},
            "providerStatus": free,
            "provisioned": {"type": "boolean"},
        },
    });
    let schema = json!({
        "type": "object", "required": ["spec"], "properties": {"spec": spec, "status": status},
    });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{PLURAL}.{GROUP}")},
        "spec": {
            "group": GROUP, "scope": "Namespaced",
            "names": {"kind": KIND, "listKind": format!("{KIND}List"), "plural": PLURAL, "singular": "credentialsrequest"},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}},
            }],
        },
    })
}
