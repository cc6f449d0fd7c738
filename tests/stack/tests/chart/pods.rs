//! X05: pods meet Pod Security `restricted`, and more.

use std::io::Write as _;
use std::process::Stdio;

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, PostParams};
use serde_json::{Value, json};
use stack::{Stack, tools};

use super::{VARIANTS, name, rendered, variant};

/// Pods of everything that runs, as `kind/name` and template.
fn templates(objects: &[Value]) -> Vec<(String, Value)> {
    let with_pods =
        objects.iter().filter(|it| it["spec"]["template"]["spec"]["containers"].is_array());
    let template = |it: &Value| {
        let mut template = it["spec"]["template"].clone();
        // Volumes that a StatefulSet adds itself.
        for claim in it["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
            let volume = json!({"name": claim["metadata"]["name"], "emptyDir": {}});
            template["spec"]["volumes"].as_array_mut().unwrap().push(volume);
        }
        template
    };
    with_pods.map(|it| (format!("{}/{}", it["kind"], name(it)), template(it))).collect()
}

#[test]
fn x05_every_container_is_bounded_and_cannot_write_to_its_image() {
    for variant_name in VARIANTS {
        let all = templates(&variant(variant_name));
        assert!(all.len() >= 5, "{variant_name}");
        for (whose, template) in all {
            let pod = &template["spec"];
            for field in ["hostNetwork", "hostPID", "hostIPC"] {
                assert!(pod.get(field).is_none(), "{variant_name}: {whose}: {field}");
            }
            for volume in pod["volumes"].as_array().into_iter().flatten() {
                assert!(volume.get("hostPath").is_none(), "{variant_name}: {whose}");
            }
            for container in pod["containers"].as_array().unwrap() {
                assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true, "{whose}");
                for bound in [
                    "/resources/limits/memory",
                    "/resources/limits/cpu",
                    "/resources/requests/memory",
                ] {
                    assert!(container.pointer(bound).is_some(), "{variant_name}: {whose}: {bound}");
                }
                assert!(!container["image"].as_str().unwrap().ends_with(":latest"), "{whose}");
            }
        }
    }
}

#[test]
fn openshift_assigns_uids_and_groups_and_others_have_fixed_ones() {
    for (whose, template) in templates(&variant("openshift")) {
        let security = template["spec"]["securityContext"].as_object().unwrap();
        assert!(
            !security.keys().any(|it| it.starts_with("fsGroup") || it.starts_with("runAsU")),
            "{whose}"
        );
    }
    let all = rendered(&["platform=openshift"]);
    assert!(!serde_json::to_string(&all).unwrap().contains("FS_GROUP"));
    for (whose, template) in templates(&rendered(&[])) {
        assert!(template["spec"]["securityContext"]["runAsUser"].as_u64().unwrap() > 0, "{whose}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x05_a_restricted_namespace_takes_all_of_it_without_a_warning() {
    let stack = Stack::prepare("chart-pods").await.unwrap();
    let pods: Api<Pod> = Api::namespaced(stack.client.clone(), "chart-pods");
    for (whose, mut template) in templates(&rendered(&[])) {
        template["metadata"]["name"] = json!("pod");
        template["spec"]["restartPolicy"] = json!("Never");
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        let pod = serde_json::from_value(template).unwrap();
        pods.create(&dry, &pod).await.unwrap_or_else(|error| panic!("{whose}: {error}"));
    }

    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": "chart-pods", "labels": {"pod-security.kubernetes.io/warn": "restricted"},
        },
    });
    stack.apply(&serde_json::from_value(namespace).unwrap()).await.unwrap();
    let all = stack::render("chart-pods", &[]).unwrap();
    let items: Vec<Value> = all.iter().map(|it| serde_json::to_value(it).unwrap()).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    let mut kubectl = std::process::Command::new(tools().unwrap().join("kubectl"))
        .env("KUBECONFIG", stack.site().plane.admin().path())
        .args([
            "apply",
            "--server-side",
            "--force-conflicts",
            "--dry-run=server",
            "--filename",
            "-",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    kubectl.stdin.take().unwrap().write_all(list.to_string().as_bytes()).unwrap();
    let output = kubectl.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}
